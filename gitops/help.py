"""What `--help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

from gitops.messages import NOTHING

GITOPS = """What Flux makes of a cluster that this program set up.

`pulumi up` installs Flux, registers the sources and hands over. From then on the
cluster follows Git, and this command says how far it has come. It only reads: it
changes neither the cluster nor the stack.

\b
Examples:
  gitops status                 every source, Kustomization and Helm release:
                                its revision, whether it is ready, and why not
  gitops status --wait 300      the same after a change, once all is ready
  gitops status --context admin@homelab -n flux-system
                                another cluster, one namespace
  gitops status -o json | jq -r '.objects[] | select(.ready == "no").message'
                                for scripts

The demo's cluster is the one that is asked after: eval "$(make -s env)"
"""

STATUS = f"""Every Flux object of a cluster: revision, readiness, message.

\b
READY is
  yes        its controller says so of the newest generation
  no         it failed, or it is being deleted
  unknown    its controller is at work on it, or has not reported on it yet
  suspended  somebody told Flux to leave it alone
  {NOTHING}          it has no status, so there is nothing to wait for

AGE counts from the last change of readiness or revision. A wide terminal shows
a table, a narrow one a list, a pipe one line for each object.

\b
Exit codes:
  0    everything is ready ("suspended" and "{NOTHING}" do not count)
  1    something is not, even after --wait; or there is no Flux object at all
  2    a mistake in the command, or the cluster cannot be asked; says what and
       what to do on stderr, and nothing on stdout
  130  interrupted

\b
JSON (-o json), texts and revisions whole; stable while version is 1:
  version     1
  allReady    true or false, as the exit code says
  ready       how many are ready
  counted     out of how many
  objects     in the order of the table, each with
    apiVersion, kind, namespace, name
    group       sources, kustomizations, releases, notifications, images, other
    ready       yes, no, unknown, suspended, none (the table's {NOTHING})
    stalled     true: its controller has given up until something changes
    reconciling true: its controller is at work on it, or retries
    reason      the condition's, or one of NotReported, Outdated, Deleting,
                Suspended, NoStatus
    message     what the controller says
    revision    of the source, as applied, or of the chart; "" for none
    lastChange  2026-11-23T12:00:00Z, or null
"""
