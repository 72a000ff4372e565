"""The stack file and the catalog that describe a running Flux, as documents; and what of it they do not hold."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flux.addresses import address_of
from flux.bodies import HELM_CHART_LAYER, SOPS_AGE_SECRET
from flux.keys.age_identity import recipient_of
from flux.keys.key_services import KEY_SERVICES
from flux.keys.known_hosts import lines_for
from flux.minor_version import minor_of
from flux.object_reference import FLUX_NAMESPACE
from flux.owners_mark import OwnersMark
from flux.release.distribution import Distribution
from flux.requirement import Environment
from flux.rules.versions import KUBERNETES_OF_FLUX
from gitops.adopt.adoption import SOURCES, Adoption
from gitops.adopt.credential_types import FoundCredential, FoundSecret, credential_of, entry_of
from gitops.adopt.installed_difference import persons
from gitops.adopt.origin import KUSTOMIZATION_NAME
from gitops.adopt.release_options import ReleaseOptions, release_options
from gitops.adopt.running_shards import unnamed_shards
from gitops.contexts import Reached
from live.flux_objects.running_flux import LiveObject, LiveSecret, secret_names
from live.ownership.object_owners import OURS, owner_of
from stacks.choosing.sections import SECTIONS
from stacks.contract.section_names import SectionName

_AGE_KEY = ".agekey"
_KEY_SERVICE = "sops."
_PGP_KEY, _PGP_NAME = ".asc", re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SECTION_FIELDS = {"secretRef": "credential", "certSecretRef": "certificate", "proxySecretRef": "proxy"}
_NOT_A_HOST_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class NewStack:
    """What a person, the project and the kubeconfig say of the new stack."""

    stack: str
    mark: OwnersMark
    """By which its objects will be known."""
    environment: Environment
    reached: Reached
    manifests: str
    """The release, as the stack file names it."""
    group: str
    """Of the entries."""


@dataclass(kw_only=True)
class Description:
    """What is written, what has to be filled in, and what is reported."""

    stack: dict[str, Any] = field(default_factory=dict)
    """What stands under `config` of the stack file."""
    catalog: dict[str, Any] = field(default_factory=dict)
    secrets: list[FoundSecret] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What is not taken over, or changes."""


def describe(adoption: Adoption, new_stack: NewStack, distribution: Distribution | None, *, derive: bool) -> Description:
    """The files. `distribution`: the release to compare with, where it could be read; `derive`: the recipients of the age keys."""
    found = Description()
    credentials = _credentials(adoption, found)
    age = _age(adoption.age_secret, found, derive=derive) if adoption.age_secret else {}
    options = release_options(adoption.running, distribution, with_age=bool(age.get("keys"))) if distribution else None
    if options is None:
        found.notes.append("Flags, resources and patches are not compared: the release's manifests could not be read.")
    elif options.added:
        found.notes.append(f"The release has these, the cluster does not, and `pulumi up` makes them: {', '.join(options.added)}.")
    if options and options.in_their_order:
        found.notes.append(
            f"A patch keeps the order of the arguments of {', '.join(options.in_their_order)}, so that they do not restart. "
            "Remove it when you upgrade Flux: it would keep the arguments of this release."
        )
    if unnamed := ", ".join(unnamed_shards(adoption.running.installed)):
        found.notes.append(
            f"A stack file cannot name such a shard, so these are not taken over: {unnamed}. "
            "Give their objects another shard, or none, before `pulumi up`."
        )
    if alone := sorted(str(each.reference) for each in set_aside(adoption)):
        found.notes.append(
            f"These belong to no controller of the running release. They stay, and the stack will not own them: {', '.join(alone)}."
        )
    if not adoption.objects:
        found.notes.append(
            "The cluster has no source and no Kustomization to take over. A stack needs one: docs/how-to/add-a-repository.md"
        )
    found.catalog = _catalog(adoption, new_stack, credentials, found)
    found.stack = _stack(adoption, new_stack, credentials, age, options)
    if distribution and not _is_supported(adoption.running.kubernetes, distribution.version):
        del found.stack["gitops:cluster"]["kubernetesVersion"]
        running = f"Flux {distribution.version} does not support Kubernetes {adoption.running.kubernetes}"
        found.notes.append(f"{running}, so that the stack file does not name it. Upgrade Flux after the hand-over.")
    return found


