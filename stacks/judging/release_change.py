"""What another release of Flux would do to the cluster that runs one: refused before anything changes, or announced."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote
from typing import TYPE_CHECKING, Any

from flux.kinds import VERSION_LABEL
from flux.listing import either
from flux.message import Message
from flux.object_reference import ObjectReference, reference_of
from flux.release.installation_changes import flag_changes, image_of, is_granted_alike, rights, rule_changes, tag_of
from flux.sentence_with_values import Sentence, joined, say
from flux.visible_text import visible
from stacks.words.place import PlaceOf
from stacks.words.problems import Problem

if TYPE_CHECKING:
    from live.client.object_metadata import LiveMetadata
    from live.stored_versions import StoredDefinition

DEFINITION = "CustomResourceDefinition"
SHOWN_KINDS = ("Deployment", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
"""Of which changes are put into words."""
_NUMBER = re.compile(r"[0-9]{1,9}")
_Lacking = tuple["StoredDefinition", list[str]]
"""A CRD of the cluster, and which of its versions the release lacks."""


def installed_versions(found: Mapping[ObjectReference, "LiveMetadata"]) -> set[str]:
    """The releases that the cluster's CRDs are of, by their label; several after an interrupted upgrade."""
    labels = (each.labels.get(VERSION_LABEL) for reference, each in found.items() if reference.kind == DEFINITION)
    return {label for label in labels if label}


@dataclass(frozen=True, kw_only=True)
class ReleaseChange:
    """A cluster with one release of Flux, and the stack that installs another."""

    installed: str
    """The newest that the cluster has."""
    wanted: str
    definitions: Sequence[Mapping[str, Any]]
    """The CRDs that the stack installs."""
    stored: Sequence["StoredDefinition"]
    """The cluster's."""
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """CRD → the versions that the managed fields of its objects in the cluster name."""
    controllers: Sequence[Mapping[str, Any]] = ()
    """The controllers, and what they run with, as the stack installs them."""

    def problems(self, stack: str, place: PlaceOf, *, may_go_back: bool) -> Iterator[Problem]:
        """Why the release of the stack cannot follow the one in the cluster."""
        at = place("flux", "manifests")
        if _rank(self.wanted) < _rank(self.installed) and not may_go_back:
            told = Message(
                f"would go back from Flux {visible(self.installed)} to {self.wanted}",
                "Objects may have fields that the older controllers do not know and would drop.",
                "Write gitops:flux.allowDowngrade: true if that is meant.",
            )
            yield Problem(at, told)
        lacking = list(self._lacking({each.name: each.stored for each in self.stored}))
        if lacking:
            told = Message(
                f"installs Flux {self.wanted}, which lacks versions in which the cluster may store objects: {_kinds(lacking)}",
                "The API server refuses such a CRD, and `pulumi up` would stop halfway.",
                self._way_out([each for each, _ in lacking], stack),
            )
            yield Problem(at, told)
        # The migration of a stored version rewrites the managed fields, too.
        if unreadable := [(each, gone) for each, gone in self._lacking(self.named) if each not in [known for known, _ in lacking]]:
            told = Message(
                f"installs Flux {self.wanted}, which lacks versions that the managed fields of objects name: {_kinds(unreadable)}",
                "Every apply of these objects would fail: request to convert CR to an invalid group/version.",
                self._way_out([each for each, _ in unreadable], stack),
            )
            yield Problem(at, told)

    def told(self, running: Mapping[ObjectReference, Mapping[str, Any]]) -> Iterator[str]:
        """In words: `Flux v2.8.8 becomes v2.9.4; Alert loses v1beta2.`, then what changes of each controller and of RBAC.

        `running`: the cluster's, of `SHOWN_KINDS`.
        """
        parts, versions = [f"Flux {visible(self.installed)} becomes {self.wanted}"], versions_of(self.definitions)
        for each in self.stored:
            new = versions.get(each.name, each.versions)
            parts += [f"{each.kind} gains {', '.join(sorted(new - each.versions))}"] if new - each.versions else []
            parts += [f"{each.kind} loses {', '.join(sorted(each.versions - new))}"] if each.versions - new else []
        yield "; ".join(parts) + "."
        for body in self.controllers:
            kind, name = body["kind"], body["metadata"]["name"]
            if kind in SHOWN_KINDS and (sentences := list(_changes(kind, name, running.get(reference_of(body)), body))):
                yield f"{joined(sentences).plain}."

    def _lacking(self, needed: Mapping[str, Iterable[str]]) -> Iterator["_Lacking"]:
        """`needed`: CRD → versions without which its objects cannot be."""
        versions = versions_of(self.definitions)
        for each in self.stored:
            if each.name in versions and (gone := sorted(set(needed.get(each.name, ())) - versions[each.name])):
                yield each, gone

    def _way_out(self, lacking: Iterable["StoredDefinition"], stack: str) -> str:
        versions = versions_of(self.definitions)
        if all(each.storage in versions[each.name] for each in lacking):
            return f"Rewrite these objects in their current version first. Run: gitops migrate --stack {quote(stack)}"
        return "Install a release first that has the old and the new version of each, such as v2.7.5, and run `gitops migrate` then."


def _kinds(lacking: Iterable[_Lacking]) -> str:
    return ", ".join(f"{each.kind} in {either(gone)}" for each, gone in lacking)


def _changes(kind: str, name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Iterator[Sentence]:
    if kind != "Deployment":
        if before is None or not is_granted_alike(before, after):
            yield rights(kind, name, before, after)
        elif rules := list(rule_changes(before, after)):
            yield joined([say(f"{kind} {{}}", name), joined(rules)], " ")
    elif before is None:
        yield say("Controller {} is new", name)
    else:
        old, new = image_of(before), image_of(after)
        image = [say("{} → {}", tag_of(old), tag_of(new))] if old != new else []
        if parts := [*image, *flag_changes(before, after).values()]:
            yield joined([say("Controller {}:", name), joined(parts)], " ")


def versions_of(definitions: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """CRD → the versions that it has."""
    return {
        each["metadata"]["name"]: frozenset(version["name"] for version in each["spec"]["versions"])
        for each in definitions
        if each["kind"] == DEFINITION
    }


def newest(versions: Iterable[str]) -> str:
    """The newest of some releases."""
    return max(versions, key=_rank)


def _rank(version: str) -> tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]:
    """What orders releases as semver.org does: a release candidate comes before its release."""
    numbers, _, before = version.removeprefix("v").partition("+")[0].partition("-")
    parts = before.split(".") if before else []
    return (
        tuple(_number(part) for part in numbers.split(".")),
        not parts,
        tuple((not _NUMBER.fullmatch(part), _number(part), part) for part in parts),
    )


def _number(text: str) -> int:
    return int(text) if _NUMBER.fullmatch(text) else 0
