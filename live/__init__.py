"""The live cluster: read, and changed for `pulumi up` (takeovers, what the cluster lost), `destroy`, `migrate` and `drift --mend`.

Knows no Pulumi, no stack and no command; those ask here.

errors          errors of the cluster, or of the way to it
kubeconfig      a kubeconfig as typed values: parsed, merged as kubectl merges, one context chosen
kubeconfig_parser   from YAML to those values
embedding       the files that a kubeconfig names, put into it
authority       the fingerprints of a cluster's certificate authority
server_address  host and port of a server
target          which kubeconfig and context a command means
api_server      whether an API server answers at all
client_library  what is used of the Kubernetes client library
connection      a client of a cluster, for any way of logging in
answer_model    how an answer of a server is validated
bounded_client  requests to an API server, bounded in size and time
list_pages      the pages of a list, to the last
api_answers     the models of an API server's answers
client_errors   what an API server's refusal means for a person
cluster_connection  a connection to one cluster, with the words for its errors
object_metadata whose an object is, as the API server says it
age_secret      the age keys that a cluster has
object_owners   whose an object is, by its metadata
released_fields a former owner's fields, given to the stack
wanted_objects  what a stack will make, as the API server calls it
owned_objects   what exists of what a stack will make, and whose it is
cluster_reader  the Flux objects and the controllers of a cluster
"""
