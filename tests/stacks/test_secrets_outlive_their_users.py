"""On destroy an object goes before the Secrets that it names: its controller may need them for the object's finalizer."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests import invariants
from tests.engine import REPOSITORY
from tests.record import Record, Resource
from tests.stack_files import preview

EVERY_TYPE = REPOSITORY / "tests" / "fixtures" / "stacks" / "valid" / "every-type-of-credential.yaml"


@pytest.fixture(scope="module")
def every_type(tmp_path_factory: pytest.TempPathFactory) -> Record:
    record = preview(tmp_path_factory.mktemp("every-type"), EVERY_TYPE.read_text(encoding="utf-8"), catalog="")
    assert record.exit_code == 0, record.errors
    return record


def named_secrets(value: Any) -> Iterator[str]:
    """Whatever a spec names in a field that is called after a Secret."""
    for key, item in value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ():
        if str(key).lower().endswith("secretref"):
            yield item["name"]
        else:
            yield from named_secrets(item)


def users(record: Record) -> list[tuple[Resource, str, Resource]]:
    """Object, name of a Secret that it names, and that Secret, if the stack makes it."""
    made = {each.object_name: each for each in record.kubernetes() if each.kind == "Secret"}
    flux = [each for each in record.kubernetes() if each.group.endswith("fluxcd.io")]
    return [(each, name, made[name]) for each in flux for name in named_secrets(each.inputs["spec"]) if name in made]


@pytest.mark.parametrize(("stack", "least"), [("dev_up", 2), ("production_preview", 1), ("staging_preview", 2), ("every_type", 18)])
def test_every_object_waits_for_every_secret_that_it_names(stack: str, least: int, request: pytest.FixtureRequest) -> None:
    record: Record = request.getfixturevalue(stack)
    found = users(record)

    assert len(found) >= least, "the search finds what there is"
    for item, name, secret in found:
        assert secret.urn in record.waits_for(item), f"{item.urn} would outlive Secret/{name}"


def test_all_three_references_are_among_them(every_type: Record) -> None:
    fields = {
        field for item, _, _ in users(every_type) for field in item.inputs["spec"] if field.endswith("SecretRef") or field == "secretRef"
    }

    assert fields == {"secretRef", "certSecretRef", "proxySecretRef"}


def test_a_stack_with_every_type_keeps_every_invariant(every_type: Record) -> None:
    invariants.check_everything(every_type)


def test_the_certificates_of_a_host_become_secrets_and_entries(every_type: Record) -> None:
    entries = {each.object_name: set(each.inputs["data"]) for each in every_type.kubernetes() if each.kind == "Secret"}

    assert entries == {
        "deploy": {"identity", "identity.pub", "known_hosts"},
        "mirror": {"identity", "known_hosts", "password"},
        "read": {"username", "password", "ca.crt"},
        "token": {"bearerToken", "ca.crt"},
        "app": {"githubAppID", "githubAppInstallationOwner", "githubAppPrivateKey"},
        "login": {".dockerconfigjson"},
        "client": {"tls.crt", "tls.key", "ca.crt"},
        "office-proxy": {"address"},
        "gitea-ca": {"ca.crt"},
        "registry-ca": {"ca.crt"},
        "sops-age": {"2026-11.agekey", "sops.vault-token", "sops.gcp-kms", "homelab.asc"},
        "push": {"token"},
        "models": {"accesskey", "secretkey"},
        "signers": {"cosign.pub", "author.sshpub"},
    }


def test_names_of_resources_follow_the_names_of_the_secrets(every_type: Record) -> None:
    # Logical names are state: another one would replace the Secret, with a moment in which there is none.
    names = {each.object_name: each.name for each in every_type.kubernetes() if each.kind == "Secret"}

    assert names.pop("sops-age") == "age-keys-secret"
    assert names == {name: f"{name}-secret" for name in names}
