"""The key with which a Kustomization decrypts what SOPS encrypted."""

from collections.abc import Iterator

from flux.any_shape import mapping, text
from flux.bodies import SOPS_AGE_SECRET
from flux.finding import GIT, STACK_AND_GIT, STACK_FILE, Finding, in_stack_file
from flux.listing import listed
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.rules.plan import INSTALLATION, Plan
from flux.rules.rule import rule

_CONTROLLER = "kustomize-controller"
_PGP = ".asc"
_SUFFIXES = (".agekey", _PGP)
_NAMES = frozenset({"sops.vault-token", "sops.aws-kms", "sops.azure-kv", "sops.gcp-kms"})
_OTHER_WAYS = ("sops-vault-configmap", "default-decryption-service-account")


@rule(looks_at=STACK_AND_GIT, warns=GIT)
def decryption_has_a_key(plan: Plan) -> Iterator[Finding]:
    """A Kustomization that decrypts names its key, or kustomize-controller has a key for all Kustomizations.

    `decryption.provider` alone enables decryption without a key; `--sops-age-secret` provides a key without enabling decryption. A cloud
    can also recognise the controller by annotations of its ServiceAccount, or the account in `decryption.serviceAccountName`.
    """
    if any(plan.flag(_CONTROLLER, flag) for flag in ("sops-age-secret", *_OTHER_WAYS)) or _CONTROLLER in plan.planned.known_to_a_cloud:
        return
    if plan.is_unknown(INSTALLATION) or plan.is_unknown(ObjectReference("Secret", FLUX_NAMESPACE, SOPS_AGE_SECRET)):
        return
    for item in plan.of_kind("Kustomization"):
        decryption = mapping(item.spec, "decryption")
        if decryption and not text(decryption, "secretRef", "name") and not text(decryption, "serviceAccountName"):
            yield item.wrong(
                ("spec", "decryption"),
                "has no key",
                "Flux could not decrypt anything, and one encrypted file would fail the whole Kustomization.",
                "Add a key to gitops:age.keys, or name a Secret with keys in decryption.secretRef.",
            )


@rule(looks_at=STACK_AND_GIT)
def decryption_secret_holds_keys_that_flux_reads(plan: Plan) -> Iterator[Finding]:
    """The Secret with decryption keys has entries that Flux reads: `*.agekey`, `*.asc`, or one of SOPS's fixed names.

    Flux silently ignores entries with other names (https://github.com/fluxcd/flux2/issues/5154: `age.key`), and reads only `*.agekey` in
    the Secret of `--sops-age-secret`. Checked for Secrets that the stack creates.
    """
    shared = plan.flag(_CONTROLLER, "sops-age-secret")
    for item in plan.of_kind("Kustomization"):
        decryption = mapping(item.spec, "decryption")
        if not decryption:
            continue
        named = text(decryption, "secretRef", "name")
        if named is not None:
            keys = plan.secret_keys(item.namespace, named)
            if keys is not None and not any(key.endswith(_SUFFIXES) or key in _NAMES for key in keys):
                yield item.wrong(
                    ("spec", "decryption", "secretRef"),
                    f"names Secret/{named}, which {_listed(keys)}",
                    "Flux reads only entries *.agekey, *.asc and sops.*, so it could not decrypt anything.",
                    "Name the Secret with the age keys.",
                )
        elif isinstance(shared, str) and not text(decryption, "serviceAccountName"):
            keys = plan.secret_keys(FLUX_NAMESPACE, shared)
            if keys is not None and not any(key.endswith(".agekey") for key in keys):
                yield item.wrong(
                    ("spec", "decryption"),
                    f"uses Secret/{shared} (flag sops-age-secret of {_CONTROLLER}), which {_listed(keys)}",
                    "Flux reads only entries *.agekey there, so it could not decrypt anything.",
                    f"Name one with age keys in gitops:flux.flags.{_CONTROLLER}.sops-age-secret, or in decryption.secretRef.",
                )


@rule(looks_at=STACK_FILE)
def age_keys_are_those_that_flux_reads(plan: Plan) -> Iterator[Finding]:
    """The flag `sops-age-secret` of kustomize-controller names the Secret with the stack's age keys, or is not written.

    The stack puts its keys into the Secret sops-age and sets the flag itself. With another Secret they would be used only by
    Kustomizations that name sops-age in `decryption.secretRef`.
    """
    named = plan.flag(_CONTROLLER, "sops-age-secret")
    keys = plan.planned.secrets.get(SOPS_AGE_SECRET, frozenset())
    if not isinstance(named, str) or named == SOPS_AGE_SECRET or not any(key.endswith(".agekey") for key in keys):
        return
    if any(text(item.spec, "decryption", "secretRef", "name") == SOPS_AGE_SECRET for item in plan.of_kind("Kustomization")):
        return
    yield in_stack_file(
        ("flux", "flags", _CONTROLLER, "sops-age-secret"),
        f"names a Secret other than {SOPS_AGE_SECRET}, which holds the stack's age keys",
        "Flux would not use the keys of gitops:age.",
        "Remove the flag: the stack sets it.",
    )


@rule(looks_at=STACK_FILE)
def key_services_are_used(plan: Plan) -> Iterator[Finding]:
    """A Kustomization names the Secret with the login of a key service, or with a PGP key, in its `decryption.secretRef`.

    With `--sops-age-secret` alone, kustomize-controller reads only `*.agekey` in it (decryptor.go), and could not decrypt what needs the
    key service or the PGP key.
    """
    named = {(item.namespace, text(item.spec, "decryption", "secretRef", "name")) for item in plan.of_kind("Kustomization")}
    for secret, keys in plan.planned.secrets.items():
        if (FLUX_NAMESPACE, secret) in named or not any(key.endswith(_SUFFIXES) or key in _NAMES for key in keys):
            continue
        services, pgp_keys = sorted(keys & _NAMES), sorted(key for key in keys if key.endswith(_PGP) and secret == SOPS_AGE_SECRET)
        for path, entries, unused in (
            ("keyServices", services, "Flux would never ask the key service."),
            ("pgpKeys", pgp_keys, "Flux would not use the PGP key."),
        ):
            if entries:
                yield in_stack_file(
                    ("decryption", path),
                    f"puts {listed(entries)} into Secret/{secret}, which no Kustomization names",
                    f"The flag sops-age-secret reads only age keys: {unused}",
                    f"Add to each Kustomization that needs it: decryption: {{provider: sops, secretRef: {{name: {secret}}}}}.",
                )


def _listed(keys: frozenset[str]) -> str:
    return f"holds no decryption key, only {', '.join(sorted(keys))}" if keys else "is empty"
