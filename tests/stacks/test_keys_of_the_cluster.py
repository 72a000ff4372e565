"""Keys that the cluster has: those that were lost with the state are read back, and none is replaced or dropped without a word."""

from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from flux.keys.age_identity import identity_from_seed, recipient_of
from flux.keys.generated_ssh_keys import private_key_from_seed
from flux.keys.ssh_private_keys import public_line_of
from flux.object_reference import ObjectReference
from flux.owners_mark import ACTIVE_KEY_ANNOTATION, CLUSTER_LABEL, FIELD_MANAGER, RECIPIENTS_ANNOTATION, STACK_LABEL
from live.client.object_metadata import FieldEntry, LiveMetadata
from tests.record import Record
from tests.stacks.guarded_cluster import SECRET, FakeCluster, by, of_kubernetes, up, warnings

pytestmark = pytest.mark.thorough

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


def test_as_long_as_the_secret_may_not_be_taken_over_its_keys_are_not_the_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster({SECRET: by("kubectl-create")}, values={"age.agekey": identity_from_seed("of somebody")})

    record = up(tmp_path, monkeypatch, cluster, preview=True)

    assert record.exit_code == 0, record.errors
    assert "1 object of this stack exists already and belongs to kubectl" in warnings(record)


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
    assert f"gitops:age.keys.2026-11: differs from the key of that name in the cluster, {recipient_of(old)}" in record.errors


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


def naming(recipients: str, *writers: FieldEntry) -> LiveMetadata:
    """The stack's own Secret, which names these."""
    fields = {"f:metadata": {"f:annotations": {f"f:{RECIPIENTS_ANNOTATION}": {}}}, "f:data": {"f:2026-11.agekey": {}}}
    own = FieldEntry(manager=FIELD_MANAGER, operation="Apply", api_version="v1", fields_v1=fields)
    annotations = {RECIPIENTS_ANNOTATION: recipients}
    return LiveMetadata(name="sops-age", labels=OWN_SECRET.labels, annotations=annotations, managed_fields=[own, *writers])


def written(by_whom: str, fields: dict[str, Any]) -> FieldEntry:
    return FieldEntry(manager=by_whom, operation="Update", api_version="v1", fields_v1=fields)


def up_with(folder: Path, monkeypatch: pytest.MonkeyPatch, found: LiveMetadata, *, preview: bool = True) -> tuple[Record, int]:
    """With a supplied key, and with how often the Secret was opened."""
    cluster = FakeCluster({SECRET: found}, values={"2026-11.agekey": identity_from_seed("old")})
    record = up(folder, monkeypatch, cluster, preview=preview, supplied=identity_from_seed("new"), age={"keys": {"2026-11": "supplied"}})
    return record, cluster.opened


@pytest.mark.parametrize("preview", [False, True])
def test_a_secret_that_names_its_recipients_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, preview: bool) -> None:
    old, new = (recipient_of(identity_from_seed(seed)) for seed in ("old", "new"))

    record, opened = up_with(tmp_path, monkeypatch, naming(f"2026-11={new}"), preview=preview)
    assert (record.exit_code, opened) == (0, 0), record.errors

    record, opened = up_with(tmp_path, monkeypatch, naming(f"2026-11={old}"), preview=preview)
    assert (record.exit_code, opened) == (32, 0)
    assert f"gitops:age.keys.2026-11: differs from the key of that name in the cluster, {old}" in record.errors


@pytest.mark.parametrize(
    "found",
    [
        naming(f"2026-11={recipient_of(identity_from_seed('new'))}", written("kubectl-edit", {"f:data": {"f:2025-11.agekey": {}}})),
        naming(
            f"2026-11={recipient_of(identity_from_seed('new'))}",
            written("kubectl-annotate", {"f:metadata": {"f:annotations": {f"f:{RECIPIENTS_ANNOTATION}": {}}}}),
        ),
        naming("2026-11=<recipient of age-2026-11>"),
        OWN_SECRET,
    ],
    ids=["somebody wrote a key", "somebody wrote the annotation", "half written", "from before there was an annotation"],
)
def test_what_a_secret_says_of_itself_counts_only_if_the_stack_alone_wrote_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: LiveMetadata
) -> None:
    record, opened = up_with(tmp_path, monkeypatch, found)

    assert (record.exit_code, opened) == (32, 1)
    assert "differs from the key of that name in the cluster" in record.errors


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
