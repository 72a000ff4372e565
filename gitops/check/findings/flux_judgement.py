"""Flux objects of Git, judged as those of the stack: by the CRDs that it installs, and by the rules over one plan of both."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from flux.finding import GIT, Finding
from flux.key_path import KeyPath
from flux.kinds import api_group
from flux.listing import more
from flux.message import Message
from flux.misspelt_fields import as_meant, as_written
from flux.object_reference import ObjectReference
from flux.requirement import Requirement
from flux.rules import PlannedObjects, Rule, check, rules
from flux.rules.plan import Plan
from flux.rules.references import referred_object_exists
from flux.schema import Schemas
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, Severity, error, warning
from gitops.check.findings.flux_objects import GitObject, by_reference, makers, values_in
from gitops.check.findings.known_objects import brought_by_git, made_by_others, unclear_namespaces
from gitops.check.findings.lines_in_files import LinesInFiles
from gitops.check.findings.ownership import OwnObject, is_bootstrapped
from gitops.check.follow.synced import World
from gitops.check.repository.sops_file import CIPHER

_MOST_VALUES = 20_000
"""Of one object: the largest Flux objects in public have 5,000, and etcd takes no object of more than 1.5 MiB."""
_MOST_VALUES_OF_ALL = 2_000_000
_MOST_TOLD = 1_000
"""Findings of the schemas, each of which takes a millisecond to put into words."""
_MOST_NAMED = 4
_RULES: Mapping[str, Rule[Plan]] = {rule.name: rule for rule in rules()}

_Faults = list[tuple[GitObject, Finding]]


@dataclass(kw_only=True)
class FluxJudgement:
    """What is wrong with the Flux objects of Git."""

    findings: list[FileFinding] = field(default_factory=list)
    without_a_source: set[ObjectReference] = field(default_factory=set)
    """Objects whose source does not exist, as far as was read."""


def judge_flux_objects(
    world: World,
    items: Iterable[GitObject],
    own: Collection[OwnObject],
    planned: PlannedObjects,
    schemas: Schemas,
    to_be_removed: frozenset[ObjectReference] = frozenset(),
) -> FluxJudgement:
    """Judge each by itself, and how they and those of the stack go together.

    There is no finding about what another finding says to remove, nor about others only because of that.
    """
    judgement = FluxJudgement()
    kept = _within_bounds(items, judgement.findings)
    of_git = [item for item in kept if not _is_the_stacks(item, own) and not is_bootstrapped(item.file)]
    refused, not_compared = _by_schema(of_git, schemas)
    unknown = {ObjectReference(item.reference.kind, "", "") for item in of_git if _is_open(item.reference.name + item.reference.namespace)}
    if world.variable_sources.is_open:
        unknown |= {ObjectReference(kind, "", "") for kind in ("ConfigMap", "Secret")}
    joint = replace(
        planned,
        from_git=[
            as_meant(item.body, refused.get(item, ())) for item in kept if item.reference.namespace and not _is_open(item.reference.name)
        ],
        secrets_of_git={
            (namespace, name): frozenset(keys)
            for (kind, namespace, name), keys in world.variable_sources.contents.items()
            if kind == "Secret" and not world.variable_sources.is_made_by_others(kind, namespace, name)
        },
        brought=brought_by_git(world, own),
        made_by_others=made_by_others(world.variable_sources),
        unclear_namespaces=unclear_namespaces(world),
        unknown=planned.unknown | unknown,
        served=schemas.all_served(),
    )
    joint = replace(joint, other_makers=frozenset(makers(world, Plan(joint))))
    first = {reference: refused.get(item, ()) for reference, item in by_reference(of_git).items()}
    found = [
        as_written(finding, first.get(finding.object, ()))
        for finding in check(joint, _RULES.values())
        if finding.where is GIT and finding.object and finding.object not in to_be_removed
        if not finding.because_of or not finding.because_of <= to_be_removed
    ]
    lines = LinesInFiles()
    # Of one value, a rule knows more than the schema: what the rules told is left out.
    by_rules = {(each.object, each.path) for each in found if each.path}
    for item, findings in refused.items():
        if item.reference in to_be_removed:
            continue
        left = [each for each in findings if each.meant is not None or (each.object, each.path) not in by_rules]
        judgement.findings += [_placed(item, each, requirements.SCHEMA, Severity.ERROR, lines) for each in left]
    judgement.findings += not_compared
    for group in _groups(of_git, found):
        item, finding = group[0]
        rule = _RULES[finding.rule]
        if rule == referred_object_exists:
            judgement.without_a_source |= {each.reference for each, _ in group}
        told = _in_many(group) if finding.certain else _uncertain(group)
        severity = Severity.WARNING if GIT in rule.warns or not finding.certain else Severity.ERROR
        judgement.findings.append(_placed(item, told, _requirement(rule), severity, lines))
    return judgement


def _within_bounds(items: Iterable[GitObject], findings: list[FileFinding]) -> list[GitObject]:
    kept: list[GitObject] = []
    left = _MOST_VALUES_OF_ALL
    for item in items:
        size = values_in(item.body, min(_MOST_VALUES, left))
        if size <= min(_MOST_VALUES, left):
            kept.append(item)
            left -= size
            continue
        most = f"more than {_MOST_VALUES:,} values" if left > _MOST_VALUES else "too many values, with all others before it"
        findings.append(_not_judged(item, f"has {most}"))
    return kept


def _not_judged(item: GitObject, why: str) -> FileFinding:
    consequence, fix = "It may have more problems than those reported here.", "Correct the reported ones first, or split the file."
    message = Message(why, consequence, fix)
    return _placed(item, Finding(object=item.reference, path=(), message=message), requirements.NOT_CHECKED, Severity.WARNING)


def _is_the_stacks(item: GitObject, own: Container[OwnObject]) -> bool:
    """Whether the stack makes an object of that name: two of one name are reported already."""
    group = api_group(str(item.body.get("apiVersion", "")))
    return OwnObject(group, item.reference.kind, item.reference.namespace, item.reference.name) in own


def _by_schema(items: Iterable[GitObject], schemas: Schemas) -> tuple[dict[GitObject, list[Finding]], list[FileFinding]]:
    """What the CRDs find in each, and a warning where that was too much to go on."""
    refused: dict[GitObject, list[Finding]] = {}
    count = 0
    for item in items:
        if count > _MOST_TOLD:
            return refused, [_not_judged(item, "was not compared with its CRD, after so many others that do not fit theirs")]
        if findings := schemas.findings(item.body, is_open=partial(_is_replaced, item.written)):
            refused[item] = findings
            count += len(findings)
    return refused, []


def _groups(items: Iterable[GitObject], found: Iterable[Finding]) -> Iterable[_Faults]:
    """The findings by fault: what many objects have in common, and for each rule, what only may be missing."""
    places = by_reference(items)
    groups: dict[tuple[str, object], _Faults] = {}
    for finding in found:
        item = places.get(finding.object)
        if item is not None and not _is_open(_at(item.body, finding.path)):
            fault: object = (finding.path, finding.message.wrong, finding.message.fix) if finding.certain else "uncertain"
            groups.setdefault((finding.rule, fault), []).append((item, finding))
    for group in groups.values():
        group.sort(key=lambda each: (each[0].repository, each[0].file, each[0].line))
    return groups.values()


def _in_many(group: _Faults) -> Finding:
    finding = group[0][1]
    others = len({item.reference for item, _ in group}) - 1
    if not others:
        return finding
    return replace(finding, message=replace(finding.message, wrong=f"{finding.message.wrong} (and {more(others, 'object')})"))


def _uncertain(group: _Faults) -> Finding:
    """What was not read may bring all that is missing: at most one warning says so."""
    finding = group[0][1]
    others = dict.fromkeys(str(item.reference) for item, _ in group if item.reference != group[0][0].reference)
    wrong = f"{finding.message.wrong}{_likewise(list(others))}"
    doubt = "A chart, or what was not read, may create it. If not: "
    return replace(finding, message=Message(wrong, f"{doubt}{finding.message.consequence}", finding.message.fix))


def _likewise(others: Sequence[str]) -> str:
    left = len(others) - _MOST_NAMED
    return f" (likewise {', '.join(others[:_MOST_NAMED])}{f' and {left} more' if left > 0 else ''})" if others else ""


def _placed(
    item: GitObject, finding: Finding, requirement: Requirement, severity: Severity, lines: LinesInFiles | None = None
) -> FileFinding:
    where = f"{item.reference} {finding.dotted}".rstrip()
    told = replace(finding.message, wrong=f"{where}: {finding.message.wrong}" if finding.path else f"{where} {finding.message.wrong}")
    line = lines.line(item.tree, item.path, item.line, finding.path) if lines else item.line
    find = error if severity is Severity.ERROR else warning
    return find(requirement, item.repository, item.file, told, line, item.reference)


def _requirement(rule: Rule[Plan]) -> Requirement:
    """The rule without its function: findings are compared and sorted by it."""
    return Requirement(name=rule.name, looks_at=rule.looks_at, environments=rule.environments, summary=rule.summary, reason=rule.reason)


def _at(value: Any, path: KeyPath) -> Any:
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def _is_replaced(body: Mapping[str, Any], path: KeyPath, levels: int = 2) -> bool:
    """Whether what stands there is not what Flux applies: it has variables, or SOPS encrypted it. A rule looks at what is below, too."""
    found = _at(body, path)
    if isinstance(found, Mapping):
        return levels > 0 and any(_is_replaced(found, (key,), levels - 1) for key in found)
    return isinstance(found, str) and ("${" in found or found.startswith(CIPHER))


def _is_open(value: Any) -> bool:
    """Whether a variable is in it that is not known."""
    if isinstance(value, str):
        return "${" in value
    if isinstance(value, Mapping):
        return any(_is_open(each) for each in value.values())
    return False
