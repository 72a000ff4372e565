"""The look before anything is touched: what `up` refuses, what it takes over, and what a preview says of it."""

from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flux.keys.age_identity import identity_from_seed, recipient_of
from flux.keys.generated_ssh_keys import private_key_from_seed
from flux.keys.ssh_private_keys import public_line_of
from flux.message import Message
from flux.object_reference import ObjectReference
from flux.owners_mark import ACTIVE_KEY_ANNOTATION, CLUSTER_LABEL, STACK_LABEL
from live.errors import LiveError, UnreachableError
from live.object_metadata import FieldEntry, LiveMetadata
from live.wanted_objects import WantedObject, plural_of
from tests.engine import attempt, entry_point, run
from tests.record import Record
from tests.shipped_stacks import DEPLOY_IDENTITY, dev

NAMESPACE = ObjectReference("Namespace", "", "flux-system")
QUOTA = ObjectReference("ResourceQuota", "flux-system", "critical-pods")
SECRET = ObjectReference("Secret", "flux-system", "sops-age")


class FakeCluster:
    """What exists, and what was taken."""

    def __init__(
        self, found: Mapping[ObjectReference, LiveMetadata], error: LiveError | None = None, values: Mapping[str, str] | None = None
    ) -> None:
        self.values = dict(values or {})
        self.found, self.error = found, error
        self.wanted: list[WantedObject] = []
        self.taken: dict[ObjectReference, str] = {}
        self.closed = False

    def find(self, wanted: Any) -> dict[ObjectReference, LiveMetadata]:
        self.wanted = list(wanted)
        if self.error:
            raise self.error
        return {each.reference: self.found[each.reference] for each in self.wanted if each.reference in self.found}

    def values_of(self, secret: WantedObject) -> dict[str, str]:
        assert secret.reference == SECRET
        return self.values

    def take_fields(self, taken: Mapping[WantedObject, tuple[LiveMetadata, str]]) -> int:
        self.taken = {wanted.reference: owner for wanted, (_, owner) in taken.items()}
        return len(taken)

    def close(self) -> None:
        self.closed = True


def by(manager: str, name: str = "x", **labels: str) -> LiveMetadata:
    fields = FieldEntry(manager=manager, operation="Apply", api_version="v1", fields_v1={"f:spec": {}})
    return LiveMetadata(name=name, labels=labels, managed_fields=[fields])


def up(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    cluster: FakeCluster,
    *,
    preview: bool = False,
    supplied: str | None = None,
    **config: Any,
) -> Record:
    monkeypatch.setattr("stacks.guard.connected", lambda _: cluster)
    changes = {f"gitops:{key}": value for key, value in config.items()}
    environment = {"GITOPS_SECRET_AGE_2026_11": supplied} | ({DEPLOY_IDENTITY: None} if "credentials" in config else {})
    record = attempt(entry_point(), **dev(folder, preview=preview, config=changes, environment=environment))
    assert cluster.closed
    return record


def of_kubernetes(record: Record) -> int:
    return len(list(record.kubernetes()))


def warnings(record: Record) -> str:
    return "\n".join(each.text for each in record.log if each.severity == "warning")


def test_what_is_somebody_elses_is_refused_by_owner_before_anything_is_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = LiveMetadata(name="sops-age", labels={STACK_LABEL: "gitops.attic", CLUSTER_LABEL: "dev"})
    cluster = FakeCluster({NAMESPACE: by("flux"), QUOTA: by("flux"), SECRET: other})

    record = up(tmp_path, monkeypatch, cluster)

    assert record.exit_code == 32
    assert of_kubernetes(record) == 0
    assert cluster.taken == {}
    flux, stack = record.errors.splitlines()[1:]
    assert "gitops:takeOver" in flux
    assert "2 objects of this stack exist already and belong to the flux CLI" in flux
    assert "Namespace/flux-system, ResourceQuota/critical-pods" in flux
    assert "write gitops:takeOver: [flux]" in flux
    assert "1 object of this stack exists already and belongs to stack gitops.attic: Secret/sops-age" in stack
    assert "write gitops:takeOver: [stack/gitops.attic]" in stack


def test_a_preview_says_the_same_as_a_warning_and_registers_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster({NAMESPACE: by("flux")})

    record = up(tmp_path, monkeypatch, cluster, preview=True)

    assert record.exit_code == 0
    assert of_kubernetes(record) > 30
    assert "`pulumi up` would refuse: " in warnings(record)
    assert "1 object of this stack exists already and belongs to the flux CLI" in warnings(record)
    assert cluster.taken == {}, "a preview changes nothing"


