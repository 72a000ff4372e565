"""The kubeconfig: reduced to the stack's context, and compared with the cluster that the stack names."""

from dataclasses import dataclass, field

import yaml

from flux.message import Message
from flux.secret_shapes import redacted
from live.access.authority import fingerprints
from live.access.embedding import embedded
from live.access.kubeconfig import Kubeconfig, ResolvedContext
from stacks.contract.stack import Stack
from stacks.reading.validation import Validated
from stacks.words.problems import Problem, StackProblems

VARIABLE = "KUBECONFIG"
_ANOTHER = "Another cluster would be changed."
_JOINED = f"If it is in another file, add that one. Run: export {VARIABLE}=${VARIABLE}:<file>"


@dataclass(frozen=True, kw_only=True)
class PinnedCluster:
    """The cluster of a stack, found in a kubeconfig."""

    shown: str
    """What messages call the kubeconfig."""
    reached: ResolvedContext
    kubeconfig: str = field(repr=False)
    """The part of it that reaches the cluster, as text."""


def reach(kubeconfig: Kubeconfig, stack: Validated[Stack]) -> PinnedCluster:
    """The part of the kubeconfig that reaches the cluster of `stack`, with files embedded.

    The part, because the whole would put credentials of other clusters into the state; embedded, because the state is also
    read where those files are not. Server and CA have to be those that the stack pins: with another cluster's kubeconfig a
    preview stays green.

    Raises:
        StackProblems: the context is missing, or reaches another cluster.
        KubeconfigError: what the context names is missing, or cannot be used.
    """
    shown, cluster = kubeconfig.shown, stack.model.cluster
    if cluster.context not in kubeconfig.contexts:
        told = kubeconfig.without_context(cluster.context)
        another_file = f" {_JOINED}" if shown == VARIABLE else ""
        missing = Message(f"{shown} {told.wrong}", "It is unknown which cluster would be changed.", f"{told.fix}{another_file}")
        raise StackProblems([Problem(stack.place("cluster", "context"), missing)])
    reached = kubeconfig.reached(cluster.context)
    part = yaml.safe_dump(embedded(reached, shown), sort_keys=True)
    _compare(reached, stack, shown)
    return PinnedCluster(shown=shown, reached=reached, kubeconfig=part)


def _compare(reached: ResolvedContext, stack: Validated[Stack], shown: str) -> None:
    cluster, problems = stack.model.cluster, []
    context = f"context {redacted(cluster.context)} of {shown}"
    if cluster.server is not None and reached.cluster.server.rstrip("/") != cluster.server.rstrip("/"):
        wrong = f"the stack is for {cluster.server}, but {context} reaches {reached.cluster.server}"
        problems.append(Problem(stack.place("cluster", "server"), Message(wrong, _ANOTHER, "Choose that cluster's kubeconfig or stack.")))
    trusted = fingerprints(reached.cluster)
    if cluster.ca_sha256 is not None and cluster.ca_sha256 not in trusted:
        wrong = f"the stack pins the CA {cluster.ca_sha256}, but {context} trusts {' and '.join(trusted) or 'no CA of its own'}"
        fix = "If the cluster was given a new CA, write its fingerprint into the stack file."
        problems.append(Problem(stack.place("cluster", "caSha256"), Message(wrong, _ANOTHER, fix)))
    if problems:
        raise StackProblems(problems)
