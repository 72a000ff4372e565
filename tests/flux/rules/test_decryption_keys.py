"""The key with which a Kustomization decrypts."""

import pytest

from tests.flux.rules.plans import git, ks, said

SECRETS = {"sops-age": frozenset({"2026-11.agekey"}), "misnamed": frozenset({"age.key"}), "empty": frozenset()}
OTHERS = {name: keys for name, keys in SECRETS.items() if name != "sops-age"}
SOPS = {"provider": "sops"}


def test_a_kustomization_that_decrypts_needs_a_key() -> None:
    assert said(git(), ks(decryption=SOPS)) == [
        "Kustomization/flux-system/apps spec.decryption: has no key. Flux could not decrypt anything, and one encrypted file would fail "
        "the whole Kustomization. Add a key to gitops:age.keys, or name a Secret with keys in decryption.secretRef."
    ]


def test_one_that_does_not_decrypt_needs_none() -> None:
    assert said(git(), ks(decryption=None)) == []


@pytest.mark.parametrize("flag", ["sops-age-secret", "sops-vault-configmap", "default-decryption-service-account"])
def test_the_controller_may_have_a_key_for_all(flag: str) -> None:
    assert said(git(), ks(decryption=SOPS), flags={"kustomize-controller": {flag: "sops-age"}}, secrets=SECRETS) == []


def test_a_kustomization_may_have_an_account_or_a_secret_of_its_own() -> None:
    gate = {"kustomize-controller": {"feature-gates": ["ObjectLevelWorkloadIdentity=true"]}}
    assert said(git(), ks(decryption={**SOPS, "serviceAccountName": "kms"}), flags=gate) == []
    assert said(git(), ks(decryption={**SOPS, "secretRef": {"name": "brought-by-hand"}}), secrets=SECRETS) == []
    assert said(git(), ks(decryption={**SOPS, "secretRef": {"name": "sops-age"}}), secrets=SECRETS) == []


@pytest.mark.parametrize("key", ["a.agekey", "a.asc", "sops.vault-token", "sops.aws-kms", "sops.azure-kv", "sops.gcp-kms"])
def test_every_entry_that_flux_reads_will_do(key: str) -> None:
    assert said(git(), ks(decryption={**SOPS, "secretRef": {"name": "x"}}), secrets={"x": frozenset({key, "other"})}) == []


def test_entries_that_flux_ignores_are_no_keys() -> None:
    tail = "Flux reads only entries *.agekey, *.asc and sops.*, so it could not decrypt anything. "
    tail += "Name the Secret with the age keys."
    assert said(git(), ks(decryption={**SOPS, "secretRef": {"name": "misnamed"}}), secrets=SECRETS) == [
        "Kustomization/flux-system/apps spec.decryption.secretRef: names Secret/misnamed, which holds no decryption key, only "
        f"age.key. {tail}"
    ]
    assert said(git(), ks(decryption={**SOPS, "secretRef": {"name": "empty"}}), secrets=SECRETS) == [
        f"Kustomization/flux-system/apps spec.decryption.secretRef: names Secret/empty, which is empty. {tail}"
    ]


def test_of_the_secret_for_all_flux_reads_only_age_keys() -> None:
    flags = {"kustomize-controller": {"sops-age-secret": "pgp"}}
    assert said(git(), ks(decryption=SOPS), flags=flags, secrets={"pgp": frozenset({"a.asc"})}) == [
        "Kustomization/flux-system/apps spec.decryption: uses Secret/pgp (flag sops-age-secret of kustomize-controller), which "
        "holds no decryption key, only a.asc. Flux reads only entries *.agekey there, so it could not decrypt anything. Name one "
        "with age keys in gitops:flux.flags.kustomize-controller.sops-age-secret, or in decryption.secretRef."
    ]


def test_one_that_does_not_decrypt_uses_no_secret() -> None:
    assert said(git(), ks(), flags={"kustomize-controller": {"sops-age-secret": "misnamed"}}, secrets=OTHERS) == []


def test_a_secret_for_all_that_the_stack_does_not_make_may_hold_anything() -> None:
    flags = {"kustomize-controller": {"sops-age-secret": "brought-by-hand"}}
    assert said(git(), ks(decryption=SOPS), flags=flags, secrets=OTHERS) == []


def test_the_stacks_own_keys_are_those_that_flux_reads() -> None:
    flags = {"kustomize-controller": {"sops-age-secret": "brought-by-hand"}}
    named = ks(decryption={**SOPS, "secretRef": {"name": "sops-age"}})

    assert said(git(), named, flags=flags, secrets=SECRETS) == []
    assert said(git(), ks(decryption=SOPS), flags=flags, secrets=SECRETS) == [
        "stack file flux.flags.kustomize-controller.sops-age-secret: names a Secret other than sops-age, which holds the stack's age keys. "
        "Flux would not use the keys of gitops:age. Remove the flag: the stack sets it."
    ]


def test_one_with_an_account_of_its_own_uses_no_secret() -> None:
    flags = {"kustomize-controller": {"sops-age-secret": "misnamed", "feature-gates": "ObjectLevelWorkloadIdentity=true"}}
    assert said(git(), ks(decryption={**SOPS, "serviceAccountName": "kms"}), flags=flags, secrets=OTHERS) == []


def test_the_own_secret_wins_over_the_one_for_all() -> None:
    flags = {"kustomize-controller": {"sops-age-secret": "misnamed"}}
    assert said(git(), ks(decryption={**SOPS, "secretRef": {"name": "sops-age"}}), flags=flags, secrets=SECRETS) == []


VAULT = {"sops-age": frozenset({"sops.vault-token"})}


def test_what_logs_in_to_a_key_service_must_be_named_by_a_kustomization() -> None:
    expected = (
        "stack file decryption.keyServices: puts sops.aws-kms and sops.vault-token into Secret/sops-age, which no Kustomization "
        "names. The flag sops-age-secret reads only age keys: Flux would never ask the key service. Add to each Kustomization that "
        "needs it: decryption: {provider: sops, secretRef: {name: sops-age}}."
    )
    secrets = {"sops-age": frozenset({"sops.vault-token", "sops.aws-kms", "2026-11.agekey"})}
    flags = {"kustomize-controller": {"sops-age-secret": "sops-age"}}
    assert said(git(), ks(decryption=SOPS), flags=flags, secrets=secrets) == [expected]
    assert said(git(), ks(), secrets=secrets) == [expected]


def test_one_kustomization_that_names_it_is_enough() -> None:
    named = {**SOPS, "secretRef": {"name": "sops-age"}}
    flags = {"kustomize-controller": {"sops-age-secret": "sops-age"}}
    secrets = {"sops-age": frozenset({"sops.vault-token", "2026-11.agekey"})}
    assert said(git(), ks("a", decryption=named), ks("b", decryption=SOPS), flags=flags, secrets=secrets) == []
    assert said(git(), ks(decryption=named), secrets=VAULT) == []


def test_without_an_age_key_each_kustomization_that_decrypts_names_it() -> None:
    named = {**SOPS, "secretRef": {"name": "sops-age"}}
    (sentence,) = said(git(), ks("a", decryption=named), ks("b", decryption=SOPS), secrets=VAULT)
    assert sentence.startswith("Kustomization/flux-system/b spec.decryption: has no key.")


def test_a_controller_that_a_cloud_knows_needs_no_key() -> None:
    assert said(git(), ks(decryption=SOPS), known_to_a_cloud=frozenset({"kustomize-controller"})) == []
    assert len(said(git(), ks(decryption=SOPS), known_to_a_cloud=frozenset({"source-controller"}))) == 1
