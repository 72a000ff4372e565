"""A preview knows what the last check of the repositories saw: a key that a file still needs is not removed."""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyrage
import pytest
import yaml

from flux.keys.age_identity import identity_from_seed, recipient_of
from stacks.contract.decryption import Decryption
from stacks.judging.other_keys import other_keys_of
from tests.record import Record
from tests.stack_files import preview

OLD, NEW, PERSON = (str(pyrage.x25519.Identity.generate().to_public()) for _ in range(3))
STACK = """
config:
  gitops:environment: development
  gitops:cluster: {{name: dev, context: dev}}
  gitops:flux: {{manifests: ghcr.io/fluxcd/flux-manifests:v2.9.4}}
  gitops:age: {{keys: {keys}}}
  gitops:use: [base]
  gitops:checkRecord: {record}
  {more}
"""
CATALOG = """
git:
  app: {url: https://git.test/app.git, spec: {interval: 1h, ref: {branch: main}}}
kustomizations:
  app: {spec: {sourceRef: {kind: GitRepository, name: app}, path: ./, interval: 1h, prune: true, decryption: {provider: sops}}}
"""


def previewed(
    folder: Path, record: Mapping[str, Any] | str | None, keys: str = '{"2026-11": supplied}', catalog: str = CATALOG, more: str = ""
) -> Record:
    folder.mkdir(exist_ok=True)
    file = folder / "checked" / "record.yaml"
    if record is not None:
        file.parent.mkdir(exist_ok=True)
        file.write_text(record if isinstance(record, str) else yaml.safe_dump(record))
    return preview(folder, STACK.format(keys=keys, record="checked/record.yaml", more=more), catalog=catalog, register=False)


def recorded(files: Mapping[str, list[str]], keys: Mapping[str, str] | None = None) -> dict[str, Any]:
    repository = {"source": "GitRepository/app", "url": "https://git.test/app.git", "commit": "0" * 40, "files": dict(files)}
    return {"keys": dict(keys or {"2026-05": OLD, "2026-11": NEW}), "repositories": [repository]}


def warnings(record: Record) -> list[str]:
    return [message.text for message in record.log if message.severity == "warning" and "Previewing Flux" not in message.text]


def test_a_key_that_a_file_still_needs_cannot_be_removed(tmp_path: Path) -> None:
    files = {f"secrets/{number}.sops.yaml": [OLD, PERSON] for number in range(5)} | {"fine.sops.yaml": [OLD, NEW]}
    told = previewed(tmp_path, recorded(files))
    assert told.exit_code == 32
    line = told.errors.splitlines()[1]
    assert line.startswith(
        'Pulumi.fixture.yaml:6 gitops:age.keys: the key "2026-05" is gone from this stack, but 5 files that the cluster reads'
    )
    assert "(app: secrets/0.sops.yaml, app: secrets/1.sops.yaml, app: secrets/2.sops.yaml and 2 more)" in line
    assert "`sops updatekeys`" in line
    assert "If it was disclosed, old commits can still be read with it: run `sops rotate` as well, and change the secret values" in line
    assert len(told.errors.splitlines()) == 2, "one message for each key"


@pytest.mark.parametrize("by", ["its recipient is stated", "its identity is at hand"])
def test_another_key_under_the_old_name_is_a_removal_too(by: str, tmp_path: Path) -> None:
    other = identity_from_seed("another")
    keys, secrets = f'{{"2026-05": {{origin: supplied, recipient: {NEW}}}}}', ""
    if "at hand" in by:
        keys, secrets = '{"2026-05": supplied}', f"gitops:age-2026-05: {{secure: {other}}}"
    told = previewed(tmp_path, recorded({"a.sops.yaml": [OLD]}, {"2026-05": OLD}), keys, more=secrets)
    assert told.exit_code == 32
    assert 'the key "2026-05" has changed since the repositories were checked, but 1 file that the cluster reads' in told.errors
    assert "Keep the old key, and give the new one its own name. Put the recipient" in told.errors
    assert other not in told.errors


