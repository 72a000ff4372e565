"""What `gitops migrate --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

MIGRATE = """Rewrite Flux's objects in the version that the cluster stores now.

A release of Flux that drops an API version cannot be installed while the cluster may
still store objects in it, or managed fields name it: `pulumi up` refuses it and names
this command. As `flux migrate` does, it writes every object of such a kind once,
without changing it, and then notes in the CRD that only the current version is
stored. In an object's managed fields, it replaces every other version by the current
one: if one is gone, no apply of the object succeeds. It can be interrupted and run
again, also after an upgrade.

\b
Examples:
  gitops migrate -s production            rewrite what is needed
  gitops migrate -s production --dry-run  only show it

\b
Exit codes:
  0    everything is in its current version, or --dry-run
  2    the command line is wrong, or the cluster cannot be read or refuses
"""
