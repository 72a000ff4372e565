"""What `gitops doctor --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

from gitops.messages import NOTHING

DOCTOR = f"""What a run needs: what is installed, reachable and at hand, and how to get the rest.

Looks at the programs of this machine, at Pulumi's plugins and backend, at the stack's
files and secrets, and whether its cluster, its Git servers and the registry with Flux's
manifests answer. What the stack has no use for is not called missing. It logs in
nowhere, changes nothing, and prints no secret.

\b
Examples:
  gitops doctor                     the stack that pulumi has selected
  gitops doctor -s production       another one
  gitops doctor --demo              only what `make demo` needs
  gitops doctor -o json | jq -r '.checks[] | select(.state == "missing").fix'

\b
States:
  ok        it is there
  warning   something works less well, or is unknown
  missing   it is not there, and something would fail
  failed    it is there, and does not do: too old, another cluster, a faulty file
  {NOTHING}         this stack has no use for it (in JSON: unneeded)

\b
Exit codes:
  0    nothing is missing and nothing failed; warnings may be
  1    something is
  2    a mistake in the command

\b
JSON (-o json); stable while version is 1:
  version       1
  fine          true or false, as the exit code says
  stack         the one that was looked at, or null
  checks        in the order of the table, each with
    group, name   what was looked at
    state         ok, warning, missing, failed, unneeded
    found         a version, an address, a count; "" for none
    wrong, consequence, fix
                  what is wrong, what would come of it, what to run; "" for none
"""
