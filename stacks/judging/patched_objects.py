"""What comes of `flux.patches`: each object that they change is judged as the API server would judge it, and as its controller needs it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flux.any_shape import entries
from flux.finding import Finding
from flux.key_path import KeyPath
from flux.merge_patch import merge_patch
from flux.message import Message
from flux.minor_version import minor_of
from flux.object_reference import reference_of
from flux.owners_mark import reserved_in
from flux.release.install import install_objects
from flux.release.install_options import InstallPatch
from flux.release.known_flags import Minor
from flux.release.wrong_flags import names_in, wrong_flag
from flux.schema.built_in import built_in_findings
from flux.schema.deployments import CONTAINERS
from stacks.choosing.choice import mark_is_reserved
from stacks.choosing.installation import Installation
from stacks.contract.stack import Stack
from stacks.reading.validation import Validated
from stacks.words.problems import Problem

_NEEDED = ("image", "args", "env", "ports", "volumeMounts")
"""What a controller does not run without, or is not reached without."""
Body = Mapping[str, Any]


def check_patched_objects(stack: Validated[Stack], installation: Installation, problems: list[Problem]) -> None:
    """Add a problem at each patch that makes an object which the API server would refuse, or with which a controller would not run."""
    options = installation.options
    if not options.patches:
        return
    for index, each in enumerate(stack.model.flux.patches):
        for _, key in reserved_in(each.patch.get("metadata")):
            problems.append(Problem(stack.place("flux", "patches", index, "patch", "metadata"), mark_is_reserved(key)))
    plain = install_objects(installation.distribution, replace(options, patches=[]))
    minor = minor_of(installation.distribution.version)
    for body in (*plain.definitions, *plain.controllers):
        patches = {
            index: patch.patch
            for index, patch in enumerate(stack.model.flux.patches)
            if InstallPatch(kind=patch.kind, name=patch.name, patch=patch.patch) in options.patches
            and (patch.kind, patch.name) == (body["kind"], body["metadata"]["name"])
        }
        for index, finding in _blamed(body, patches, minor):
            problems.append(Problem(stack.place("flux", "patches", index, "patch", *finding.path), finding.message))


def _blamed(body: Body, patches: Mapping[int, Body], minor: Minor | None) -> Iterator[tuple[int, Finding]]:
    """What is wrong after all patches, each with the last patch before which it was not."""
    blame: dict[Finding, int] = {}
    patched: Body = body
    for index, patch in patches.items():
        patched = merge_patch(patched, patch)
        blame = {finding: blame.get(finding, index) for finding in _findings(body, patched, minor)}
    yield from ((index, finding) for finding, index in blame.items())


def _findings(before: Body, after: Body, minor: Minor | None) -> list[Finding]:
    found = built_in_findings(after)
    if before["kind"] != "Deployment":
        return found
    if lost := _lost(before, after):
        return [*(each for each in found if each.path[: len(CONTAINERS)] != CONTAINERS), lost]
    return [*found, *_wrong_arguments(before, after, minor)]


def _lost(before: Body, after: Body) -> Finding | None:
    """The controller's own container, or a part of it, that a replaced list lacks."""
    own, controller = _containers(before)[0], before["metadata"]["name"]
    containers = _containers(after)
    kept = next((each for each in containers if each.get("name") == own["name"]), None)
    lost = [key for key in _NEEDED if key in own and not (kept or {}).get(key)]
    if kept is not None and not lost:
        return None
    if kept is None:
        wrong = f"has no container with the name {own['name']}: a merge patch replaces the whole list"
    else:
        wrong = f"lacks {', '.join(lost)} of the container {own['name']}: a merge patch replaces the whole list"
    is_refused = not containers or any(not each.get(key) for each in containers for key in ("name", "image"))
    would = "The API server would refuse the Deployment." if is_refused else f"{controller} would not run."
    changed = [key for key, part in (("resources", "resources"), ("flags", "args")) if any(part in each for each in containers)]
    instead = " and ".join(f"gitops:flux.{key}.{controller}" for key in changed)
    if instead:
        fix = f"Write {instead} instead, or repeat the whole container, starting with name: {own['name']}."
    else:
        fix = f"Repeat the whole container: name: {own['name']}, {', '.join(_NEEDED)}."
    return Finding(object=reference_of(dict(before)), path=CONTAINERS, message=Message(wrong, would, fix))


def _wrong_arguments(before: Body, after: Body, minor: Minor | None) -> Iterator[Finding]:
    controller = before["metadata"]["name"]
    name = _containers(before)[0]["name"]
    for index, container in enumerate(_containers(after)):
        arguments = container.get("args")
        if container.get("name") != name or not isinstance(arguments, list):
            continue
        for number, argument in enumerate(arguments):
            for flag in names_in([argument]):
                path: KeyPath = (*CONTAINERS, index, "args", number)
                if message := wrong_flag(controller, flag, minor):
                    yield Finding(object=reference_of(dict(before)), path=path, message=message)


def _containers(body: Body) -> list[Body]:
    return [container for _, container in entries(body, *CONTAINERS)]
