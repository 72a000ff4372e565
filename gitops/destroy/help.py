"""What `gitops destroy --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

DESTROY = """Remove a stack from its cluster. It always finishes.

First, it shows what it will remove and what stays, as the cluster is now: the policies
that the last `pulumi up` set decide, whatever the stack file says. Then it removes the stack's
Flux objects while their controllers still run, waits until what they applied is gone,
and runs `pulumi destroy` for the rest.

Where no controller runs, or the time is up, it releases the finalizers of the stack's
own objects and says which; what these applied stays in the cluster. An interrupted
run is finished by the next, which also removes what a killed `up` or `destroy` left in
a file backend: its lock, if its process is gone, and empty attributes of the state.
Pending operations in the state are cleared once the stack is gone.

\b
Examples:
  gitops destroy -s dev                  show, ask, remove
  gitops destroy -s dev --dry-run        only show
  gitops destroy -s dev --yes            without a question, for scripts
  gitops destroy -s production --yes --yes-remove-workloads-of homelab
                                         in production, what Flux applied is removed
                                         only if the cluster is named
  gitops destroy -s production --yes --keep-workloads
                                         remove Flux, keep everything it applied

\b
Exit codes:
  0    the stack is gone, or --dry-run, or the answer was no
  1    something is left; the output says what holds it
  2    the command line is wrong, the cluster or the state cannot be read, or
       something was not confirmed; nothing was removed
"""
