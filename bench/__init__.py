"""`make bench`: this program's `pulumi up` beside a bare Pulumi program and kubectl, on fresh embedded clusters. See docs/benchmark.md.

__main__          what `make bench` runs
rounds            every contender once in each round, on a cluster of its own
report            from times to ratios, and the tables that show them
contenders        the three that are compared, and what of each is timed
declared_objects  the objects that a stack declared, in the order in which an empty cluster accepts them
program_copy      a copy of this clone's program, larger on request
bare_program      the floor: a Pulumi program of raw resources; copied, never imported
fresh_clusters    the directory of one benchmark, and the clusters in it
timed_commands    a command against the clock
validation_time   from the files' values to judged bodies, as a ratio to parsing their YAML
check_time        `gitops check` of two versions side by side: `python -m bench.check_time`
errors            the exception that a person reads
"""
