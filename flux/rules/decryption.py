"""The key with which a Kustomization decrypts what SOPS encrypted."""

from collections.abc import Iterator

from flux.finding import Finding
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.objects import SOPS_AGE_SECRET
from flux.rules.plan import INSTALLATION, Plan
from flux.rules.reading import mapping, text

_CONTROLLER = "kustomize-controller"
_SUFFIXES = (".agekey", ".asc")
_NAMES = frozenset({"sops.vault-token", "sops.aws-kms", "sops.azure-kv", "sops.gcp-kms"})
_KEY_SERVICES = "sops."
_OTHER_WAYS = ("sops-vault-configmap", "default-decryption-service-account")


def decryption_has_a_key(plan: Plan) -> Iterator[Finding]:
    """A Kustomization that decrypts says with which key, or kustomize-controller has one for all.

    `decryption.provider` alone turns decryption on and brings no key; `--sops-age-secret` brings a key and does not turn it on. The
    controller may also be known to a cloud, by annotations of its ServiceAccount, or by an account in `decryption.serviceAccountName`.
    """
    if any(plan.flag(_CONTROLLER, flag) for flag in ("sops-age-secret", *_OTHER_WAYS)) or _CONTROLLER in plan.planned.cloud_identities:
        return
    if plan.is_unknown(INSTALLATION) or plan.is_unknown(ObjectReference("Secret", FLUX_NAMESPACE, SOPS_AGE_SECRET)):
        return
    for item in plan.of_kind("Kustomization"):
        decryption = mapping(item.spec, "decryption")
        if decryption and not text(decryption, "secretRef", "name") and not text(decryption, "serviceAccountName"):
            yield item.wrong(
                ("spec", "decryption"),
                "this Kustomization decrypts, but no key is wired; Flux could decrypt nothing, "
                "and one encrypted file would fail all of it; give the stack an age key, or name a Secret with keys in "
                "decryption.secretRef",
            )


def decryption_secret_holds_keys_that_flux_reads(plan: Plan) -> Iterator[Finding]:
    """The Secret with decryption keys has entries that Flux reads: `*.agekey`, `*.asc`, or one of SOPS's fixed names.

    Entries of any other name are silently ignored (https://github.com/fluxcd/flux2/issues/5154: `age.key`), and of the Secret
    in `--sops-age-secret` all but `*.agekey`. Judged for Secrets that the stack makes.
    """
    shared = plan.flag(_CONTROLLER, "sops-age-secret")
    for item in plan.of_kind("Kustomization"):
        decryption = mapping(item.spec, "decryption")
        if not decryption:
            continue
        named = text(decryption, "secretRef", "name")
        if named is not None:
            keys = plan.secret_keys(item.identity.namespace, named)
            if keys is not None and not any(key.endswith(_SUFFIXES) or key in _NAMES for key in keys):
                yield item.wrong(
                    ("spec", "decryption", "secretRef"),
                    f"Secret/{named} {_listed(keys)}; Flux reads entries *.agekey, *.asc and sops.* and "
                    "ignores all others, so it could decrypt nothing; name the Secret with the age keys",
                )
        elif isinstance(shared, str) and not text(decryption, "serviceAccountName"):
            keys = plan.secret_keys(FLUX_NAMESPACE, shared)
            if keys is not None and not any(key.endswith(".agekey") for key in keys):
                yield item.wrong(
                    ("spec", "decryption"),
                    f"the flag sops-age-secret of {_CONTROLLER} names Secret/{shared}, which {_listed(keys)}; "
                    "Flux reads entries *.agekey there and could decrypt nothing; "
                    "name the Secret with the age keys in the flag, or one in decryption.secretRef",
                )


def key_services_are_used(plan: Plan) -> Iterator[Finding]:
    """What logs in to a key service is in a Secret that some Kustomization names in `decryption.secretRef`.

    With `--sops-age-secret` alone kustomize-controller reads `*.agekey` there and nothing else (its decryptor.go), so that what only the
    key service could decrypt would fail.
    """
    named = {(item.identity.namespace, text(item.spec, "decryption", "secretRef", "name")) for item in plan.of_kind("Kustomization")}
    for secret, keys in plan.planned.secrets.items():
        services = sorted(key for key in keys if key.startswith(_KEY_SERVICES))
        if services and (FLUX_NAMESPACE, secret) not in named:
            yield Finding(
                identity=INSTALLATION,
                path=("decryption", "keyServices"),
                text=f"Secret/{secret} holds {' and '.join(services)}, but no Kustomization names it, and the flag sops-age-secret reads "
                "only age keys; Flux would never ask the key service; write at each Kustomization that decrypts with it "
                f"decryption: {{provider: sops, secretRef: {{name: {secret}}}}}",
            )


def _listed(keys: frozenset[str]) -> str:
    return f"holds no decryption key, only {', '.join(sorted(keys))}" if keys else "is empty"


RULES = (decryption_has_a_key, decryption_secret_holds_keys_that_flux_reads, key_services_are_used)
