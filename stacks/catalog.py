"""The catalog and a stack's choice of it, resolved to the arguments of components."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.flux_kustomization import FluxKustomizationArgs
from components.flux_object import FluxObjectArgs
from components.git_source import GitSourceArgs
from components.helm_source import HelmSourceArgs
from components.oci_source import OciSourceArgs
from flux.merge_patch import compose_patches, merge_patch
from flux.objects import HELM_CHART_LAYER
from stacks.catalog_model import Catalog, GitEntry, HelmEntry, KustomizationEntry, ObjectEntry, Source
from stacks.model import Host, SshCredential, Stack
from stacks.problems import Problem
from stacks.validation import Locate, nearest, validate
from stacks.yaml_file import KeyPath

Entry = GitEntry | HelmEntry | KustomizationEntry
SECTIONS: dict[str, type[Entry]] = {"git": GitEntry, "helm": HelmEntry, "kustomizations": KustomizationEntry}
DELETION_POLICIES = {"keepWorkloads": "Orphan", "removeWorkloads": "WaitForTermination"}


@dataclass(kw_only=True)
class Chosen:
    """What a stack uses of the catalog, by object name."""

    git: dict[str, GitSourceArgs] = field(default_factory=dict)
    helm: dict[str, HelmSourceArgs] = field(default_factory=dict)
    oci: dict[str, OciSourceArgs] = field(default_factory=dict)
    kustomizations: dict[str, FluxKustomizationArgs] = field(default_factory=dict)
    objects: list[FluxObjectArgs] = field(default_factory=list)
    known_hosts: dict[str, list[str]] = field(default_factory=dict)
    """SSH credential → known_hosts lines of the hosts where it is used."""


def choose(catalog: Catalog, stack: Stack, locate_catalog: Locate, locate_stack: Locate, problems: list[Problem]) -> Chosen:
    """Take the groups that `stack` uses, with its overrides; adds to `problems` what cannot be resolved."""
    _check_groups(catalog, stack, locate_stack, problems)
    _check_override_targets(catalog, stack, locate_stack, problems)
    hosts = _hosts(catalog, stack, locate_stack, problems)
    chosen = Chosen()
    for section, model in SECTIONS.items():
        for name, declared in getattr(catalog, section).items():
            entry = _overridden(model, section, name, declared, stack, locate_stack, problems)
            if entry is None or not set(entry.groups) & set(stack.use):
                continue

            def locate(path: KeyPath, section: str = section, name: str = name) -> str:
                overridden = f"{section}/{name}" in stack.override
                also = f" (changed by {locate_stack(('override', f'{section}/{name}'))})" if overridden else ""
                return locate_catalog((section, name, *path)) + also

            if isinstance(entry, KustomizationEntry):
                spec = _spec(catalog, "Kustomization", entry.spec, deletionPolicy=DELETION_POLICIES[stack.on_destroy])
                chosen.kustomizations[name] = FluxKustomizationArgs(object_name=name, spec=spec, inherit=entry.inherit)
            else:
                _add_source(chosen, catalog, stack, hosts, name, entry, locate, problems)
    for index, item in enumerate(catalog.objects):
        if set(item.groups) & set(stack.use):
            _add_object(chosen, catalog, item.object, locate_catalog(("objects", index)), problems)
    return chosen


def _check_groups(catalog: Catalog, stack: Stack, locate: Locate, problems: list[Problem]) -> None:
    entries: list[Entry | ObjectEntry] = [*catalog.git.values(), *catalog.helm.values(), *catalog.kustomizations.values(), *catalog.objects]
    groups = {group for entry in entries for group in entry.groups}
    for index, group in enumerate(stack.use):
        if group not in groups:
            text = f"no entry of the catalog is in group {group!r}, so it would bring nothing{nearest(group, groups)}"
            problems.append(Problem(locate(("use", index)), text))


def _check_override_targets(catalog: Catalog, stack: Stack, locate: Locate, problems: list[Problem]) -> None:
    targets = [f"{section}/{name}" for section in SECTIONS for name in getattr(catalog, section)]
    for target in stack.override:
        if target not in targets:
            text = f"the catalog has no {target}, so the override would have no effect{nearest(target, targets)}"
            problems.append(Problem(locate(("override", target)), text))


def _hosts(catalog: Catalog, stack: Stack, locate: Locate, problems: list[Problem]) -> dict[str, Host]:
    hosts = dict(catalog.hosts)
    for name, change in stack.hosts.items():
        if name not in hosts:
            text = f"the catalog has no host {name!r}, so nothing would use it{nearest(name, hosts)}"
            problems.append(Problem(locate(("hosts", name)), text))
            continue
        hosts[name] = hosts[name].model_copy(update=change.model_dump(exclude_unset=True))
    return hosts


def _overridden(
    model: type[Entry], section: str, name: str, declared: Entry, stack: Stack, locate: Locate, problems: list[Problem]
) -> Entry | None:
    target = f"{section}/{name}"
    if target not in stack.override:
        return declared
    override = stack.override[target]
    merged = merge_patch(declared.model_dump(by_alias=True, exclude_unset=True), override)
    if isinstance(override.get("spec"), dict):
        # With its nulls: they may take away what only the catalog's defaults give.
        merged["spec"] = compose_patches(declared.spec, override["spec"])
    changed: Entry | None = validate(model, merged, lambda path: locate(("override", target, *path)), problems)
    return changed


def _spec(catalog: Catalog, kind: str, spec: Mapping[str, Any], **built_in: Any) -> dict[str, Any]:
    merged: dict[str, Any] = merge_patch(merge_patch(built_in, catalog.defaults.get(kind, {})), spec)
    return merged


def _add_source(
    chosen: Chosen,
    catalog: Catalog,
    stack: Stack,
    hosts: Mapping[str, Host],
    name: str,
    entry: Source,
    locate: Locate,
    problems: list[Problem],
) -> None:
    if entry.credential is not None and entry.credential not in stack.credentials:
        text = f"the stack has no credential {entry.credential!r}, so Flux could not fetch{nearest(entry.credential, stack.credentials)}"
        problems.append(Problem(locate(("credential",)), text))
    host: Host | None = None
    url = entry.url
    if entry.from_ is not None:
        host_name, _, path = entry.from_.partition("/")
        host = hosts.get(host_name)
        if host is None:
            text = f"the catalog has no host {host_name!r}, so it is unknown where Flux would fetch from{nearest(host_name, hosts)}"
            problems.append(Problem(locate(("from",)), text))
            return
        url = f"{host.url.rstrip('/')}/{path}"
    assert url is not None  # noqa: S101 (Source's own validator saw to it)
    if isinstance(entry, GitEntry):
        if host is not None and not url.endswith(".git"):
            url += ".git"
        _add_known_hosts(chosen, stack, entry, url, host, locate, problems)
        spec = _spec(catalog, "GitRepository", entry.spec)
        chosen.git[name] = GitSourceArgs(object_name=name, url=url, secret_name=entry.credential, spec=spec)
        return
    assert isinstance(entry, HelmEntry)  # noqa: S101 (the other section of sources)
    kind = entry.kind or ("OCIRepository" if url.startswith("oci://") else "HelmRepository")
    if kind == "OCIRepository":
        spec = _spec(catalog, kind, entry.spec, layerSelector=HELM_CHART_LAYER)
        chosen.oci[name] = OciSourceArgs(object_name=name, url=url, secret_name=entry.credential, spec=spec)
    else:
        spec = _spec(catalog, kind, entry.spec)
        chosen.helm[name] = HelmSourceArgs(object_name=name, url=url, secret_name=entry.credential, spec=spec)


def _add_known_hosts(
    chosen: Chosen, stack: Stack, entry: Source, url: str, host: Host | None, locate: Locate, problems: list[Problem]
) -> None:
    if not url.startswith("ssh://") or not isinstance(stack.credentials.get(entry.credential or ""), SshCredential):
        return
    assert entry.credential is not None  # noqa: S101 (it names an SshCredential)
    if host is None or host.known_hosts is None:
        problems.append(
            Problem(
                locate(("from",) if host else ("url",)),
                "is fetched over SSH, but no knownHosts is given for its host, without which Flux refuses every key. "
                "Add `knownHosts` to the host in the catalog; `ssh-keyscan <host>` prints it, to be compared with what the host publishes",
            )
        )
        return
    lines = chosen.known_hosts.setdefault(entry.credential, [])
    lines.extend(line for line in host.known_hosts.strip().splitlines() if line not in lines)


def _add_object(chosen: Chosen, catalog: Catalog, body: Mapping[str, Any], where: str, problems: list[Problem]) -> None:
    missing = [key for key in ("apiVersion", "kind", "metadata") if key not in body]
    if missing or "name" not in body.get("metadata", {}):
        problems.append(
            Problem(where, f"an object needs apiVersion, kind and metadata.name; missing: {', '.join(missing) or 'metadata.name'}")
        )
        return
    spec = _spec(catalog, body["kind"], body.get("spec", {}))
    chosen.objects.append(
        FluxObjectArgs(api_version=body["apiVersion"], kind=body["kind"], object_name=body["metadata"]["name"], spec=spec)
    )


def source_references(kustomizations: Iterable[FluxKustomizationArgs]) -> Iterable[tuple[str, str, str]]:
    """For each Kustomization: its name, and kind and name of its source."""
    for args in kustomizations:
        reference = args.spec.get("sourceRef", {})
        yield args.object_name, str(reference.get("kind")), str(reference.get("name"))
