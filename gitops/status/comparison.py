"""What a stack declares, compared with what the cluster has: an object that the cluster never got cannot show up as not ready.

The stack is the one whose file is for this very cluster, by the server that it pins or else by its context. So the comparison is
with the right stack whichever one pulumi has selected, and a cluster that no file is for is shown without one. Only files are
asked: neither pulumi, nor the state, nor a secret, nor the network.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from gitops.project import project_here
from gitops.stack_file import plain_values, stack_file, stack_names, text_at
from gitops.status.controllers import BRING_BACK, MISSING, missing_controller
from gitops.status.groups import group_of
from gitops.status.row import Readiness, StatusRow
from live.access.authority import fingerprints
from live.access.target import Target


@dataclass(frozen=True, kw_only=True)
class Declared:
    """An object that a stack makes."""

    api_version: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A stack's objects, or why they are not known."""

    stack: str | None = None
    """The stack that the cluster was compared with."""
    objects: tuple[Declared, ...] = ()
    """What it declares: its Flux objects, and the Deployments of the controllers."""
    why_not: str = ""
    """Why the cluster was not compared with a stack."""

    def within(self, namespace: str | None) -> "Comparison":
        """The same for only one namespace; None: for all."""
        if namespace is None or self.stack is None:
            return self
        objects = tuple(each for each in self.objects if each.namespace == namespace)
        nothing = Comparison(why_not=f"stack {self.stack} declares nothing in namespace {namespace}")
        return replace(self, objects=objects) if objects else nothing

    def missing(self, rows: Iterable[StatusRow]) -> list[StatusRow]:
        """A row for each object that the stack declares and that none of `rows` shows to be there."""
        there = {row.reference for row in rows if row.reason != MISSING}
        return [_missing(each, self.stack or "") for each in self.objects if _reference(each) not in there]

    def summary(self, rows: Iterable[StatusRow]) -> str:
        """In one line, how the comparison went."""
        if self.stack is None:
            return f"Not compared with a stack: {self.why_not}."
        count = len(self.missing(rows))
        if count and count == len(self.objects):
            return (
                f"Compared with stack {self.stack}: the cluster has none of its {count} declared objects, as after `pulumi destroy`. "
                f"To install them, run: {BRING_BACK}"
            )
        verdict = (
            f"{count} of {len(self.objects)} declared objects {'is' if count == 1 else 'are'} missing"
            if count
            else "no Flux object or controller is missing"
        )
        return f"Compared with stack {self.stack}: {verdict}."


NOT_COMPARED = Comparison(why_not="no comparison was requested")


def compare(stack: str | None, target: Target) -> Comparison:
    """What `stack`, else the stack whose file is for the cluster of `target`, declares."""
    if stack is not None:
        return _declared(stack) if _is_for(stack, target) else Comparison(why_not=f"{stack_file(stack)} is for another cluster")
    found = [name for name in stack_names() if _is_for(name, target)]
    if len(found) > 1:
        return Comparison(why_not=f"{' and '.join(map(stack_file, found))} are for this cluster; choose one with --stack")
    return _declared(found[0]) if found else Comparison(why_not=_no_stack_file())


def _no_stack_file() -> str:
    if project_here() is None:
        return "no project here; run it in your clone, or name the clone: gitops --cwd DIRECTORY status"
    return "no stack file here is for this cluster"


def _is_for(stack: str, target: Target) -> bool:
    values = plain_values(stack)
    server, authority = text_at(values, "cluster", "server"), text_at(values, "cluster", "caSha256")
    if authority and authority not in fingerprints(target.reached.cluster):
        return False
    if server:
        return server.rstrip("/") == target.server.rstrip("/")
    return text_at(values, "cluster", "context") == target.context


def _declared(stack: str) -> Comparison:
    if not _manifests_are_here(stack):
        return Comparison(why_not=f"the manifests of stack {stack} are not in the cache; a preview fetches them")
    # Here and not above: they load Pulumi, which takes a second that a cluster without a stack need not cost.
    from stacks.offline import load_settings_offline
    from stacks.words.problems import StackProblems

    try:
        settings = load_settings_offline(stack)
    except StackProblems as error:
        count = f"{len(error.problems)} problem{'' if len(error.problems) == 1 else 's'}"
        return Comparison(why_not=f"the files of stack {stack} have {count}; see: gitops doctor --stack {stack}")
    bodies = [*_deployments(settings.installation.objects.controllers), *(planned.body for planned in settings.chosen.bodies)]
    return Comparison(stack=stack, objects=tuple(_of(body) for body in bodies))


def _manifests_are_here(stack: str) -> bool:
    """Whether reading the settings asks no registry."""
    from flux.environment import cache_root
    from flux.errors import FluxInputError
    from flux.release.artifact import is_kept
    from flux.release.artifact_reference import parse_reference

    written = text_at(plain_values(stack), "flux", "manifests")
    if written is None or written.startswith((".", "/")):
        return True
    try:
        return is_kept(parse_reference(written), cache_root())
    except FluxInputError:
        return True  # what is wrong with it is told with the rest


def _deployments(controllers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [body for body in controllers if body["kind"] == "Deployment"]


def _of(body: Mapping[str, Any]) -> Declared:
    metadata = body["metadata"]
    return Declared(
        api_version=str(body["apiVersion"]),
        kind=str(body["kind"]),
        namespace=str(metadata.get("namespace", "")),
        name=str(metadata["name"]),
    )


def _reference(each: Declared) -> ObjectReference:
    return ObjectReference(each.kind, each.namespace, each.name)


def _missing(each: Declared, stack: str) -> StatusRow:
    if each.kind == "Deployment" and each.namespace == FLUX_NAMESPACE:
        return missing_controller(each.name, f"stack {stack} declares it: {BRING_BACK}")
    return StatusRow(
        api_version=each.api_version, kind=each.kind, namespace=each.namespace, name=each.name, group=group_of(each.api_version),
        ready=Readiness.NO, reason=MISSING, message=f"stack {stack} declares it, and the cluster lacks it: {BRING_BACK}",
    )  # fmt: skip
