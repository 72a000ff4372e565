"""The live cluster: read, and changed for `pulumi up` (takeovers, what the cluster lost), `destroy`, `migrate` and `drift --mend`.

Knows no Pulumi, no stack and no command; those ask here.

The way to a cluster:

errors              errors of the cluster, or of the way to it
kubeconfig          a kubeconfig as typed values: parsed, merged as kubectl merges, one context chosen
kubeconfig_parser   from YAML to those values
embedding           the files that a kubeconfig names, put into it
authority           the fingerprints of a cluster's certificate authority
server_address      host and port of a server
target              which kubeconfig and context a command means
api_server          whether an API server answers at all

A client of it:

client_library      what is used of the Kubernetes client library
connection          a client of a cluster, for any way of logging in
answer_model        how an answer of a server is validated
bounded_client      requests to an API server, bounded in size and time
list_pages          the pages of a list, to the last
api_answers         the models of an API server's answers
client_errors       what an API server's refusal means for a person
cluster_connection  a connection to one cluster, with the words for its errors

What is read:

flux_resources      what an API server serves of Flux
cluster_reader      the Flux objects and the controllers of a cluster
controller_faults   why a controller has no pod, or its pod does not run
fault_text          the same as lines, with the way back
running_flux        the Flux that runs, whole: installation, objects, Secrets, owners
age_secret          the age keys that a cluster has
stored_versions     in which versions etcd may hold Flux's objects, and how `migrate` rewrites them
namespace_content   what holds a namespace that is being deleted
held_objects        which of a stack's other objects somebody's finalizer holds
flux_removal        the Flux objects as `destroy` sees and removes them

Who owns an object:

object_metadata     the metadata that says it, without what the object holds
object_owners       the owner, by this metadata
wanted_objects      what a stack will make, as the API server calls it
owned_objects       what exists of what a stack will make, and who owns it
field_writers       who wrote a field, and when
applied_part        what somebody applied of an object
released_fields     a former owner's fields, given to the stack
marked_objects      the removal of objects that carry the stack's mark, and that Pulumi's state does not know
compared_objects    what applying declared objects would change, by a dry run; and setting it back
"""
