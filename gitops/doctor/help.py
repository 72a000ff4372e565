"""What `gitops doctor --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

from gitops.messages import NOTHING

DOCTOR = f"""Check what a run needs, and show how to fix what is missing.

Checks the programs on this machine, Pulumi's plugins and backend, the stack's files
and secrets, and whether the cluster, the Git servers and the registry with Flux's
manifests answer. It does not report as missing what the stack does not need. It never
logs in, changes nothing, and prints no secret.

\b
Examples:
  gitops doctor                     the stack that pulumi has selected
  gitops doctor -s production       another stack
  gitops doctor --demo              only what `make demo` needs
  gitops doctor -o json | jq -r '.checks[] | select(.state == "missing").fix'

\b
States:
  ok        found
  warning   something works less well, or is unknown
  missing   it was not found, and something would fail
  failed    found, but unusable: too old, another cluster, an invalid file
  {NOTHING}         this stack does not need it (in JSON: unneeded)

\b
Exit codes:
  0    nothing is missing and nothing failed; there may be warnings
  1    something is missing or failed
  2    the command line is wrong

\b
JSON (-o json); stable while version is 1:
  version       1
  fine          true if the exit code is 0
  stack         the stack that was checked, or null
  checks        in the order of the table, each with
    group, name   what was checked
    state         ok, warning, missing, failed, unneeded
    found         a version, an address, a count; "" if none
    wrong, consequence, fix
                  what is wrong, what it would cause, what to run; "" if none
"""
