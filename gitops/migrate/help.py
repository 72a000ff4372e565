"""What `gitops migrate --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

MIGRATE = """Rewrite Flux's objects in the version that the cluster stores now.

A release of Flux that drops an API version cannot be installed while the cluster may
still store objects in it: `pulumi up` refuses it and names this command. It writes
every object of such a kind once, without changing it, and then notes in the CRD that
only the current version is stored, as `flux migrate` does. It can be interrupted and
run again.

\b
Examples:
  gitops migrate -s production            rewrite what is needed
  gitops migrate -s production --dry-run  only show it

\b
Exit codes:
  0    every kind is stored in its current version, or --dry-run
  2    the command line is wrong, or the cluster cannot be read or refuses
"""