def test_what_the_stack_file_names_is_taken_with_its_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = LiveMetadata(name="critical-pods", labels={STACK_LABEL: "gitops.dev", CLUSTER_LABEL: "dev"})
    cluster = FakeCluster({NAMESPACE: by("flux"), QUOTA: own})

    record = up(tmp_path, monkeypatch, cluster, takeOver=["flux"])

    assert record.exit_code == 0, record.errors
    assert cluster.taken == {NAMESPACE: "flux", QUOTA: "ours"}


def test_naming_one_owner_takes_nothing_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster({NAMESPACE: by("flux"), QUOTA: by("helm")})

    record = up(tmp_path, monkeypatch, cluster, takeOver=["flux"])

    assert record.exit_code == 32
    assert "belongs to a Helm release" in record.errors
    assert "flux CLI" not in record.errors
    assert cluster.taken == {}


def test_an_unknown_writer_is_told_by_the_name_that_it_gave_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = up(tmp_path, monkeypatch, FakeCluster({NAMESPACE: by("tool-x\x1b[31m")}))

    assert "belongs to somebody unknown (tool-x" in record.errors
    assert "\x1b" not in record.errors


def test_everything_that_is_registered_was_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster({})

    record = up(tmp_path, monkeypatch, cluster)

    wanted = [each.reference for each in cluster.wanted]
    registered = {ObjectReference(each.kind, each.namespace or "", each.object_name) for each in record.kubernetes()}
    assert set(wanted) == registered
    assert len(wanted) == len(registered)


@pytest.mark.parametrize("preview", [False, True])
def test_a_cluster_that_does_not_say_whose_they_are_ends_up_and_not_a_preview(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preview: bool
) -> None:
    error = LiveError("https://127.0.0.1:6443", Message("refuses: secrets is forbidden", "They could be overwritten.", "Use another role."))

    record = up(tmp_path, monkeypatch, FakeCluster({}, error), preview=preview)

    assert record.exit_code == (0 if preview else 32)
    assert "refuses: secrets is forbidden" in (warnings(record) if preview else record.errors)
    assert (of_kubernetes(record) > 0) is preview


def test_who_told_the_provider_that_the_cluster_is_gone_is_not_held_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = FakeCluster({}, UnreachableError("https://127.0.0.1:6443", Message("cannot be reached")))
    monkeypatch.setattr("stacks.guard.unreachable_is_meant", lambda: True)

    assert up(tmp_path, monkeypatch, gone).exit_code == 0


def test_a_preview_without_a_cluster_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def connected(_: object) -> FakeCluster:
        raise AssertionError("it was asked")

    monkeypatch.setattr("stacks.guard.connected", connected)
    monkeypatch.setattr("stacks.guard.why_silent", lambda *_: "it does not answer")

    assert of_kubernetes(run(entry_point(), **dev(tmp_path, preview=True))) > 30


@pytest.mark.parametrize(
    ("kind", "plural"),
    [
        ("NetworkPolicy", "networkpolicies"),
        ("ServiceAccount", "serviceaccounts"),
        ("ClusterRoleBinding", "clusterrolebindings"),
        ("Ingress", "ingresses"),
        ("Sheep", "sheep"),
    ],
)
def test_a_kind_is_listed_as_its_definition_says_or_as_kubernetes_does(kind: str, plural: str) -> None:
    definition = {"kind": "CustomResourceDefinition", "spec": {"names": {"kind": "Sheep", "plural": "sheep"}}}

    assert plural_of(kind, [{"kind": "Namespace"}, definition]) == plural


OWN_SECRET = LiveMetadata(name="sops-age", labels={STACK_LABEL: "gitops.dev", CLUSTER_LABEL: "dev"})


@pytest.mark.parametrize("preview", [False, True])
def test_a_generated_key_that_the_cluster_has_is_never_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preview: bool) -> None:
    identity = identity_from_seed("of a state that is lost")
    cluster = FakeCluster({SECRET: OWN_SECRET}, values={"2026-11.agekey": identity, "2026-11.txt": "no key"})

    record = up(tmp_path, monkeypatch, cluster, preview=preview)

    assert record.exports["ageRecipients"]["2026-11"] == recipient_of(identity)
    data = record.object("Secret", "sops-age").inputs["data"]
    assert b64decode(data["2026-11.agekey"].value).decode() == identity
    assert identity not in record.errors + warnings(record) + record.printed


def test_a_broken_entry_is_replaced_by_a_generated_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = up(tmp_path, monkeypatch, FakeCluster({SECRET: OWN_SECRET}, values={"2026-11.agekey": "no identity"}))

    assert record.exports["ageRecipients"]["2026-11"].startswith("age1")


