"""What `gitops drift --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

DRIFT = """Show what somebody changed in the cluster since the last `pulumi up`.

Compares every object of the stack with what applying it again would make of it, by a
dry run on the API server: nothing is changed. Says which field, by which field
manager, and since when. What Flux and people rightly write is not drift: status,
finalizers, their own annotations, defaults, and `flux suspend`, which has a line of
its own. Objects that have the stack's mark, but are in neither its file nor Pulumi's
state any more, are listed as what `pulumi up` will remove.

\b
Examples:
  gitops drift -s production              show it
  gitops drift -s production --mend       show it, and set it back
  gitops drift -s production -o json | jq '.objects[] | select(.drifted)'

\b
Exit codes:
  0    nothing differs, or --mend set it back
  1    something differs, or `pulumi up` will remove an object
  2    the command line is wrong, or the state or the cluster cannot be read
"""
