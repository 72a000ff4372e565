"""The kubeconfig: reduced to the stack's context, and compared with the cluster that the stack names."""

from dataclasses import dataclass, field

import yaml

from flux.message import Message
from flux.secret_shapes import redacted
from live.authority import fingerprints
from live.embedding import embedded
from live.kubeconfig import Kubeconfig, Reached
from stacks.contract.stack import Cluster
from stacks.words.place import outside
from stacks.words.problems import Problem, StackProblems

CONTEXT, SERVER, AUTHORITY = "gitops:cluster.context", "gitops:cluster.server", "gitops:cluster.caSha256"
_ANOTHER = "Another cluster would be changed."


@dataclass(frozen=True, kw_only=True)
class PinnedCluster:
    """The cluster of a stack, found in a kubeconfig."""

    shown: str
    """What messages call the kubeconfig."""
    reached: Reached
    kubeconfig: str = field(repr=False)
    """The part of it that reaches the cluster, as text."""


def reach(kubeconfig: Kubeconfig, cluster: Cluster) -> PinnedCluster:
    """The part of the kubeconfig that reaches `cluster`, with files embedded.

    The part, because the whole would put credentials of other clusters into the state; embedded, because the state is also
    read where those files are not. Server and CA have to be those that the stack pins: with another cluster's kubeconfig a
    preview stays green.

    Raises:
        StackProblems: the context is missing, or reaches another cluster.
        KubeconfigError: what the context names is missing, or cannot be used.
    """
    shown = kubeconfig.shown
    if cluster.context not in kubeconfig.contexts:
        told = kubeconfig.without_context(cluster.context)
        missing = Message(f"{shown} {told.wrong}", "It is unknown which cluster would be changed.", told.fix)
        raise StackProblems([Problem(outside(CONTEXT), missing)])
    reached = kubeconfig.reached(cluster.context)
    part = yaml.safe_dump(embedded(reached, shown), sort_keys=True)
    _compare(reached, cluster, shown)
    return PinnedCluster(shown=shown, reached=reached, kubeconfig=part)


def _compare(reached: Reached, cluster: Cluster, shown: str) -> None:
    problems = []
    context = f"context {redacted(cluster.context)} of {shown}"
    if cluster.server is not None and reached.cluster.server.rstrip("/") != cluster.server.rstrip("/"):
        wrong = f"the stack is for {cluster.server}, but {context} reaches {reached.cluster.server}"
        problems.append(Problem(outside(SERVER), Message(wrong, _ANOTHER, "Choose that cluster's kubeconfig or stack.")))
    trusted = fingerprints(reached.cluster)
    if cluster.ca_sha256 is not None and cluster.ca_sha256 not in trusted:
        wrong = f"the stack pins the CA {cluster.ca_sha256}, but {context} trusts {' and '.join(trusted) or 'none'}"
        fix = "If the cluster was given a new CA, write its fingerprint into the stack file."
        problems.append(Problem(outside(AUTHORITY), Message(wrong, _ANOTHER, fix)))
    if problems:
        raise StackProblems(problems)
