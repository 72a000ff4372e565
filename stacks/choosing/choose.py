"""The catalog and a stack's choice of it, resolved to the bodies that will be applied."""

from flux.close_names import close_to
from flux.listing import listed
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.owners_mark import OwnersMark
from stacks.choosing.choice import Choice
from stacks.choosing.chosen import Chosen
from stacks.choosing.hosts import hosts_of
from stacks.choosing.left_out import groups_written, unknown_objects
from stacks.choosing.sections import SECTIONS
from stacks.choosing.unused_groups import in_unused_groups
from stacks.contract.catalog import Catalog
from stacks.contract.section_names import NAMED_SECTIONS
from stacks.contract.stack import Stack
from stacks.reading.validation import Validated
from stacks.words.did_you_mean import did_you_mean
from stacks.words.problems import Problem


def choose(catalog: Validated[Catalog], stack: Validated[Stack], problems: list[Problem], mark: OwnersMark) -> Chosen:
    """Take the groups that `stack` uses, with its overrides; adds to `problems` what cannot be resolved. Every body carries `mark`.

    What was set aside of either file is not reported as missing. When it is unknown which groups the stack uses, it takes all of them,
    and does not report what only entries for other clusters may lack.
    """
    is_everything = stack.aside.holds("use")
    of_chosen = [] if is_everything else problems
    _check_groups(catalog, stack, of_chosen)
    _check_override_targets(catalog, stack, problems)
    chosen = Chosen(unknown=unknown_objects(catalog, stack), is_everything=is_everything)
    choice = Choice(catalog=catalog, stack=stack, problems=of_chosen, hosts=hosts_of(catalog, stack, problems), chosen=chosen, mark=mark)
    used = _groups(catalog.model) if is_everything else set(stack.model.use)
    for section in SECTIONS.values():
        for name, body in section.planned(choice, used, problems):
            if body is not None:
                chosen.bodies.append(body)
            else:
                chosen.unknown.update(ObjectReference(kind, FLUX_NAMESPACE, name) for kind in section.kinds)
    chosen.in_unused_groups = in_unused_groups(catalog.model, used)
    if catalog.aside.touches("defaults"):
        chosen.forget(None if catalog.aside.holds("defaults") else set(catalog.aside.names("defaults")))
    return chosen


def _groups(catalog: Catalog) -> set[str]:
    return {group for section in SECTIONS.values() for _, groups in section.groups(catalog) for group in groups}


def _check_groups(catalog: Validated[Catalog], stack: Validated[Stack], problems: list[Problem]) -> None:
    if any(catalog.aside.holds(section) for section in SECTIONS):
        return
    groups = _groups(catalog.model)
    of_faulty = groups_written(entry for section in SECTIONS for entry in catalog.aside.values(section))
    unknown = {group: index for index, group in enumerate(stack.model.use) if group not in groups | of_faulty}
    foreign = [group for group in unknown if not close_to(group, groups)]
    if len(foreign) > 1:  # a stack of another catalog
        wrong = f"no catalog entry is in the groups {listed(map(repr, foreign))}"
        problems.append(
            Problem(
                stack.place("use"),
                Message(wrong, "They would select nothing.", f"Remove them. The groups are: {', '.join(sorted(groups))}."),
            )
        )
    for group, index in unknown.items():
        if len(foreign) < 2 or group not in foreign:
            fix = did_you_mean(group, groups) or "Remove it."
            problems.append(
                Problem(stack.place("use", index), Message(f"no catalog entry is in group {group!r}", "It would select nothing.", fix))
            )
    for target, override in stack.model.override.items():
        given = override.get("groups")
        written = [group for group in given if isinstance(group, str)] if isinstance(given, list) else []
        for index, group in enumerate(written):
            # A name that `use` has, too, was told there.
            if group not in groups | of_faulty | set(stack.model.use):
                is_left = set(written) & set(stack.model.use)
                would = "It would have no effect." if is_left else f"This cluster would lack {target}."
                text = Message(f"no catalog entry is in group {group!r}", would, did_you_mean(group, groups) or "Remove it.")
                problems.append(Problem(stack.place("override", target, "groups", index), text))


def _check_override_targets(catalog: Validated[Catalog], stack: Validated[Stack], problems: list[Problem]) -> None:
    targets = [f"{section}/{name}" for section in NAMED_SECTIONS for name in SECTIONS[section].names(catalog.model)]
    faulty = [f"{section}/{name}" for section in NAMED_SECTIONS for name in catalog.aside.names(section)]
    for target in stack.model.override:
        if target not in targets and not catalog.aside.holds(*target.split("/", 1)):
            fix = did_you_mean(target, [*targets, *faulty]) or "Remove it."
            text = Message(f"the catalog has no {target}", "The override would have no effect.", fix)
            problems.append(Problem(stack.place("override", target), text))