@pytest.mark.parametrize("preview", [False, True])
def test_a_key_that_the_stack_does_not_know_is_not_taken_over_and_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, preview: bool
) -> None:
    identity = identity_from_seed("of somebody")
    cluster = FakeCluster({SECRET: by("kubectl-create")}, values={"age.agekey": identity})

    record = up(tmp_path, monkeypatch, cluster, preview=preview, takeOver=["kubectl"])

    assert record.exit_code == 32
    assert of_kubernetes(record) == 0
    assert cluster.taken == {}
    told = f"gitops:age.keys: does not name {recipient_of(identity)}, which the cluster's Secret sops-age has as age.agekey"
    assert told in record.errors
    assert "Write age: supplied, and read the key back: kubectl --context" in record.errors
    assert "| pulumi config set --secret gitops:age-age" in record.errors
    assert identity not in record.errors + warnings(record) + record.printed


def test_a_generated_key_does_not_replace_one_of_the_same_name_that_somebody_else_has_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = FakeCluster({SECRET: by("kubectl-create")}, values={"2026-11.agekey": identity_from_seed("of somebody")})

    record = up(tmp_path, monkeypatch, cluster, takeOver=["kubectl"])

    assert record.exit_code == 32
    assert "Write 2026-11: supplied, and read the key back" in record.errors


def test_a_supplied_key_that_is_another_than_the_clusters_of_its_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = identity_from_seed("old"), identity_from_seed("new")
    cluster = FakeCluster({SECRET: OWN_SECRET}, values={"2026-11.agekey": old})

    record = up(tmp_path, monkeypatch, cluster, supplied=new, age={"keys": {"2026-11": "supplied"}})

    assert record.exit_code == 32
    assert f"gitops:age.keys.2026-11: is another key than the one of that name in the cluster, {recipient_of(old)}" in record.errors


def test_a_supplied_key_may_change_its_name_and_an_own_one_may_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, gone = identity_from_seed("kept"), identity_from_seed("gone")
    cluster = FakeCluster({SECRET: OWN_SECRET}, values={"2026-05.agekey": kept, "2025-11.agekey": gone})

    record = up(tmp_path, monkeypatch, cluster, supplied=kept, age={"keys": {"2026-11": "supplied"}})

    assert record.exit_code == 0, record.errors
    assert [*record.object("Secret", "sops-age").inputs["data"]] == ["2026-11.agekey"]


def test_an_entry_that_the_stack_cannot_hold_is_not_dropped_from_a_foreign_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster({SECRET: by("kubectl-create")}, values={"pgp.asc": "a key of another kind"})

    record = up(tmp_path, monkeypatch, cluster, takeOver=["kubectl"])

    assert record.exit_code == 32
    assert "has no place for pgp.asc, which the cluster's Secret sops-age has" in record.errors


DEPLOY = ObjectReference("Secret", "flux-system", "homelab-deploy")


def deploy_secret(active: str) -> LiveMetadata:
    return LiveMetadata(name="homelab-deploy", labels=OWN_SECRET.labels, annotations={ACTIVE_KEY_ANNOTATION: active})


def deploy_identity(record: Record) -> str:
    return b64decode(record.object("Secret", "homelab-deploy").inputs["data"]["identity"].value).decode()


GENERATED_SSH_KEYS = {
    "homelab-deploy": {"type": "ssh", "generated": ["2026-05", "2026-11"], "active": "2026-11"},
    "gitea-read": {"type": "basic", "username": "flux"},
}


def up_with_ssh_keys(folder: Path, monkeypatch: pytest.MonkeyPatch, found: LiveMetadata, identity: str) -> Record:
    cluster = FakeCluster({DEPLOY: found}, values={"identity": identity})
    monkeypatch.setattr(FakeCluster, "values_of", lambda self, secret: self.values if secret.reference == DEPLOY else {})
    record = up(folder, monkeypatch, cluster, credentials=GENERATED_SSH_KEYS)
    assert record.exit_code == 0, record.errors
    return record


def test_a_generated_ssh_key_that_the_git_server_knows_is_never_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = private_key_from_seed("of a state that is lost")

    record = up_with_ssh_keys(tmp_path, monkeypatch, deploy_secret("2026-11"), known)

    assert deploy_identity(record) == known
    assert record.exports["deployKeys"]["homelab-deploy"]["keys"]["2026-11"] == public_line_of(known)
    assert record.object("Secret", "homelab-deploy").inputs["metadata"]["annotations"][ACTIVE_KEY_ANNOTATION] == "2026-11"


@pytest.mark.parametrize(
    ("found", "identity"),
    [
        (deploy_secret("2026-05"), private_key_from_seed("of the key before")),
        (deploy_secret("2026-11"), "not a key"),
        (deploy_secret("2026-11"), private_key_from_seed("changed") + "\n"),
        (LiveMetadata(name="homelab-deploy", labels=OWN_SECRET.labels), private_key_from_seed("of a Secret that does not say which")),
    ],
    ids=["of another name", "none", "written by somebody else", "without a name"],
)
def test_any_other_key_in_its_secret_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: LiveMetadata, identity: str
) -> None:
    assert deploy_identity(up_with_ssh_keys(tmp_path, monkeypatch, found, identity)) != identity
