"""What `gitops compare --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

COMPARE = """Show what a change does to every stack, in Flux's words.

Compares what two revisions make: sources, Kustomizations, credentials, keys, and Flux
itself. What to check before merging comes first, the worst of it at the top: what is
deleted, who gets a credential, what is trusted more than before. It needs neither a cluster, nor Pulumi's
CLI and state, nor a secret, and does not touch the working tree.

\b
Examples:
  gitops compare origin/main             the working tree as it is, against main
  gitops compare v1.0 v1.1 -s production two revisions of one stack
  gitops compare origin/main -o markdown for a comment at a pull request
  gitops compare origin/main --preview preview.json
                                         with the state: what had drifted before
  gitops compare origin/main -o json | jq -r '.decisions[].text'
  gitops compare origin/main --follow    and what Flux does with the repositories

\b
In a clone of a repository that Flux syncs, with the stacks in another directory:
  gitops --cwd ../gitops compare --repository homelab-k8s2 origin/main
                                         which objects are added, changed and removed

With helm on PATH, --repository and --follow pull the charts of HelmReleases, without
a login, and show which of their objects are added, changed and removed. Otherwise,
they show what changes of chart, version and values, and say that the chart was not
rendered.

The files of both revisions are read by this program's code, and nothing in them is
run. --with-its-own-code runs the program of each revision instead, to show what a
change of the program does: use it only for revisions whose authors you trust.

\b
Exit codes:
  0    it was compared
  1    a stack would be refused that was not before, or for other reasons; or Flux
       could no longer apply a Kustomization or fetch a source's revision, or not
       do so for a new one
  2    the command line is wrong, or a revision does not exist; stderr says what to do
  3    something changes, and --expect-no-changes was given

JSON (-o json) is stable while version is 1: docs/compare.md and
schema/compare.schema.json describe it.
"""
