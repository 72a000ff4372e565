"""What comes of `flux.patches`, `controllers` and `proxy`: each object that they change is judged as the API server would judge it.

A Deployment is also judged as its controller needs it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flux.any_shape import entries
from flux.finding import Finding
from flux.key_path import KeyPath
from flux.listing import listed
from flux.message import Message
from flux.minor_version import minor_of
from flux.object_reference import reference_of
from flux.owners_mark import reserved_in
from flux.release.install import install_objects
from flux.release.install_patches import InstallPatch
from flux.release.known_flags import Minor
from flux.release.wrong_flags import names_in, wrong_flag
from flux.schema.built_in import built_in_findings
from flux.schema.deployments import CONTAINERS
from flux.sharding import NO_SHARD, SELECTOR_FLAG, shard_of
from stacks.choosing.choice import mark_is_reserved
from stacks.choosing.installation import Installation
from stacks.contract.stack import Stack
from stacks.reading.validation import Validated
from stacks.words.problems import Problem

_NEEDED = ("image", "args", "env", "ports", "volumeMounts")
"""What a controller does not run without, or is not reached without."""
_NOT_REPLACED = frozenset({"events-addr", "storage-adv-addr", "storage-path", SELECTOR_FLAG})
"""Flags by which controllers reach one another, and by which with shards each has its own objects."""
_TWICE = "Objects would be reconciled by two controllers, or by none."
Body = Mapping[str, Any]


def check_patched_objects(stack: Validated[Stack], installation: Installation, problems: list[Problem]) -> None:
    """Add a problem at each patch that makes an object which the API server would refuse, or with which a controller would not run."""
    options = installation.options
    patches = options.every_patch()
    if not patches:
        return
    plain = install_objects(installation.distribution, replace(options, patches=[], controllers={}, proxy=None))
    minor = minor_of(installation.distribution.version)
    kubernetes = stack.model.cluster.kubernetes_version
    found: dict[Problem, None] = {}
    for body in (*plain.definitions, *plain.controllers):
        if shard_of(body["metadata"].get("labels")):
            continue  # a copy, which is made of what comes of its original
        of_body = [patch for patch in patches if patch.selects(body)]
        for patch, finding in _blamed(body, of_body, minor, kubernetes) if of_body else ():
            found[Problem(stack.place(*patch.place_of(finding.path)), finding.message)] = None
    problems += found


def _blamed(
    body: Body, patches: Sequence[InstallPatch], minor: Minor | None, kubernetes: str | None
) -> Iterator[tuple[InstallPatch, Finding]]:
    """What is wrong after all patches, each with the last patch before which it was not."""
    blame: dict[Finding, InstallPatch] = {}
    patched: Body = body
    for patch in patches:
        patched = patch.applied(patched)
        blame = {finding: blame.get(finding, patch) for finding in _findings(body, patched, minor, kubernetes)}
    yield from ((patch, finding) for finding, patch in blame.items())


def _findings(before: Body, after: Body, minor: Minor | None, kubernetes: str | None) -> list[Finding]:
    reserved = _own_mark(before, after)
    found = [*reserved, *built_in_findings(after, kubernetes)]
    if before["kind"] != "Deployment":
        return found
    if any(len(each.path) < len(CONTAINERS) and each.path == CONTAINERS[: len(each.path)] for each in found):
        return found  # what holds the container is missing, too
    if lost := _lost(before, after):
        return [*(each for each in found if each.path[: len(CONTAINERS)] != CONTAINERS), lost]
    return [*found, *_lost_arguments(before, after), *_other_selectors(before, after), *_wrong_arguments(before, after, minor)]


def _own_mark(before: Body, after: Body) -> Iterator[Finding]:
    """The mark by which the program knows its own objects, which it sets last."""
    for _, key in reserved_in(after.get("metadata")):
        yield Finding(object=reference_of(before), path=("metadata",), message=mark_is_reserved(key))


def _lost(before: Body, after: Body) -> Finding | None:
    """The controller's own container, or a part of it, that a patch removed."""
    own, controller = _containers(before)[0], before["metadata"]["name"]
    containers = _containers(after)
    kept = next((each for each in containers if each.get("name") == own["name"]), None)
    lost = [key for key in _NEEDED if key in own and not (kept or {}).get(key)]
    if kept is not None and not lost:
        return None
    wrong = f"removes {', '.join(lost)} of the container {own['name']}" if kept is not None else f"removes the container {own['name']}"
    is_refused = not containers or any(not each.get(key) for each in containers for key in ("name", "image"))
    would = "The API server would refuse the Deployment." if is_refused else f"{controller} would not run."
    fix = f"Change single fields of it: containers: [{{name: {own['name']}, …}}] is merged by name."
    return Finding(object=reference_of(before), path=CONTAINERS, message=Message(wrong, would, fix))


def _lost_arguments(before: Body, after: Body) -> Iterator[Finding]:
    """Kubernetes replaces the list of arguments: flags by which controllers reach one another have to be repeated."""
    own, controller = _containers(before)[0], before["metadata"]["name"]
    for index, container in enumerate(_containers(after)):
        if container.get("name") != own["name"] or not isinstance(container.get("args"), list):
            continue
        path, had, has = (*CONTAINERS, index, "args"), own.get("args", []), container["args"]
        lost = sorted(_NOT_REPLACED & set(names_in(had)) - set(names_in(has)))
        if lost:
            is_replaced = any(argument not in has for argument in had if not {*names_in([argument])} & {*lost})
            why = "a patch replaces the whole list" if is_replaced else "a patch removes them" if len(lost) > 1 else "a patch removes it"
            wrong = f"lacks {listed([f'--{flag}' for flag in lost])}: {why}"
            would = _TWICE if lost == [SELECTOR_FLAG] else "The controllers would not reach one another."
            fix = f"Write gitops:flux.flags.{controller} instead, which sets flags by name."
            yield Finding(object=reference_of(before), path=path, message=Message(wrong, would, fix))


def _other_selectors(before: Body, after: Body) -> Iterator[Finding]:
    """With shards, each of their controllers selects by the one selector that the program wrote: of two, the last holds."""
    own = _containers(before)[0]
    selector = next((each for each in own.get("args", []) if SELECTOR_FLAG in names_in([each])), None)
    if selector != f"--{SELECTOR_FLAG}={NO_SHARD}":
        return
    for index, container in enumerate(_containers(after)):
        arguments = container.get("args")
        if container.get("name") != own["name"] or not isinstance(arguments, list):
            continue
        own_ones = 0
        for number, argument in enumerate(arguments):
            own_ones += argument == selector
            if SELECTOR_FLAG in names_in([argument]) and (argument != selector or own_ones > 1):
                wrong = f"sets --{SELECTOR_FLAG}, which gitops:flux.shards also sets"
                message = Message(wrong, _TWICE, "Remove the flag, or the shards.")
                yield Finding(object=reference_of(before), path=(*CONTAINERS, index, "args", number), message=message)
                return


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
                    named = replace(message, wrong=f"sets --{flag}, which {message.wrong}")
                    yield Finding(object=reference_of(before), path=path, message=named)


def _containers(body: Body) -> list[Body]:
    return [container for _, container in entries(body, *CONTAINERS)]
