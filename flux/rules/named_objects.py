"""ConfigMaps, Secrets and ServiceAccounts that Flux objects of Git name: they exist, as far as Git shows."""

import re
from collections.abc import Iterator

from flux.any_shape import at, entries, shown, text
from flux.bodies import SOPS_AGE_SECRET
from flux.finding import GIT, Finding
from flux.key_path import KeyPath
from flux.listing import either
from flux.rules.plan import Plan, PlannedObject
from flux.rules.rule import rule

_VALUES = "values.yaml"
"""The key that Flux reads where `valuesKey` is not written."""
_SECRETS: dict[str, tuple[tuple[str, ...], ...]] = {
    "GitRepository": (("secretRef",), ("proxySecretRef",), ("verify", "secretRef")),
    "OCIRepository": (
        *(("secretRef",), ("certSecretRef",), ("proxySecretRef",)),
        *(("verify", "secretRef"), ("verify", "trustedRootSecretRef")),
    ),
    "HelmRepository": (("secretRef",), ("certSecretRef",)),
    "HelmChart": (("verify", "secretRef"),),
    "Bucket": (("secretRef",), ("certSecretRef",), ("proxySecretRef",), ("sts", "secretRef"), ("sts", "certSecretRef")),
    "HelmRelease": (("kubeConfig", "secretRef"), ("chart", "spec", "verify", "secretRef")),
    "Kustomization": (("kubeConfig", "secretRef"), ("decryption", "secretRef")),
    "ImageRepository": (("secretRef",), ("certSecretRef",), ("proxySecretRef",)),
    "ImageUpdateAutomation": (("git", "commit", "signingKey", "secretRef"),),
    "Provider": (("secretRef",), ("certSecretRef",), ("proxySecretRef",)),
    "Receiver": (("secretRef",),),
}
"""Kind → where it names a Secret of its own namespace."""
_CONFIG_MAPS = dict.fromkeys(("Kustomization", "HelmRelease"), (("kubeConfig", "configMapRef"),))
_ACCOUNTS = tuple(_SECRETS.keys() - {"HelmRepository", "HelmChart", "Receiver", "ImageUpdateAutomation"})
_ALWAYS_THERE = "default"
"""The ServiceAccount that Kubernetes makes in each namespace."""


@rule(looks_at=GIT)
def values_of_a_release_exist(plan: Plan) -> Iterator[Finding]:
    """The ConfigMaps and Secrets of a HelmRelease's `valuesFrom` exist in its namespace, and have the key, unless they are `optional`.

    helm-controller installs nothing otherwise (fluxcd/pkg, chartutil.ChartValuesFromReferences). An error if Git shows everything that
    could make them, or shows what is meant; else a warning: charts, operators and people make Secrets, too.
    """
    for item in plan.of_kind("HelmRelease"):
        if item.is_suspended:
            continue
        for path, entry in entries(item.spec, "valuesFrom"):
            kind, name = text(entry, "kind") or "", text(entry, "name")
            if kind not in ("ConfigMap", "Secret") or not name or entry.get("optional") is True:
                continue
            if not plan.exists(kind, item.namespace, name):
                yield _missing(plan, item, ("spec", *path), kind, name, "Flux would not install the chart.", "write optional: true")
                continue
            keys, key = plan.keys_of(kind, item.namespace, name), text(entry, "valuesKey") or _VALUES
            if keys is not None and key not in keys and not any("$" in each for each in keys):
                known = sorted(keys)
                yield item.wrong(
                    ("spec", *path),
                    f"names {kind} {shown(name)}, which has no key {shown(key)}",
                    "Flux would not install the chart.",
                    f"Write valuesKey: {known[0]}." if len(known) == 1 else f"Write valuesKey with {either(known) or 'a key of it'}.",
                )


@rule(looks_at=GIT, warns=GIT)
def named_secret_exists(plan: Plan) -> Iterator[Finding]:
    """A Secret or a ConfigMap that a Flux object names exists in its namespace: a login, certificates, keys, a kubeconfig.

    Flux reads nothing from other namespaces, and retries until it is there. A warning: many people create such Secrets by hand.
    """
    for kind, paths in _SECRETS.items():
        for item in plan.of_kind(kind):
            yield from _named(plan, item, "Secret", paths)
            yield from _named(plan, item, "ConfigMap", _CONFIG_MAPS.get(kind, ()))


@rule(looks_at=GIT, warns=GIT)
def named_account_exists(plan: Plan) -> Iterator[Finding]:
    """The ServiceAccount that a Flux object names exists in its namespace.

    kustomize-controller and helm-controller act as that account (Flux docs, "Role-based access control"): as one that does not exist, they
    may do nothing. Not checked for other clusters.
    """
    for item in plan.of_kind(*_ACCOUNTS):
        name = text(item.spec, "serviceAccountName") or _ALWAYS_THERE
        is_here = not item.is_suspended and item.spec.get("kubeConfig") is None
        if is_here and name != _ALWAYS_THERE and not plan.exists("ServiceAccount", item.namespace, name):
            acts = item.kind in ("Kustomization", "HelmRelease")
            consequence = "Flux would be denied everything." if acts else f"The {item.kind} would never become ready."
            yield _missing(plan, item, ("spec", "serviceAccountName"), "ServiceAccount", name, consequence)


def _named(plan: Plan, item: PlannedObject, kind: str, paths: tuple[tuple[str, ...], ...]) -> Iterator[Finding]:
    for path in paths:
        name = text(at(item.spec, *path), "name")
        # The check itself says where the Secret with the stack's keys is missing.
        if name and not item.is_suspended and name != SOPS_AGE_SECRET and not plan.exists(kind, item.namespace, name):
            consequence = f"The {item.kind} would never become ready."
            yield _missing(plan, item, ("spec", *path), kind, name, consequence, "create it in the cluster by hand")


def _missing(plan: Plan, item: PlannedObject, path: KeyPath, kind: str, name: str, consequence: str, otherwise: str = "") -> Finding:
    instead = _meant(plan, item, kind, name, chooses="valuesFrom" in path)
    places = [each.namespace for each in plan.planned.brought if (each.kind, each.name) == (kind, name) and each.namespace]
    where = f" in namespace {shown(sorted(places)[0])}" if places else ""
    near = either(plan.made_like(kind, item.namespace, name))
    add = f"Write {near}, or add" if near else "Add"
    move = f"Flux reads it from its own namespace: add one to {item.namespace}" if places else f"{add} the {kind} to a path that is applied"
    return item.wrong(
        path,
        f"names {kind} {shown(name)}, which {f'is only{where}' if places else f'is not in {plan.whole}'}",
        consequence,
        instead or f"{move}{f', or {otherwise}' if otherwise else ''}.",
        certain=bool(instead) or plan.shows_all_of(item),
    )


def _meant(plan: Plan, item: PlannedObject, kind: str, name: str, *, chooses: bool) -> str:
    """What must have been meant, since that exists in the same namespace; `chooses`: whether the kind is written there, too."""
    other = "ConfigMap" if kind == "Secret" else "Secret"
    if chooses and plan.exists(other, item.namespace, name):
        return f"Write kind: {other}, which exists under this name."
    hashed = re.compile(rf"{re.escape(name)}-[0-9a-z]{{10}}")
    here = (each.name for each in plan.planned.brought if (each.kind, each.namespace) == (kind, item.namespace))
    generated = next(filter(hashed.fullmatch, here), "")
    return f"Write options: {{disableNameSuffixHash: true}} in its generator, which calls it {generated}." if generated else ""
