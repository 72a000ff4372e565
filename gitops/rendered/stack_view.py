"""A rendered stack as plain data: what can be compared with the same stack at another time, and handed from one process to another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flux.key_path import KeyPath, dotted
from flux.kinds import api_group
from flux.owners_mark import DELETED_AT_ONCE, FIELD_MANAGER, MANAGER_ANNOTATION
from flux.visible_text import visible
from gitops.rendered.cluster_body import FOR_THE_PROVIDER
from gitops.rendered.stack_files import StackFiles
from gitops.rendered.stack_objects import RenderedStack
from stacks.words.place import Place

FACTS = (
    "environment",
    "cluster",
    "flux",
    "age",
    "decryption",
    "credentials",
    "hosts",
    "use",
    "externalKustomizations",
    "insecureHosts",
    "takeOver",
    "removeTakenOver",
    "checkRecord",
    "acknowledge",
    "onDestroy",
)
"""Keys of the stack file that say more than the objects do. None of them can hold a secret. The others become objects as they are."""
FOR_PULUMI = "annotationsForPulumi"
"""Among the facts: object → its annotations for Pulumi's provider, which the cluster does not get."""
_EVERY = {**DELETED_AT_ONCE, MANAGER_ANNOTATION: FIELD_MANAGER}
"""What each object has."""
ObjectId = tuple[str, str, str, str]
"""Group, kind, namespace, name."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One problem."""

    where: str
    lines: str
    """As a preview shows it."""
    same_as: str
    """The same text for the same problem, whatever line it stands in, and whatever is there to choose from instead."""


@dataclass(frozen=True, kw_only=True)
class StackView:
    """One stack."""

    name: str
    refusals: tuple[Refusal, ...] = ()
    """Why it makes nothing."""
    flux_version: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """By the keys of the stack file, defaults included."""
    objects: Mapping[ObjectId, Mapping[str, Any]] = field(default_factory=dict)
    place: Callable[[ObjectId, KeyPath], Place | None] = lambda _object, _path: None
    """Where a part of an object was written; None where no file has it."""
    place_of_fact: Callable[[KeyPath], Place | None] = lambda _path: None
    files: StackFiles = field(default_factory=StackFiles)
    """What its files say besides. Read by this process itself, and in no document that it writes."""


def object_id(body: Mapping[str, Any]) -> ObjectId:
    """What an object is called."""
    metadata = body["metadata"]
    group = api_group(str(body["apiVersion"]))
    return group, str(body["kind"]), str(metadata.get("namespace", "")), str(metadata["name"])


def view_of(stack: RenderedStack) -> StackView:
    """What was rendered in this process."""
    settings = stack.settings
    if settings is None:
        refusals = (
            Refusal(
                where=visible(str(each.where)),
                lines="\n".join(each.lines),
                same_as=f"{each.where.file} {dotted(each.where.key)}: {each.message.wrong} {each.message.consequence}",
            )
            for each in stack.problems
        )
        return StackView(name=stack.name, refusals=tuple(refusals))
    planned = {object_id(each.body): each.planned for each in stack.objects if each.planned}

    def place(which: ObjectId, path: KeyPath) -> Place | None:
        found = planned.get(which)
        if found is None:
            return None
        spec = found.written.places
        is_written = len(path) > 1 and path[0] == "spec" and path[1] in spec.below and path[1] in found.written.value
        places, path = (spec, path[1:]) if is_written else (found.places, path)  # those of the whole body take longer to make
        return places.of(path) if places.has(path) else None

    whole = settings.stack.model_dump(by_alias=True, mode="json")
    return StackView(
        name=stack.name,
        flux_version=settings.installation.distribution.version,
        facts={**{key: whole[key] for key in FACTS}, FOR_PULUMI: _for_pulumi(stack)},
        objects={object_id(each.body): each.body for each in stack.objects},
        place=place,
        place_of_fact=lambda path: settings.place(*path),
    )


def _for_pulumi(stack: RenderedStack) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for each in stack.objects:
        annotations = each.planned.body["metadata"].get("annotations") if each.planned else None
        if isinstance(annotations, Mapping):
            own = {key: value for key, value in annotations.items() if str(key).startswith(FOR_THE_PROVIDER) and _EVERY.get(key) != value}
            found |= {"/".join(object_id(each.body)[1:]): own} if own else {}
    return found