def test_a_key_that_got_another_name_is_still_there(tmp_path: Path) -> None:
    identity = identity_from_seed("the same")
    recipient = recipient_of(identity)
    record = recorded({"a.sops.yaml": [recipient]}, {"2026-05": recipient})
    told = previewed(tmp_path, record, more=f"gitops:age-2026-11: {{secure: {identity}}}")
    assert (told.exit_code, told.errors) == (0, "")


@pytest.mark.parametrize(
    ("files", "keys"),
    [
        ({"a.sops.yaml": [OLD, NEW]}, '{"2026-11": supplied}'),
        ({"a.sops.yaml": [OLD]}, '{"2026-05": supplied, "2026-11": supplied}'),
        ({}, '{"2026-11": supplied}'),
    ],
    ids=[
        "it is encrypted for the key that stays",
        "the key stays",
        "no file",
    ],
)
def test_a_key_that_nothing_needs_may_go(files: dict[str, list[str]], keys: str, tmp_path: Path) -> None:
    told = previewed(tmp_path, recorded(files), keys)
    assert (told.exit_code, told.errors, warnings(told)) == (0, "", [])


@pytest.mark.parametrize(
    ("readers", "is_read"),
    [
        ([PERSON], False),
        (["pgp"], False),
        ([PERSON, NEW], True),
        ({"threshold": 2, "groups": [[NEW], [PERSON]]}, False),
        ({"threshold": 1, "groups": [[NEW], [PERSON]]}, True),
    ],
    ids=["a person's", "PGP", "the stack's, too", "too few groups", "enough groups"],
)
def test_a_preview_warns_of_a_recorded_file_that_no_key_of_the_stack_reads(readers: Any, is_read: bool, tmp_path: Path) -> None:
    told = previewed(tmp_path, recorded({"a.sops.yaml": readers}, {"2026-11": NEW}))
    expected = (
        "When the repositories were last checked, 1 file was encrypted for no key of this stack (app: a.sops.yaml). "
        "Flux could not decrypt it. To see what is needed: gitops check --stack fixture"
    )
    assert (told.exit_code, told.errors, warnings(told)) == (0, "", [] if is_read else [expected])


def test_a_preview_is_silent_of_unread_files_while_a_key_was_never_applied(tmp_path: Path) -> None:
    told = previewed(tmp_path, recorded({"a.sops.yaml": [PERSON]}, {"2026-05": OLD}))
    assert (told.exit_code, told.errors, warnings(told)) == (0, "", [])


@pytest.mark.parametrize("record", [None, {"keys": {"2026-05": OLD}, "repositories": []}], ids=["no record", "a record that lacks it"])
def test_a_repository_that_nobody_checked_may_need_any_key(record: dict[str, Any] | None, tmp_path: Path) -> None:
    told = previewed(tmp_path, record)
    what = "checked/record.yaml" if record is None else "GitRepository/app in checked/record.yaml"
    assert (told.exit_code, told.errors) == (0, "")
    run = "Run `gitops check --stack fixture`, and commit the file that it writes"
    assert warnings(told) == [f"Without {what}, it is unknown which keys are needed. {run}"]


SSH = "ssh-ed25519 " + "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
KINDS = ("pgp", "aws-kms", "gcp-kms", "azure-kv", "vault", "huawei-kms", SSH)
SERVICES = "gitops:decryption: {keyServices: [%s]}"
ACCOUNT = "gitops:decryption: {serviceAccountAnnotations: {%s: me}}"


