"""What `gitops status --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

from gitops.messages import NOTHING

STATUS = f"""Flux's controllers and objects in a cluster: revision, readiness, message.

\b
READY is
  yes        its controller says so of the newest generation; a controller runs
  no         it failed, is missing, is being deleted, or nobody came to it for
             two intervals; a controller does not run
  unknown    its controller is at work on it, or has not reported on it yet
  suspended  somebody told Flux to leave it alone
  {NOTHING}          it has no status, so there is nothing to wait for

Missing is what the stack declares and the cluster lacks. The stack is the one whose
file is for this cluster, or --stack; without any, a line says that nothing was
compared.

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
  stack       the stack that the cluster was compared with, or null
  notCompared why it was not compared with one, or null
  objects     in the order of the table, each with
    apiVersion, kind, namespace, name
    group       controllers, sources, kustomizations, releases, notifications,
                images, other
    ready       yes, no, unknown, suspended, none (the table's {NOTHING})
    stalled     true: its controller has given up until something changes
    reconciling true: its controller is at work on it, or retries
    reason      the condition's, or one of NotReported, Outdated, Deleting,
                Suspended, NoStatus, Missing, Stale; of a controller Running,
                ScaledToZero, NotAvailable, Progressing, Outdated, Deleting,
                Missing, or the Deployment's own
    message     what the controller says
    revision    of the source, as applied, or of the chart; of a controller its
                version; "" for none
    lastChange  2026-11-23T12:00:00Z, or null
    lastReconciled
                the newest sign of a reconciliation; of a controller, that any
                of its objects shows; or null
    restarts    of a controller, or null where its pods cannot be read
"""
