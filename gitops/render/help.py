"""What `gitops render --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

RENDER = """Write every object that a stack makes, as YAML.

Reads the stack files and the catalog as a preview does, and needs neither Pulumi's CLI
and state, nor the cluster, nor a secret: placeholders such as
<secret gitops:age-2026-11> stand for secrets. The same files give the same text.

\b
Examples:
  gitops render -s production           one stack, to stdout
  gitops render --output-dir rendered   every stack, one file for each object:
                                        rendered/<stack>/<kind>.<namespace>.<name>.yaml
  gitops render -s production | grep -A8 'kind: GitRepository'

--output-dir replaces and removes only files that an earlier `gitops render` wrote.
Annotations under pulumi.com/ are left out: only Pulumi's provider reads them.
docs/render.md shows how to continue without this program.

\b
Exit codes:
  0    every stack was written
  1    a stack is refused; stderr shows what `pulumi preview` would. Others are written
  2    the command line is wrong, or a file is in the way; stderr says what to do
"""
