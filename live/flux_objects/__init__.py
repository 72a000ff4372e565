"""The Flux that runs in a cluster: its installation, its objects, its keys, and what holds it when it goes.

flux_resources     what an API server serves of Flux
cluster_reader     the Flux objects and the controllers of a cluster
controller_faults  why a controller has no pod, or its pod does not run
fault_text         the same as lines, with the way back
running_flux       the Flux that runs, whole: installation, objects, Secrets, owners
age_secret         the age keys that a cluster has
namespace_content  what holds a namespace that is being deleted
held_objects       which of a stack's other objects somebody's finalizer holds
flux_removal       the Flux objects as `destroy` sees and removes them
"""