def _stack(
    adoption: Adoption,
    new_stack: NewStack,
    credentials: Mapping[str, FoundCredential],
    age: Mapping[str, Any],
    options: ReleaseOptions | None,
) -> dict[str, Any]:
    reached = new_stack.reached
    cluster = {
        "name": new_stack.stack,
        "context": reached.context,
        "server": reached.server,
        **({"caSha256": reached.ca_sha256} if reached.ca_sha256 else {}),
        "kubernetesVersion": adoption.running.kubernetes,
    }
    decryption: dict[str, Any] = {}
    decryption |= {key: each for key in ("keyServices", "pgpKeys") if (each := age.get(key))}
    if options and options.account_annotations:
        decryption["serviceAccountAnnotations"] = options.account_annotations
    parts = {
        "environment": new_stack.environment,
        "cluster": cluster,
        "flux": {"manifests": new_stack.manifests, **(options.written if options else {})},
        "age": {"keys": age["keys"]} if age.get("keys") else None,
        "decryption": decryption,
        "credentials": {name: each.description for name, each in credentials.items()},
        "use": [new_stack.group],
        "externalKustomizations": external_kustomizations(adoption),
        "takeOver": owners(adoption, new_stack.mark),
        "onDestroy": "keepWorkloads",
    }
    written = {f"gitops:{key}": value for key, value in parts.items() if value}
    return {"pulumi:disable-default-providers": ["kubernetes"], **written}


def _is_supported(kubernetes: str, flux: str) -> bool:
    minor, supported = minor_of(kubernetes), KUBERNETES_OF_FLUX.get(minor_of(flux) or (0, 0))
    return minor is None or supported is None or supported.oldest <= minor[1] <= supported.newest


def set_aside(adoption: Adoption) -> list[LiveObject]:
    """What is part of Flux and not of what the stack installs."""
    own = {each.reference for each in adoption.installation}
    return [each for each in adoption.running.installed if each.reference not in own]


def owners(adoption: Adoption, mark: OwnersMark) -> list[str]:
    """From whom the stack takes over what it will make, as `gitops:takeOver` names them."""
    secrets = [*adoption.secrets.values(), *([adoption.age_secret] if adoption.age_secret else [])]
    every = [each.metadata for each in (*adoption.installation, *adoption.objects)] + [each.metadata for each in secrets]
    return sorted({owner_of(each, mark) for each in every} - {OURS})


def external_kustomizations(adoption: Adoption) -> list[str]:
    """The Kustomizations in Git on which those of the stack depend."""
    own = {each.metadata.name for each in adoption.objects if each.kind == "Kustomization"}
    found = set()
    for each in adoption.objects:
        depends = each.declared("spec").get("dependsOn") if each.kind == "Kustomization" else None
        for one in depends if isinstance(depends, list) else ():
            namespace, name = one.get("namespace") or FLUX_NAMESPACE, str(one.get("name"))
            if namespace != FLUX_NAMESPACE or name not in own:
                found.add(name if namespace == FLUX_NAMESPACE else f"{namespace}/{name}")
    return sorted(found)


def _credentials(adoption: Adoption, found: Description) -> dict[str, FoundCredential]:
    credentials = {}
    for name, secret in adoption.secrets.items():
        credential = credential_of(name, secret.values)
        if credential is None:
            found.notes.append(f"Secret/{name} is not of a type that a stack can hold. It stays as it is, and the stack will not own it.")
            continue
        credentials[name] = credential
        found.secrets += credential.secrets
        if credential.lost:
            found.notes.append(f"Secret/{name}: the stack does not write {', '.join(credential.lost)}, and `pulumi up` removes it.")
    return credentials


def _age(secret: LiveSecret, found: Description, *, derive: bool) -> dict[str, Any]:
    """The age keys and key services of the Secret; one that Flux reads and a stack does not write is noted."""
    keys: dict[str, Any] = {}
    services, pgp_keys = list[str](), list[str]()
    for entry, value in sorted(secret.values.items()):
        name = entry.removesuffix(_AGE_KEY)
        if entry.endswith(_AGE_KEY) and name:
            keys[name] = "supplied"
            found.secrets.append(FoundSecret(key=f"age-{name}", value=value, reads=entry_of(SOPS_AGE_SECRET, entry)))
            try:
                recipient = recipient_of(value)
            except ValueError as error:
                found.notes.append(f"Secret/{SOPS_AGE_SECRET}: {entry} {error}. Split or correct it before `pulumi up`.")
                continue
            if derive:
                keys[name] = {"origin": "supplied", "recipient": recipient}
        elif (service := entry.removeprefix(_KEY_SERVICE)) in KEY_SERVICES and entry.startswith(_KEY_SERVICE):
            services.append(service)
            found.secrets.append(FoundSecret(key=f"sops-{service}", value=value, reads=entry_of(SOPS_AGE_SECRET, entry)))
        elif entry.endswith(_PGP_KEY) and _PGP_NAME.fullmatch(name := entry.removesuffix(_PGP_KEY)):
            pgp_keys.append(name)
            found.secrets.append(FoundSecret(key=f"pgp-{name}", value=value, reads=entry_of(SOPS_AGE_SECRET, entry)))
        else:
            found.notes.append(
                f"Secret/{SOPS_AGE_SECRET}: the stack does not write {entry}, and `pulumi up` removes it. "
                "Move it to a Secret of another name, if something is decrypted with it."
            )
    return {"keys": keys, "keyServices": services, "pgpKeys": pgp_keys}


