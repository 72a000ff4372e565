"""What `gitops up --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

UP = """Run `pulumi up`, and say why if a controller does not come up.

Everything after `--` goes to pulumi. If it fails, the controllers that do not run are
listed: why they have no pod (quota, PodSecurity, webhook) or why it does not run, the
last events, the end of the log, and the way back.

It first removes what a killed run left in a file backend (its lock, if its process is
gone; empty attributes of the state), and clears the pending operations in the state
once `pulumi up` has succeeded, so that one command is enough.
In another backend, the process may run elsewhere: `pulumi cancel` removes its lock.

--fast writes the state once, at the end, instead of after every step: with hundreds of
sources that takes most of the time. If such a run is killed, it is missing from the
state; the next `up` takes over its objects by their owner's mark.

\b
Examples:
  gitops up -s production                  as pulumi up: shows a preview and asks
  gitops up -s production -- --yes         without a question, for scripts
  gitops up -s production --fast -- --yes --skip-preview

\b
Exit codes: those of pulumi up; 2: the command line is wrong, or pulumi cannot be run.
"""
