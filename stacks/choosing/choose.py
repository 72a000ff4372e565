"""The catalog and a stack's choice of it, resolved to the arguments of components."""

from components.flux_kustomization import FluxKustomizationArgs
from components.flux_object import FluxObjectArgs
from flux.merge_patch import compose_patches, merge_patch
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from stacks.choosing.choice import Choice, Chosen
from stacks.choosing.left_out import groups_written, unknown_objects
from stacks.choosing.sources import add_source
from stacks.contract.catalog import Catalog, GitEntry, HelmEntry, KustomizationEntry, ObjectBody, ObjectEntry
from stacks.contract.stack import Host, Stack
from stacks.reading.set_aside import SetAside
from stacks.reading.validation import Locate, validate
from stacks.words.did_you_mean import nearest
from stacks.words.problems import Problem

Entry = GitEntry | HelmEntry | KustomizationEntry
SECTIONS: dict[str, type[Entry]] = {"git": GitEntry, "helm": HelmEntry, "kustomizations": KustomizationEntry}
DELETION_POLICIES = {"keepWorkloads": "Orphan", "removeWorkloads": "WaitForTermination"}


def choose(
    catalog: Catalog,
    stack: Stack,
    locate_catalog: Locate,
    locate_stack: Locate,
    problems: list[Problem],
    *,
    catalog_aside: SetAside | None = None,
    stack_aside: SetAside | None = None,
) -> Chosen:
    """Take the groups that `stack` uses, with its overrides; adds to `problems` what cannot be resolved.

    What was set aside of either file is not missed. When it is unknown which groups the stack uses, it takes all of them, and what
    only those could lack that are meant for other clusters is not told.
    """
    catalog_aside, stack_aside = catalog_aside or SetAside(), stack_aside or SetAside()
    is_everything = stack_aside.holds("use")
    choice = Choice(
        catalog=catalog,
        stack=stack,
        locate_catalog=locate_catalog,
        locate_stack=locate_stack,
        problems=[] if is_everything else problems,
        hosts={},
        chosen=Chosen(unknown=unknown_objects(catalog, catalog_aside, stack_aside), is_everything=is_everything),
        catalog_aside=catalog_aside,
        stack_aside=stack_aside,
    )
    _check_groups(choice)
    _check_override_targets(choice, problems)
    choice.hosts.update(_hosts(choice, problems))
    used = _groups(catalog) if is_everything else set(stack.use)
    for section, model in SECTIONS.items():
        for name, declared in getattr(catalog, section).items():
            entry = _overridden(model, section, name, declared, choice, problems)
            if entry is None:
                choice.leave_out(section, name)
                continue
            if not used & set(entry.groups):
                continue
            if isinstance(entry, KustomizationEntry):
                _add_kustomization(choice, name, entry)
            else:
                add_source(choice, section, name, entry)
    for index, item in enumerate(catalog.objects):
        if used & set(item.groups):
            _add_object(choice, index, item.object)
    if catalog_aside.touches("defaults"):
        choice.chosen.forget(None if catalog_aside.holds("defaults") else {str(kind) for kind in catalog_aside.below("defaults")})
    return choice.chosen


def _groups(catalog: Catalog) -> set[str]:
    entries: list[Entry | ObjectEntry] = [*catalog.git.values(), *catalog.helm.values(), *catalog.kustomizations.values(), *catalog.objects]
    return {group for entry in entries for group in entry.groups}


def _check_groups(choice: Choice) -> None:
    groups = _groups(choice.catalog)
    sections = (*SECTIONS, "objects")
    if any(choice.catalog_aside.holds(section) for section in sections):
        return
    of_faulty = groups_written(entry for section in sections for entry in choice.catalog_aside.below(section).values())
    for index, group in enumerate(choice.stack.use):
        if group not in groups | of_faulty:
            text = f"no entry of the catalog is in group {group!r}, so it would bring nothing{nearest(group, groups)}"
            choice.problems.append(Problem(choice.locate_stack(("use", index)), text))


def _check_override_targets(choice: Choice, problems: list[Problem]) -> None:
    targets = [f"{section}/{name}" for section in SECTIONS for name in getattr(choice.catalog, section)]
    for target in choice.stack.override:
        if target not in targets and not choice.catalog_aside.holds(*target.split("/", 1)):
            text = f"the catalog has no {target}, so the override would have no effect{nearest(target, targets)}"
            problems.append(Problem(choice.locate_stack(("override", target)), text))


def _hosts(choice: Choice, problems: list[Problem]) -> dict[str, Host]:
    hosts = dict(choice.catalog.hosts)
    for name, change in choice.stack.hosts.items():
        if choice.catalog_aside.holds("hosts", name):
            continue
        if name not in hosts:
            text = f"the catalog has no host {name!r}, so nothing would use it{nearest(name, hosts)}"
            problems.append(Problem(choice.locate_stack(("hosts", name)), text))
            continue
        hosts[name] = hosts[name].model_copy(update=change.model_dump(exclude_unset=True))
    return hosts


def _overridden(model: type[Entry], section: str, name: str, declared: Entry, choice: Choice, problems: list[Problem]) -> Entry | None:
    target = f"{section}/{name}"
    if choice.stack_aside.holds("override", target):
        return None
    if target not in choice.stack.override:
        return declared
    override = choice.stack.override[target]
    merged = merge_patch(declared.model_dump(by_alias=True, exclude_unset=True), override)
    if isinstance(override.get("spec"), dict):
        # With its nulls: they may take away what only the catalog's defaults give.
        merged["spec"] = compose_patches(declared.spec, override["spec"])
    changed: Entry | None = validate(model, merged, lambda path: choice.locate_stack(("override", target, *path)), problems)
    return changed


def _add_kustomization(choice: Choice, name: str, entry: KustomizationEntry) -> None:
    spec = choice.spec("Kustomization", entry.spec, deletionPolicy=DELETION_POLICIES[choice.stack.on_destroy])
    choice.chosen.kustomizations[name] = FluxKustomizationArgs(
        object_name=name, spec=spec, inherit=entry.inherit, labels=entry.labels, annotations=entry.annotations
    )
    choice.record_origin("Kustomization", "kustomizations", name, deletionPolicy=choice.locate_stack(("onDestroy",)))
    for index, field in enumerate(entry.inherit):
        if choice.catalog_aside.holds("defaults", "Kustomization"):
            return
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
    choice.record_origin_of_object(index, ObjectReference(body.kind, FLUX_NAMESPACE, body.metadata.name), body.spec)
