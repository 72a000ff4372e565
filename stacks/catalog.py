"""The catalog and a stack's choice of it, resolved to the arguments of components."""

from components.flux_kustomization import FluxKustomizationArgs
from components.flux_object import FluxObjectArgs
from flux.identity import FLUX_NAMESPACE, ObjectIdentity
from flux.merge_patch import compose_patches, merge_patch
from stacks.catalog_model import Catalog, GitEntry, HelmEntry, KustomizationEntry, ObjectBody, ObjectEntry
from stacks.choice import Choice, Chosen
from stacks.model import Host, Stack
from stacks.nearest import nearest
from stacks.problems import Problem
from stacks.sources import add_source
from stacks.validation import Locate, validate

Entry = GitEntry | HelmEntry | KustomizationEntry
SECTIONS: dict[str, type[Entry]] = {"git": GitEntry, "helm": HelmEntry, "kustomizations": KustomizationEntry}
DELETION_POLICIES = {"keepWorkloads": "Orphan", "removeWorkloads": "WaitForTermination"}


def choose(catalog: Catalog, stack: Stack, locate_catalog: Locate, locate_stack: Locate, problems: list[Problem]) -> Chosen:
    """Take the groups that `stack` uses, with its overrides; adds to `problems` what cannot be resolved."""
    _check_groups(catalog, stack, locate_stack, problems)
    _check_override_targets(catalog, stack, locate_stack, problems)
    choice = Choice(
        catalog=catalog,
        stack=stack,
        locate_catalog=locate_catalog,
        locate_stack=locate_stack,
        problems=problems,
        hosts=_hosts(catalog, stack, locate_stack, problems),
        chosen=Chosen(),
    )
    for section, model in SECTIONS.items():
        for name, declared in getattr(catalog, section).items():
            entry = _overridden(model, section, name, declared, choice)
            if entry is None or not set(entry.groups) & set(stack.use):
                continue
            if isinstance(entry, KustomizationEntry):
                _add_kustomization(choice, name, entry)
            else:
                add_source(choice, section, name, entry)
    for index, item in enumerate(catalog.objects):
        if set(item.groups) & set(stack.use):
            _add_object(choice, index, item.object)
    return choice.chosen


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


def _overridden(model: type[Entry], section: str, name: str, declared: Entry, choice: Choice) -> Entry | None:
    target = f"{section}/{name}"
    if target not in choice.stack.override:
        return declared
    override = choice.stack.override[target]
    merged = merge_patch(declared.model_dump(by_alias=True, exclude_unset=True), override)
    if isinstance(override.get("spec"), dict):
        # With its nulls: they may take away what only the catalog's defaults give.
        merged["spec"] = compose_patches(declared.spec, override["spec"])
    changed: Entry | None = validate(model, merged, lambda path: choice.locate_stack(("override", target, *path)), choice.problems)
    return changed


def _add_kustomization(choice: Choice, name: str, entry: KustomizationEntry) -> None:
    spec = choice.spec("Kustomization", entry.spec, deletionPolicy=DELETION_POLICIES[choice.stack.on_destroy])
    choice.chosen.kustomizations[name] = FluxKustomizationArgs(
        object_name=name, spec=spec, inherit=entry.inherit, labels=entry.labels, annotations=entry.annotations
    )
    choice.record_origin("Kustomization", "kustomizations", name, deletionPolicy=choice.locate_stack(("onDestroy",)))
    for index, field in enumerate(entry.inherit):
        if field not in spec and field not in entry.spec:  # what null takes away is meant to be gone
            text = f"the spec has no {field!r}, so child Kustomizations would not get it{nearest(field, spec)}"
            choice.problems.append(Problem(choice.located("kustomizations", name)(("inherit", index)), text))


def _add_object(choice: Choice, index: int, body: ObjectBody) -> None:
    spec = choice.spec(body.kind, body.spec)
    metadata = body.metadata
    args = FluxObjectArgs(
        api_version=body.api_version,
        kind=body.kind,
        object_name=metadata.name,
        spec=spec,
        labels=metadata.labels,
        annotations=metadata.annotations,
    )
    choice.chosen.objects.append(args)
    choice.record_origin_of_object(index, ObjectIdentity(body.kind, FLUX_NAMESPACE, body.metadata.name), body.spec)
