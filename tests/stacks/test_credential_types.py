"""What a type of credential says of itself agrees with the rest: its secrets, its entries, the hosts, and what Flux does with it."""

import importlib
import pkgutil
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

import stacks.contract.credentials
from flux.rules import check
from gitops.adopt.credential_types import SECRET_FORMS, credential_of
from stacks.contract.credentials.credential import CredentialModel, Use
from stacks.contract.credentials.every_type import CREDENTIAL_TYPES, Credential
from stacks.contract.credentials.secret_entry import OfHosts, PublicEntry, SecretEntry
from tests.flux.rules.plans import an, git, oci, planned
from tests.keys import certificate, elliptic_key, host_key, public_pem

PUBLIC_KEYS = {
    "cosign.pub": public_pem(elliptic_key("cosign")),
    "author.asc": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n-----END PGP PUBLIC KEY BLOCK-----\n",
    "author.sshpub": host_key("author"),
}
SAMPLES: dict[str, dict[str, Any]] = {
    "ssh": {"type": "ssh"},
    "ssh with a passphrase": {"type": "ssh", "passphrase": True},
    "ssh that is generated": {"type": "ssh", "generated": ["a"], "active": "a"},
    "basic": {"type": "basic", "username": "flux"},
    "bearer": {"type": "bearer"},
    "githubApp": {"type": "githubApp", "appId": "1", "installationId": "2"},
    "registry": {"type": "registry", "server": "r.test", "username": "flux"},
    "tls": {"type": "tls", "ca": certificate()},
    "tls of a client": {"type": "tls", "certificate": certificate()},
    "proxy": {"type": "proxy", "address": "http://proxy.test"},
    "proxy with a user": {"type": "proxy", "address": "http://proxy.test", "username": "flux"},
    "webhook": {"type": "webhook"},
    "webhook of Google": {"type": "webhook", "email": "a@b.test", "audience": "c"},
    "bucket": {"type": "bucket"},
    "publicKeys": {"type": "publicKeys", "keys": PUBLIC_KEYS},
}
LOGIN = '{"auths": {"r.test": {"username": "flux", "password": "not-a-real-password"}}}'
WITHOUT_CERTIFICATES = OfHosts(known_hosts=("git.test ssh-ed25519 AAAA",))
HOSTS = OfHosts(known_hosts=("git.test ssh-ed25519 AAAA",), certificates=(certificate("host"),))
NAMED: dict[str, Any] = {"secretRef": {"name": "mine"}}
HELM: dict[str, Any] = {"interval": "1h", **NAMED}
SOURCES = {
    Use.GIT_SSH: git(url="ssh://git@git.test/org/homelab.git", **NAMED),
    Use.GIT_HTTPS: git(**NAMED),
    Use.HELM: an("HelmRepository", "charts", url="https://charts.test", **HELM),
    Use.HELM_OCI: an("HelmRepository", "charts", url="oci://r.test/charts", type="oci", **HELM),
    Use.OCI: oci(**NAMED),
    Use.CERTIFICATE: oci(certSecretRef={"name": "mine"}),
    Use.PROXY: git(proxySecretRef={"name": "mine"}),
    Use.RECEIVER: an("Receiver", "push", type="generic", resources=[], **NAMED),
    Use.BUCKET: an("Bucket", "models", interval="1h", bucketName="models", endpoint="s3.test", **NAMED),
    Use.VERIFY_GIT: git(verify={"mode": "HEAD", **NAMED}),
    Use.VERIFY_OCI: oci(verify={"provider": "cosign", **NAMED}),
}
FIELDS = ("secretRef", "certSecretRef", "proxySecretRef", "provider", "verify")


def sample(name: str) -> CredentialModel:
    adapter: TypeAdapter[CredentialModel] = TypeAdapter(Credential)
    return adapter.validate_python(SAMPLES[name])


def type_of(model: type[CredentialModel]) -> str:
    return str(get_args(model.model_fields["type"].annotation)[0])


def test_every_class_of_a_credential_is_on_the_list_and_final() -> None:
    for module in pkgutil.iter_modules(stacks.contract.credentials.__path__):
        importlib.import_module(f"{stacks.contract.credentials.__name__}.{module.name}")

    assert set(CredentialModel.__subclasses__()) == set(CREDENTIAL_TYPES), "a type that is not in every_type.py is in no stack file"
    for model in CREDENTIAL_TYPES:
        assert getattr(model, "__final__", False), f"mypy asks a final class alone whether it left something open: {model}"
    assert {type_of(model) for model in CREDENTIAL_TYPES} == {each["type"] for each in SAMPLES.values()}


@pytest.mark.parametrize("name", SAMPLES)
def test_its_entries_are_made_of_exactly_the_secrets_that_it_asks_for(name: str) -> None:
    credential = sample(name)

    fields = [entry.field for entry in credential.entries(HOSTS) if isinstance(entry, SecretEntry)]

    assert fields == credential.secret_fields()
    assert set(fields) <= set(credential.SECRETS)


@pytest.mark.parametrize("name", SAMPLES)
def test_its_secret_holds_what_it_says_that_it_takes_of_hosts(name: str) -> None:
    credential = sample(name)
    public = {entry.name: entry.value for entry in credential.entries(HOSTS) if isinstance(entry, PublicEntry)}
    alone = {entry.name: entry.value for entry in credential.entries(OfHosts()) if isinstance(entry, PublicEntry)}

    assert ("knownHosts" in credential.OF_HOSTS) == ("known_hosts" in public)
    assert ("ca" in credential.OF_HOSTS) == (certificate("host") in public.get("ca.crt", ""))
    assert "known_hosts" not in alone
    assert alone.get("ca.crt") == credential.own_certificates


def test_adopt_recognises_every_type_by_its_secret_and_knows_all_of_its_entries() -> None:
    assert set(SECRET_FORMS) == {type_of(model) for model in CREDENTIAL_TYPES}
    for name in SAMPLES:
        credential = sample(name)
        values = {entry.name: entry.value if isinstance(entry, PublicEntry) else "{}" for entry in credential.entries(HOSTS)}
        if credential.generated_in_use:
            values["identity"] = "made by the stack"
        found = credential_of("mine", values | ({".dockerconfigjson": LOGIN} if credential.registry else {}))
        assert found is not None, name
        assert found.description["type"] == SAMPLES[name]["type"]
        assert found.lost == (), name


@pytest.mark.parametrize("use", Use)
@pytest.mark.parametrize("name", SAMPLES)
def test_flux_can_use_it_where_it_says_and_nowhere_else(name: str, use: Use) -> None:
    credential = sample(name)
    entries = {entry.name for entry in credential.entries(WITHOUT_CERTIFICATES)} | ({"identity"} if credential.generated_in_use else set())
    source = SOURCES[use]
    if credential.GIT_PROVIDER and use is Use.GIT_HTTPS:
        source = {**source, "spec": {**source["spec"], "provider": credential.GIT_PROVIDER}}
    registries = {"mine": credential.registry} if credential.registry else {}

    findings = check(planned(source, secrets={"mine": frozenset(entries)}, registries=registries))

    told = [finding for finding in findings if finding.path[1:2] and finding.path[1] in FIELDS]
    if name == "tls" and use is Use.HELM:
        assert told, "an index would take them for a while, but they belong under `certificate`"
    assert bool(told) == (use not in credential.uses()), [finding.path for finding in told]