def _catalog(adoption: Adoption, new_stack: NewStack, credentials: Mapping[str, FoundCredential], found: Description) -> dict[str, Any]:
    groups = {} if new_stack.group == "base" else {"groups": [new_stack.group]}
    empty: dict[str, Any] = {name: {} if each.kinds else [] for name, each in SECTIONS.items()}
    sections = {"hosts": _hosts(adoption, credentials, found), **empty}
    for each in adoption.objects:
        metadata = {key: value for key in ("labels", "annotations") if (value := persons(getattr(each.metadata, key)))}
        spec = each.declared("spec")
        if (each.body.get("spec") or {}).get("suspend") is True:
            spec["suspend"] = True  # by `flux suspend`: the stack would resume it
            found.notes.append(f"{each.reference} is suspended, and stays so: the catalog says `suspend: true`.")
        if each.kind == "Kustomization":
            _allow_absence(each, spec, found)
            sections["kustomizations"][each.metadata.name] = {**groups, **metadata, "spec": spec}
        elif section := _section_of(each.kind, spec):
            sections[section][each.metadata.name] = {**groups, **metadata, **_source(each, spec, credentials)}
        else:
            body = {"apiVersion": each.api_version, "kind": each.kind, "metadata": {"name": each.metadata.name, **metadata}, "spec": spec}
            sections["objects"].append({**groups, "object": body})
    return {name: section for name, section in sections.items() if section}


def _section_of(kind: str, spec: Mapping[str, Any]) -> SectionName | None:
    """The section whose entries are such sources; None: only `objects` takes it."""
    if kind == "OCIRepository" and spec.get("layerSelector") == HELM_CHART_LAYER:
        return "helm"
    return next((name for name, each in SECTIONS.items() if each.kinds[:1] == (kind,)), None)


def _allow_absence(each: LiveObject, spec: dict[str, Any], found: Description) -> None:
    """A root that takes variables from what it applies itself could not be built on an empty cluster: the rules refuse that."""
    build = spec.get("postBuild")
    references = build.get("substituteFrom") if isinstance(build, Mapping) else None
    if not isinstance(build, Mapping) or not isinstance(references, list) or spec.get("dependsOn"):
        return
    changed = [{**one, "optional": True} for one in references]
    if changed != references:
        names = ", ".join(f"{one.get('kind')}/{one.get('name')}" for one in references)
        found.notes.append(f"{each.reference}: {names} become `optional: true`, as nothing provides them before it on an empty cluster.")
        spec["postBuild"] = {**build, "substituteFrom": changed}


def _source(each: LiveObject, spec: dict[str, Any], credentials: Mapping[str, FoundCredential]) -> dict[str, Any]:
    url = str(spec.pop("url", ""))
    entry: dict[str, Any] = {"url": url}
    if each.kind == "HelmRepository" and url.startswith("oci://"):
        entry["kind"] = "HelmRepository"
        spec.pop("type", None)
    for part, name in secret_names(spec).items():
        if part in _SECTION_FIELDS and name in credentials and not (each.kind == "HelmRepository" and part == "proxySecretRef"):
            entry[_SECTION_FIELDS[part]] = name
            del spec[part]
    if spec.get("provider") == "github":
        del spec["provider"]  # which the type of the credential says
    return {**entry, **({"spec": spec} if spec else {})}


def _hosts(adoption: Adoption, credentials: Mapping[str, FoundCredential], found: Description) -> dict[str, Any]:
    """The SSH servers, with the keys that the cluster trusts until now."""
    hosts: dict[str, dict[str, Any]] = {}
    for each in adoption.objects:
        spec = each.declared("spec")
        url = str(spec.get("url", ""))
        if each.kind not in SOURCES or not url.startswith("ssh://"):
            continue
        server = address_of(url)
        if server is None:
            found.notes.append(f"{each.reference}: its URL is not an address that Flux could fetch from; it has no host in the files.")
            continue
        credential = credentials.get(secret_names(spec).get("secretRef", ""))
        name = _NOT_A_HOST_NAME.sub("-", server.host).strip("-") + (f"-{server.port}" if server.port else "")
        lines = lines_for(credential.known_hosts or "", url) if credential else []
        host = hosts.setdefault(name, {"url": f"ssh://{urlsplit(url).netloc}"})
        if lines:
            host["knownHosts"] = "\n".join(dict.fromkeys([*host.get("knownHosts", "").splitlines(), *lines]))
        elif credential and "knownHosts" not in host:
            found.notes.append(f"hosts.{name}.knownHosts is to be filled in: the Secret has no line for the server of {url}.")
    return {name: host for name, host in hosts.items() if "knownHosts" in host}


def stays_in_git(adoption: Adoption) -> Iterator[str]:
    """What goes on as it is, counted by kind."""
    counts: dict[str, int] = {}
    for each in adoption.left:
        if KUSTOMIZATION_NAME in each.metadata.labels:
            counts[each.kind] = counts.get(each.kind, 0) + 1
    yield from (f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in sorted(counts.items()))
