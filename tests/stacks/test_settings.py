"""What a run is given: read once, checked before anything is registered, told plainly when it is wrong."""

import base64
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from flux.keys.age_identity import identity_from_seed, recipient_of
from flux.keys.sops_creation_rules import sops_config
from stacks.choosing import installation
from tests import invariants
from tests.engine import attempt, entry_point, run
from tests.manifests import manifests_directory
from tests.record import UNKNOWN, Record, Secret
from tests.shipped_stacks import CONTEXT, DEPLOY_IDENTITY, READ_PASSWORD, SECRETS, dev, kubeconfig, reviewed, shipped, small

MARKER = "hunter2-marker"


def mistake(around: Any, *, markers: tuple[str, ...] = (*SECRETS, MARKER)) -> str:
    """What a person sees of their mistake: our text alone, with nothing registered and nothing leaked."""
    record = attempt(entry_point(), **around)
    assert record.exit_code == 32, f"{record.exception!r}: only after 32 the engine adds nothing of its own"
    assert [resource.type for resource in record.resources] == ["pulumi:pulumi:Stack"], "something was registered"
    assert "Traceback" not in record.errors + record.printed
    assert record.exports == {}
    invariants.check_no_leak(record, markers)
    return record.errors


def matches(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None


def secret_of(record: Record, name: str) -> Any:
    return record.object("Secret", name).inputs["data"]


def test_a_secret_nested_in_an_object_is_refused(tmp_path: Path) -> None:
    around = dev(tmp_path, config={"gitops:variables": None}, secrets={"variables": json.dumps({"TOKEN": MARKER})})

    text = mistake(around)

    assert matches(r"Pulumi\.dev\.yaml:\d+ gitops:variables: holds a secret. It would be in Pulumi's state in plain text", text)
    assert "pulumi config set --secret" in text


def test_a_required_object_with_a_secret_inside_is_one_problem_not_two(tmp_path: Path) -> None:
    around = dev(tmp_path, config={"gitops:cluster": None}, secrets={"cluster": json.dumps({"name": MARKER})})

    assert mistake(around).startswith("1 problem;")


def test_a_secret_in_plain_text_is_refused_without_repeating_it(tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, config={"gitops:gitea-read-password": MARKER}))

    assert "gitops:gitea-read-password: is a secret in plain text" in text
    assert "pulumi config set --secret gitops:gitea-read-password" in text


def test_a_missing_secret_ends_up_with_the_command_that_sets_it(tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, environment={DEPLOY_IDENTITY: None, READ_PASSWORD: None}))

    assert text.startswith("2 problems; nothing was changed.")
    assert f"pulumi config set --secret gitops:homelab-deploy-identity, or set {DEPLOY_IDENTITY}" in text
    assert f"pulumi config set --secret gitops:gitea-read-password, or set {READ_PASSWORD}" in text


def test_a_preview_needs_no_secret(tmp_path: Path) -> None:
    record = run(entry_point(), **small(tmp_path, preview=True, environment={DEPLOY_IDENTITY: None, READ_PASSWORD: None}))

    assert secret_of(record, "homelab-deploy")["identity"] == Secret(UNKNOWN)
    assert isinstance(secret_of(record, "gitea-read")["password"], Secret)


def test_a_secret_of_the_config_wins_over_one_of_the_environment(tmp_path: Path) -> None:
    record = run(entry_point(), **small(tmp_path, secrets={"gitea-read-password": MARKER}))

    assert base64.b64decode(secret_of(record, "gitea-read")["password"].value).decode() == MARKER
    invariants.check_no_leak(record, [MARKER])


def test_known_hosts_stand_beside_the_identity_that_needs_them(dev_up: Record) -> None:
    assert set(secret_of(dev_up, "homelab-deploy")) == {"identity", "known_hosts"}
    assert set(secret_of(dev_up, "gitea-read")) == {"username", "password", "ca.crt"}


def test_a_run_time_value_that_is_missing_is_named_once_with_the_command(tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, environment={"GITOPS_DEV_SERVER": None}))

    assert text.startswith("1 problem;")
    assert matches(r"Pulumi\.dev\.yaml:\d+ gitops:cluster\.server: the environment variable GITOPS_DEV_SERVER is not set", text)
    assert 'eval "$(make -s env)"' in text


def test_run_time_values_are_for_development_only() -> None:
    cluster = {**shipped("production")["gitops:cluster"], "context": {"env": "GITOPS_DEV_CONTEXT"}}

    text = mistake(reviewed("production", config={"gitops:cluster": cluster}))

    assert matches(r"Pulumi\.production\.yaml:\d+ gitops:cluster\.context: .* only development allows that", text)


