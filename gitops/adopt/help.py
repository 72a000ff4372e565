"""What `gitops adopt --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

ADOPT = """Describe a Flux that runs as a stack, and show how to take it over.

Reads the cluster and who owns what, recognises the tool that installed Flux, and
prints the stack file and the catalog that describe it, so that no controller restarts
and nothing that Flux applied changes. Then it lists the steps that end the former
ownership, and checks each in the cluster and in the clone: run it again after every
step. It changes nothing in the cluster and nothing in Git.

\b
Examples:
  gitops adopt production                 print both files, and the steps
  gitops adopt production --output .      write them into the clone
  gitops adopt production                 again: what is done, and what is next
  gitops adopt production --with-secrets  set the stack's secrets from the cluster

\b
It recognises (docs/how-to/adopt.md has the steps of each):
  flux install, flux bootstrap, Terraform's provider fluxcd/flux, flux-operator, the
  community chart flux2, and the cluster-template, before and after it used
  flux-operator

Secret values are never printed or written to a file. --with-secrets hands each to
`pulumi config set --secret` through a pipe, so that it is encrypted at once.

\b
Exit codes:
  0    every step is done
  1    there is something left to do
  2    the command line is wrong, or the cluster cannot be read
"""
