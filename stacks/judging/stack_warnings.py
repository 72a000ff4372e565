"""What a stack accepts although it does less than is written: nothing refuses it, so it is a warning and no problem."""

from collections.abc import Iterator

from flux.any_shape import entries, mapping, text
from flux.message import Message
from flux.rules.revisions import no_effect_beside, revisions_without_effect
from stacks.choosing.chosen import Chosen
from stacks.choosing.hosts import hosts_of
from stacks.choosing.planned_body import PlannedBody
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.reading.validation import Validated
from stacks.words import log
from stacks.words.problems import Problem

_NO_LINES = "Flux deletes the line breaks when it substitutes the variable."
_TAKES_FROM = {"Kustomization": (("sourceRef",),), "HelmRelease": (("chart", "spec", "sourceRef"), ("chartRef",))}


def tell_stack_warnings(chosen: Chosen, stack: Validated[Stack], catalog: Validated[Catalog]) -> None:
    """Each on a line of its own."""
    variables, certificates = _lines_in_variables(chosen, stack), _unread_certificates(stack, catalog)
    for problem in (*variables, *certificates, *_suspended(chosen), *_ignored_revisions(chosen)):
        log.warn(str(problem))


def _lines_in_variables(chosen: Chosen, stack: Validated[Stack]) -> Iterator[Problem]:
    """Flux deletes them in fluxcd/pkg, kustomize/kustomize_varsub.go."""
    told = Message("has several lines", _NO_LINES, "Write it on one line, or apply it from Git as it is.")
    for name, value in stack.model.variables.items():
        if _has_lines(value):
            yield Problem(stack.place("variables", name), told)
    for body in chosen.bodies:
        for name, value in mapping(body.spec, "postBuild", "substitute").items() if body.kind == "Kustomization" else ():
            if isinstance(value, str) and _has_lines(value):
                yield Problem(body.places.of(("spec", "postBuild", "substitute", name)), told)


def _has_lines(value: str) -> bool:
    return "\n" in value.rstrip("\n")


def _unread_certificates(stack: Validated[Stack], catalog: Validated[Catalog]) -> Iterator[Problem]:
    """SSH knows servers by known_hosts."""
    told = Message("has no effect on an ssh:// URL", "SSH does not use certificates.", "Remove it; `knownHosts` has the key of the server.")
    for host in hosts_of(catalog, stack, []).values():
        if host.model.ca and host.model.url.startswith("ssh://"):
            yield Problem(host.place("ca"), told)


def _suspended(chosen: Chosen) -> Iterator[Problem]:
    suspended = {(each.kind, each.name): each for each in chosen.bodies if each.spec.get("suspend") is True}
    waiting: dict[tuple[str, str], list[PlannedBody]] = {}
    for body in chosen.bodies if suspended else ():
        for key in dict.fromkeys(_awaited_by(body)):
            if key in suspended and body.spec.get("suspend") is not True:
                waiting.setdefault(key, []).append(body)
    for key, bodies in waiting.items():
        wrong = f"suspends {'/'.join(key)}, for which {_listed(bodies)}"
        would = f"On an empty cluster, Flux would never {'apply' if key[0] in _TAKES_FROM else 'fetch'} it."
        told = Message(wrong, would, "Remove suspend, or suspend what waits for it, too.")
        yield Problem(suspended[key].places.of(("spec", "suspend")), told)


def _ignored_revisions(chosen: Chosen) -> Iterator[Problem]:
    for body in chosen.bodies:
        for key, first in revisions_without_effect(body.spec) if body.kind == "GitRepository" else ():
            here, decides = (body.places.of(("spec", "ref", each)) for each in (key, first))
            overridden = decides.layer == "override" and here.layer != "override"
            fix = f"Write {key}: null beside {first} in the override." if overridden else "Remove it."
            yield Problem(here, Message(*no_effect_beside(first), fix))


def _awaited_by(body: PlannedBody) -> Iterator[tuple[str, str]]:
    """Kind and name of its source, and of what it depends on."""
    for path in _TAKES_FROM.get(body.kind, ()):
        yield text(body.spec, *path, "kind") or "", text(body.spec, *path, "name") or ""
    if body.kind in _TAKES_FROM:
        yield from ((body.kind, text(each, "name") or "") for _, each in entries(body.spec, "dependsOn"))


def _listed(bodies: list[PlannedBody]) -> str:
    first, *more = bodies
    others = f" and {len(more)} more" if more else ""
    return f"{first.kind}/{first.name}{others} {'wait' if more else 'waits'}"