def test_a_key_that_nothing_reads_is_refused_with_its_neighbour(tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, config={"gitops:overide": {}}))

    assert "gitops:overide: is an unknown key. It would have no effect. Did you mean `override`?" in text


def test_a_secret_that_nothing_reads_any_more_comes_with_the_command_that_removes_it(tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, secrets={"age-2026-05": "marker"}))

    assert "gitops:age-2026-05: is an unknown key" in text
    assert "If the stack no longer needs it, run: pulumi config rm gitops:age-2026-05" in text


def test_an_empty_variable_is_no_secret(tmp_path: Path) -> None:
    # What a workflow gives that may not see the secret, such as that of a fork's pull request.
    empty = {"GITOPS_SECRET_HOMELAB_DEPLOY_IDENTITY": "", "GITOPS_SECRET_GITEA_READ_PASSWORD": ""}

    record = run(entry_point(), **small(tmp_path, preview=True, environment=empty))

    assert record.object("Secret", "homelab-deploy").inputs["data"]["identity"] == Secret(UNKNOWN)


def test_keys_of_others_are_none_of_our_business(tmp_path: Path) -> None:
    assert run(entry_point(), **small(tmp_path, config={"kubernetes:anything": "x", "pulumi:tags": {"a": "b"}}))


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, config={"gitops:onDestroy": "never", "gitops:use": "base", "gitops:variables": {"A": 2.5}}))

    assert text.startswith("3 problems; nothing was changed.\n")
    assert len(text.splitlines()) == 4


def test_no_cluster_is_named_when_there_is_no_kubeconfig(tmp_path: Path) -> None:
    assert "KUBECONFIG: is not set. There is no cluster to change" in mistake(dev(tmp_path, environment={"KUBECONFIG": None}))
    record = run(entry_point(), **small(tmp_path, preview=True, environment={"KUBECONFIG": None}))
    assert {provider.inputs["kubeconfig"] for provider in record.of_type("pulumi:providers:kubernetes")} == {Secret(UNKNOWN)}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"server": "https://127.0.0.1:1"},
            "Pulumi.dev.yaml:\\d+ gitops:cluster.server: the stack is for .* reaches https://127.0.0.1:1. Another cluster",
        ),
        ({"ca": b"another CA"}, "Pulumi.dev.yaml:\\d+ gitops:cluster.caSha256: the stack pins the CA .* Another cluster would be changed"),
        (
            {"context": "kwok-tset"},
            "Pulumi.dev.yaml:\\d+ gitops:cluster.context: KUBECONFIG has no context kwok-test.*Did you mean `kwok-tset",
        ),
    ],
)
def test_another_cluster_than_the_stacks_is_refused_even_in_a_preview(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    around = dev(tmp_path, preview=True)
    kubeconfig(tmp_path, **changed)

    assert matches(message, mistake(around))


def test_the_kubeconfig_may_be_a_secret_of_the_stack(tmp_path: Path) -> None:
    cluster = {**shipped("dev")["gitops:cluster"], "kubeconfig": "secret"}
    text = kubeconfig(tmp_path).read_text()

    around = dev(tmp_path, config={"gitops:cluster": cluster}, secrets={"kubeconfig": text}, environment={"KUBECONFIG": None})

    record = run(entry_point(), **around)
    assert isinstance(record.named("kubernetes").inputs["kubeconfig"], Secret)
    invariants.check_no_leak(record, SECRETS)


def test_a_supplied_age_key_is_used_and_its_recipient_exported(tmp_path: Path) -> None:
    identity = identity_from_seed("supplied")
    config = {"gitops:age": {"keys": {"2026-05": "supplied", "2026-11": "generated"}}}

    record = run(entry_point(), **small(tmp_path, config=config, secrets={"age-2026-05": identity}))

    assert record.exports["ageRecipients"]["2026-05"] == recipient_of(identity)
    assert set(secret_of(record, "sops-age")) == {"2026-05.agekey", "2026-11.agekey"}
    invariants.check_everything(record, markers=[identity])


@pytest.mark.parametrize("key", ["supplied", {"origin": "supplied", "recipient": recipient_of(identity_from_seed("supplied"))}])
def test_a_forgotten_age_key_is_an_error_and_never_a_new_key(key: Any, tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, config={"gitops:age": {"keys": {"2026-05": key}}}))

    assert "gitops:age-2026-05: is missing. The objects that need it could not be created" in text


def test_an_age_key_that_is_none_is_refused_without_showing_it(tmp_path: Path) -> None:
    around = dev(tmp_path, config={"gitops:age": {"keys": {"2026-05": "supplied"}}}, secrets={"age-2026-05": MARKER})

    assert "gitops:age-2026-05: is not an age identity" in mistake(around)


