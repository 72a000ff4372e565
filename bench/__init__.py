"""`make bench`: this program's `pulumi up` beside a bare Pulumi program and kubectl, on fresh embedded clusters. See docs/benchmark.md."""
