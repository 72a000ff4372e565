"""What `gitops status --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

from gitops.messages import NOTHING

STATUS = f"""Show Flux's controllers and objects in a cluster: revision, readiness, message.

\b
READY is
  yes        Ready is True for the newest generation; a controller is running
  no         it failed, is missing, is being deleted, or was not reconciled for
             two intervals; a controller is not running
  unknown    its controller is reconciling it, or has not reported on it yet
  suspended  spec.suspend is set
  {NOTHING}          it has no status, so there is nothing to wait for

An object is missing if the stack declares it and the cluster does not have it. The stack is
the one whose file is for this cluster, or --stack. If there is none, a line says that
nothing was compared.

AGE counts from the last change of readiness or revision. A wide terminal shows
a table, a narrow one a list, a pipe one line for each object.

\b
Exit codes:
  0    everything is ready ("suspended" and "{NOTHING}" do not count)
  1    something is not ready, even after --wait; or there are no Flux objects
  2    the command line is wrong, or the cluster cannot be read; stderr says what
       to do, stdout is empty
  130  interrupted

\b
JSON (-o json), with full messages and revisions; stable while version is 1:
  version     1
  allReady    true if the exit code is 0
  ready       how many objects are ready
  counted     how many objects count
  stack       the stack that the cluster was compared with, or null
  notCompared why it was not compared with one, or null
  objects     in the order of the table, each with
    apiVersion, kind, namespace, name
    group       controllers, sources, kustomizations, releases, notifications,
                images, other
    ready       yes, no, unknown, suspended, none (the table's {NOTHING})
    stalled     true: its controller has given up until something changes
    reconciling true: its controller is reconciling it, or retrying
    reason      the condition's reason, or one of NotReported, Outdated, Deleting,
                Suspended, NoStatus, Missing, Stale; for a controller Running,
                ScaledToZero, NotAvailable, Progressing, Outdated, Deleting,
                Missing, or the Deployment's own reason
    message     the controller's message
    revision    the source's, the applied one, or the chart's; for a controller its
                version; "" if none
    lastChange  2026-11-23T12:00:00Z, or null
    lastReconciled
                the newest sign of a reconciliation (for a controller, in any of
                its objects), or null
    restarts    for a controller; null if its pods cannot be read
"""