def test_a_whole_age_keygen_file_is_a_supplied_key_and_its_text_is_what_flux_gets(tmp_path: Path) -> None:
    identity = identity_from_seed("supplied")
    file = f"# created: 2026-11-24T12:00:00Z\n# public key: {recipient_of(identity)}\n{identity}\n"
    config = {"gitops:age": {"keys": {"2026-05": {"origin": "supplied", "recipient": recipient_of(identity)}}}}

    record = run(entry_point(), **small(tmp_path, config=config, secrets={"age-2026-05": file}))

    assert base64.b64decode(secret_of(record, "sops-age")["2026-05.agekey"].value).decode() == file
    invariants.check_everything(record, markers=[identity, file])


def test_a_preview_without_the_secret_knows_the_declared_recipient_and_the_sops_config(tmp_path: Path) -> None:
    recipient = recipient_of(identity_from_seed("supplied"))
    keys = {"2026-05": "supplied", "2026-11": {"origin": "supplied", "recipient": recipient}}

    record = run(entry_point(), **small(tmp_path, preview=True, config={"gitops:age": {"keys": keys}}))

    assert record.exports["ageRecipients"] == {"2026-05": UNKNOWN, "2026-11": recipient}
    assert record.exports["sopsConfig"] == sops_config([recipient])


def test_an_age_key_of_another_recipient_is_refused_with_both(tmp_path: Path) -> None:
    identity, other = identity_from_seed("supplied"), recipient_of(identity_from_seed("another"))
    config = {"gitops:age": {"keys": {"2026-05": {"origin": "supplied", "recipient": other}}}}

    text = mistake(dev(tmp_path, config=config, secrets={"age-2026-05": identity}), markers=(identity,))

    where = r"Pulumi\.dev\.yaml:\d+ gitops:age\.keys\.2026-05\.recipient"
    assert matches(
        f"{where}: the identity's own recipient is {recipient_of(identity)}, but {other} is declared for it. Flux could not", text
    )
    assert "pulumi config set --secret gitops:age-2026-05" in text


def test_the_controller_is_told_where_the_age_key_lies_unless_there_is_none(tmp_path: Path, dev_up: Record) -> None:
    def arguments(record: Record) -> list[str]:
        found: list[str] = record.object("Deployment", "kustomize-controller").inputs["spec"]["template"]["spec"]["containers"][0]["args"]
        return found

    without = run(entry_point(), **small(tmp_path, config={"gitops:age": None, "gitops:use": ["ml"]}))

    assert "--sops-age-secret=sops-age" in arguments(dev_up)
    assert "--requeue-dependency=5s" in arguments(dev_up)
    assert not [argument for argument in arguments(without) if argument.startswith("--sops-age-secret")]
    assert (without.exports["ageRecipients"], without.exports["sopsConfig"]) == ({}, "")


def test_manifests_that_are_not_there_are_named(tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, environment={"GITOPS_DEV_FLUX_MANIFESTS": str(tmp_path / "gone")}))

    assert f"flux.manifests: names {tmp_path / 'gone'}, which is not a directory" in text


def test_an_offline_copy_of_another_version_is_refused() -> None:
    text = mistake(reviewed("production", environment={"GITOPS_FLUX_MANIFESTS": str(manifests_directory("v2.8.8"))}))

    assert "GITOPS_FLUX_MANIFESTS: holds Flux v2.8.8, but the stack installs ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:" in text


def test_an_offline_copy_is_used_with_a_warning_that_the_digest_was_not_checked(production_preview: Record) -> None:
    warnings = [message.text for message in production_preview.log if message.severity == "warning"]

    assert len([text for text in warnings if "the digest was not checked" in text]) == 1


def test_up_never_installs_from_an_offline_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def pull(reference: object, _cache: Path) -> dict[str, bytes]:
        asked.append(str(reference))
        return {file.name: file.read_bytes() for file in manifests_directory().glob("*.yaml")}

    monkeypatch.setattr(installation, "pull_manifests", pull)
    manifests = shipped("production")["gitops:flux"]["manifests"]

    run(
        entry_point(),
        **small(tmp_path, config={"gitops:flux": {"manifests": manifests}}, environment={"GITOPS_FLUX_MANIFESTS": "/nowhere"}),
    )

    assert asked == [manifests]


def test_of_several_kubeconfig_files_the_one_with_the_context_counts(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = kubeconfig(tmp_path / "other", context="another")
    around = dev(tmp_path)
    several = os.pathsep.join([str(tmp_path / "absent"), str(other), around["environment"]["KUBECONFIG"]])

    record = run(entry_point(), **small(tmp_path, environment={"KUBECONFIG": several}))

    assert f"current-context: {CONTEXT}" in record.named("kubernetes").inputs["kubeconfig"].value
