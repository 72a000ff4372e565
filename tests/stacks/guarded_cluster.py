"""A cluster of which only what a guard looks at is there."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from flux.object_reference import ObjectReference
from flux.patching.selectors import has_labels
from live.client.object_metadata import FieldEntry, LiveMetadata
from live.errors import LiveError
from live.ownership.owned_objects import ListedObjects
from live.ownership.wanted_objects import WantedObject
from live.stored_versions import StoredDefinition
from tests.engine import Around, attempt, entry_point
from tests.record import Record
from tests.shipped_stacks import DEPLOY_IDENTITY, small

SECRET = ObjectReference("Secret", "flux-system", "sops-age")


class FakeCluster:
    """What exists, and what was taken."""

    def __init__(
        self, found: Mapping[ObjectReference, LiveMetadata], error: LiveError | None = None, values: Mapping[str, str] | None = None
    ) -> None:
        self.values = dict(values or {})
        self.found, self.error = dict(found), error
        self.wanted: list[WantedObject] = []
        self.taken: dict[ObjectReference, str] = {}
        self.noted: dict[ObjectReference, str] = {}
        self.closed = False
        self.uid: str | None = "0b4f6e0e-7d1c-4f2a-9a55-3c1d5a9e8b77"
        self.pinned: str | None = None
        self.stored: list[StoredDefinition] = []
        self.named: dict[str, frozenset[str]] = {}
        """What managed fields name."""
        self.in_shards: dict[ObjectReference, LiveMetadata] = {}
        self.listed: list[str] = []
        self.opened = 0
        self.beside: dict[ObjectReference, LiveMetadata] = {}
        self.kinds: list[str] = []
        self.bodies: dict[ObjectReference, Mapping[str, Any]] = {}
        """What the cluster has whole."""

    def definitions(self, names: Any) -> list[StoredDefinition]:
        return [each for each in self.stored if each.name in names]

    def versions_in_fields(self, definitions: Any) -> dict[str, frozenset[str]]:
        return {each.name: self.named[each.name] for each in definitions if each.name in self.named}

    def bodies_of(self, wanted: Any) -> dict[ObjectReference, Mapping[str, Any]]:
        return {each.reference: self.bodies[each.reference] for each in wanted if each.reference in self.bodies}

    def look(self, wanted: Any, kinds: Any, selector: str) -> ListedObjects:
        self.wanted, self.kinds = list(wanted), [each.collection for each in kinds]
        if self.error:
            raise self.error
        assert selector == "gitops.daviestechlabs.io/stack=gitops.dev,gitops.daviestechlabs.io/cluster=dev"
        return ListedObjects(
            {each.reference: self.found[each.reference] for each in self.wanted if each.reference in self.found}, self.beside
        )

    def labelled(self, collections: Any, selector: str) -> dict[ObjectReference, LiveMetadata]:
        self.listed = [each.collection for each in collections]
        return {key: each for key, each in self.in_shards.items() if has_labels(selector, each.labels)}

    def values_of(self, secret: WantedObject) -> dict[str, str]:
        assert secret.reference == SECRET
        self.opened += 1
        return self.values

    def keep_fields(self, own: Mapping[WantedObject, tuple[LiveMetadata, bool]]) -> int:
        self.kept = {wanted.reference: states_suspend for wanted, (_, states_suspend) in own.items()}
        return len(own)

    def take_fields(self, taken: Mapping[WantedObject, tuple[LiveMetadata, str]]) -> int:
        self.taken = {wanted.reference: owner for wanted, (_, owner) in taken.items()}
        return len(taken)

    def note_former_owners(self, taken: Mapping[WantedObject, str]) -> None:
        self.noted = {wanted.reference: owner for wanted, owner in taken.items()}

    def cluster_uid(self) -> str | None:
        return self.uid

    def note_cluster(self, namespace: WantedObject, uid: str) -> None:
        assert namespace.reference == ObjectReference("Namespace", "", "flux-system")
        self.pinned = uid

    def close(self) -> None:
        self.closed = True


def by(manager: str, name: str = "x", **labels: str) -> LiveMetadata:
    fields = FieldEntry(manager=manager, operation="Apply", api_version="v1", fields_v1={"f:spec": {}})
    return LiveMetadata(name=name, labels=labels, managed_fields=[fields])


def up(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    cluster: FakeCluster,
    /,
    *,
    preview: bool = False,
    supplied: str | None = None,
    stack: Callable[..., Around] = small,
    **config: Any,
) -> Record:
    """`stack`: `dev` where the objects of every controller are the question."""
    monkeypatch.setattr("stacks.guard.connected", lambda _: cluster)
    changes = {f"gitops:{key}": value for key, value in config.items()}
    environment = {"GITOPS_SECRET_AGE_2026_11": supplied} | ({DEPLOY_IDENTITY: None} if "credentials" in config else {})
    record = attempt(entry_point(), **stack(folder, preview=preview, config=changes, environment=environment))
    assert cluster.closed
    return record


def of_kubernetes(record: Record) -> int:
    return len(list(record.kubernetes()))


def warnings(record: Record) -> str:
    return "\n".join(each.text for each in record.log if each.severity == "warning")
