"""Whether the cluster that is reached is the one in which the stack was applied. Another one may answer under the same context."""

from collections.abc import Iterator

from flux.message import Message
from flux.owners_mark import CLUSTER_UID_ANNOTATION
from flux.visible_text import visible
from live.client.object_metadata import LiveMetadata
from stacks.contract.stack import Stack
from stacks.contract.texts import PRINTS_UID
from stacks.words.place import PlaceOf
from stacks.words.problems import Problem

_ANOTHER = "Another cluster would be changed."
_WRONG_CLUSTER = "Everything would be created in the wrong cluster, and the old one left alone."


def another_cluster(stack: Stack, place: PlaceOf, uid: str | None, namespace: LiveMetadata | None) -> Iterator[Problem]:
    """The refusal of a cluster whose `uid` is another than the pinned one: that of the stack file, else that of its own `namespace`."""
    stated = stack.cluster.uid
    if stated is not None and uid != stated:
        has = f"has {visible(uid)}" if uid else "does not say"
        wrong = f"the stack is for the cluster whose kube-system has the UID {stated}, but the one that is reached {has}"
        fix = "Choose that cluster's kubeconfig or stack. If the cluster was rebuilt, write its new UID."
        yield Problem(place("cluster", "uid"), Message(wrong, _ANOTHER, fix))
    pinned = namespace.annotations.get(CLUSTER_UID_ANNOTATION) if namespace else None
    if stated is None and pinned and uid and pinned != uid:
        wrong = (
            f"the objects of this stack were applied in the cluster whose kube-system has the UID {visible(pinned)}, "
            f"but they are now in one that has {visible(uid)}"
        )
        fix = f"If they were restored there and this stack is to go on with them, write gitops:cluster.uid: {visible(uid)} ({PRINTS_UID})."
        yield Problem(place("cluster"), Message(wrong, _ANOTHER, fix))


def not_of_the_state(stack: Stack, place: PlaceOf, uid: str | None, in_state: str) -> Iterator[Problem]:
    """The refusal of a cluster whose `uid` is not the one that Pulumi's state has, unless the stack file states it.

    The cluster's own mark says nothing where the cluster is empty, and a rebuilt one looks like somebody else's.
    """
    if stack.cluster.uid is None and uid and in_state and in_state != uid:
        wrong = (
            f"Pulumi's state is of the cluster whose kube-system has the UID {visible(in_state)}, "
            f"but context {visible(stack.cluster.context)} reaches one that has {visible(uid)}"
        )
        fix = f"Choose that cluster's kubeconfig. If the cluster was rebuilt, write gitops:cluster.uid: {visible(uid)} ({PRINTS_UID})."
        yield Problem(place("cluster"), Message(wrong, _WRONG_CLUSTER, fix))