@pytest.mark.parametrize(
    ("more", "believed"),
    [
        ("", []),
        (SERVICES % "vault-token", ["vault"]),
        (SERVICES % "aws-kms, azure-kv, gcp-kms", ["aws-kms", "gcp-kms", "azure-kv"]),
        (ACCOUNT % "eks.amazonaws.com/role-arn", ["aws-kms"]),
        (ACCOUNT % "azure.workload.identity/client-id", ["azure-kv"]),
        (ACCOUNT % "iam.gke.io/gcp-service-account", ["gcp-kms"]),
        (ACCOUNT % "note", []),
    ],
)
def test_another_key_makes_an_age_key_needless_only_where_the_stack_has_that_other_key(
    more: str, believed: list[str], tmp_path: Path
) -> None:
    catalog = CATALOG.replace("{provider: sops}", "{provider: sops, secretRef: {name: sops-age}}")
    told = previewed(tmp_path, recorded({f"{kind.partition(' ')[0]}.yaml": [OLD, kind] for kind in KINDS}), catalog=catalog, more=more)
    needed = len(KINDS) - len(believed)
    assert told.exit_code == 32
    assert f'the key "2026-05" is gone from this stack, but {needed} files' in told.errors
    told = previewed(tmp_path / "again", recorded({f"{kind}.yaml": [OLD, kind] for kind in believed}), catalog=catalog, more=more)
    assert (told.exit_code, told.errors) == (0, "")


@pytest.mark.parametrize(
    ("flag", "believed"),
    [
        ("sops-vault-configmap: vault", {"vault"}),
        ("default-decryption-service-account: reader", {"aws-kms", "gcp-kms", "azure-kv"}),
        ("requeue-dependency: 5s", set()),
    ],
)
def test_a_flag_of_the_controller_brings_other_keys_too(flag: str, believed: set[str]) -> None:
    name, value = flag.split(": ")
    stack: Any = SimpleNamespace(decryption=Decryption(), flux=SimpleNamespace(flags={"kustomize-controller": {name: value}}))
    assert other_keys_of(stack) == believed


@pytest.mark.parametrize(("accounts", "exit_code"), [(None, 32), (["b.sops.yaml"], 32), (["a.sops.yaml"], 0)])
def test_a_service_account_of_the_kustomizations_own_counts_for_the_files_it_reads(
    accounts: list[str] | None, exit_code: int, tmp_path: Path
) -> None:
    record = recorded({"a.sops.yaml": [OLD, "aws-kms"]})
    if accounts:
        record["repositories"][0]["asServiceAccount"] = accounts
    assert previewed(tmp_path, record).exit_code == exit_code
    record["repositories"][0]["files"] = {"a.sops.yaml": [OLD, "pgp"]}
    assert previewed(tmp_path / "again", record).exit_code == 32, "no cloud has a PGP key"


@pytest.mark.parametrize(
    ("keys", "more"), [('{"2026-11": supplied}', SERVICES % "valt-token"), ('{"2026-05": suplied, "2026-11": supplied}', "")]
)
def test_while_the_keys_cannot_be_read_nothing_is_said_of_what_needs_them(keys: str, more: str, tmp_path: Path) -> None:
    told = previewed(tmp_path, recorded({"a.sops.yaml": [OLD, "vault"]}), keys, more=more)
    assert told.exit_code == 32
    assert len(told.errors.splitlines()) == 2, told.errors
    assert "is gone" not in told.errors


OTHER = str(pyrage.x25519.Identity.generate().to_public())


def grouped(threshold: int, *groups: list[str]) -> dict[str, Any]:
    return {"threshold": threshold, "groups": list(groups)}


