"""`make bench`: this program beside a bare Pulumi program, kubectl and OpenTofu, on fresh embedded clusters. See docs/benchmark.md.

__main__           what `make bench` runs
rounds             every contender once in each round, on a cluster of its own
goals              what is wanted of the ratios, and whether a run met it
report             from measures to ratios, and the tables that show them
contenders         this program, the bare one and kubectl, and what of each is measured
opentofu           OpenTofu with the kubectl provider
measures           what is measured of a contender in one round
declared_objects   the objects that a stack declared, in the order in which an empty cluster accepts them
program_copy       a copy of this clone's program, larger or earlier on request
bare_program       the floor: a Pulumi program of raw resources; copied, never imported
fresh_clusters     the directory of one benchmark, and the clusters in it
timed_commands     a command against the clock
session_memory     the memory that its processes take
validation_time    from the files' values to judged bodies, as a ratio to parsing their YAML
pull_request_time  `gitops render` and `gitops compare`, as ratios to the same
render_time        `gitops render` of the production stack, beside kubectl
check_time         `gitops check` of two versions side by side: `python -m bench.check_time`
errors             the exception that a person reads
"""