@pytest.mark.parametrize(
    ("readers", "needed"),
    [
        (grouped(2, [OLD, PERSON], [NEW]), ["2026-05"]),
        (grouped(2, [OLD, PERSON], [NEW], ["aws-kms"]), []),
        (grouped(3, [OLD], [NEW], ["aws-kms"]), ["2026-05"]),
        (grouped(2, [OTHER], [OLD], [NEW]), ["2026-05"]),
        (grouped(2, [OTHER], [OLD], [PERSON]), ["2025-11", "2026-05"]),
        (grouped(1, [OLD], [NEW]), []),
        (grouped(2, [OLD], [PERSON]), []),
        (grouped(2, [OLD], ["pgp"], [NEW]), ["2026-05"]),
    ],
    ids=[
        "the key opens the second of two groups",
        "two others of three groups stay open",
        "all three groups are needed",
        "one of two that go would do: the newer",
        "both that go are needed",
        "one group is enough",
        "nobody could read it before, either",
        "a key that the cluster does not have opens no group",
    ],
)
def test_of_a_file_with_key_groups_as_many_must_stay_open_as_its_threshold_says(
    readers: dict[str, Any], needed: list[str], tmp_path: Path
) -> None:
    record = recorded({}, {"2025-11": OTHER, "2026-05": OLD, "2026-11": NEW})
    record["repositories"][0]["files"] = {"a.sops.yaml": readers}
    catalog = CATALOG.replace("{provider: sops}", "{provider: sops, secretRef: {name: sops-age}}")
    told = previewed(tmp_path, record, catalog=catalog, more=SERVICES % "aws-kms")
    named = [line.partition('the key "')[2].partition('"')[0] for line in told.errors.splitlines()[1:]]
    assert named == needed, told.errors
    assert told.exit_code == (32 if needed else 0)
    if needed:
        assert "but 1 file that the cluster reads still needs it: too few key groups of it have a remaining key (app: a" in told.errors
        assert "Put the recipient of a remaining key into .sops.yaml, in a key group that has none, run `sops updatekeys`" in told.errors


def test_a_record_that_the_environment_names_is_not_to_be_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORD", ".demo/checked/fixture.yaml")
    told = preview(tmp_path, STACK.format(keys='{"2026-11": supplied}', record="{env: RECORD}", more=""), catalog=CATALOG, register=False)
    assert [text.partition("Run: ")[2] for text in warnings(told)] == ["gitops check --stack fixture"]


def test_a_stack_that_decrypts_and_was_never_checked_is_warned_once(tmp_path: Path) -> None:
    told = previewed(tmp_path, None)
    assert told.exit_code == 0
    assert len(warnings(told)) == 1
    assert "Run `gitops check --stack fixture`, and commit the file that it writes" in warnings(told)[0]


def test_a_stack_that_decrypts_nothing_need_not_be_checked(tmp_path: Path) -> None:
    assert not warnings(previewed(tmp_path, None, catalog=CATALOG.replace(", decryption: {provider: sops}", "")))


def test_a_stack_without_an_age_key_need_not_be_checked(tmp_path: Path) -> None:
    catalog = CATALOG.replace("{provider: sops}", "{provider: sops, secretRef: {name: elsewhere}}")
    told = previewed(tmp_path, None, "{}", catalog)
    assert (told.exit_code, warnings(told)) == (0, []), told.errors


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("keys: [", "record.yaml:2: is not YAML"),
        ("keys: {a: 1}", "record.yaml:1 keys.a: must be text"),
        ("repositories: [{source: a/b, url: u, commit: c, files: {a: {groups: [[1]]}}}]", "files.a.threshold: is required but missing"),
        ("repositories: [{source: a/b, url: u, commit: c, files: {a: age1}}]", "files.a: must be a list, not text"),
        ("kees: {}", "record.yaml:1 kees: is an unknown key"),
        ("keys: {a: AGE-SECRET-KEY-}", "record.yaml:1 keys.a: is a private key in plain text"),
    ],
)
def test_a_broken_record_is_told_and_not_passed_over(content: str, says: str, tmp_path: Path) -> None:
    told = previewed(tmp_path, content)
    assert told.exit_code == 32
    assert says in told.errors
    assert told.errors.endswith("Do not edit this file: remove it, and run `gitops check`.")


def test_a_persons_ssh_key_does_not_let_the_cluster_read_a_file(tmp_path: Path) -> None:
    told = previewed(tmp_path, recorded({"a.sops.yaml": [OLD, f"ssh-ed25519 {'A' * 68}"]}))

    assert told.exit_code == 32
    assert 'the key "2026-05" is gone from this stack, but 1 file that the cluster reads' in told.errors
