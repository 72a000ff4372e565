"""What the API server or Flux would refuse, found before anything is registered, with its place in the files."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace

from flux.bodies import SOPS_AGE_SECRET, STACK_VARIABLES_CONFIG_MAP
from flux.finding import Finding
from flux.key_path import KeyPath
from flux.keys.cloud_annotations import cloud_keys_of
from flux.listing import listed
from flux.message import Message
from flux.misspelt_fields import as_meant, as_written
from flux.object_reference import ObjectReference
from flux.rules import PlannedObjects, check
from flux.schema import Schemas
from stacks.choosing.chosen import Chosen
from stacks.choosing.installation import Installation
from stacks.choosing.planned_body import PlannedBody
from stacks.choosing.source_secrets import KEYS_OF_FIELDS
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.reading.validation import Validated
from stacks.words.did_you_mean import did_you_mean
from stacks.words.place import Place
from stacks.words.problems import Problem

SecretEntries = Mapping[str, frozenset[str]]
_OWN_KEYS = {
    "ConfigMap": "Write variables of Kustomizations under gitops:variables, or put",
    "Secret": "Declare a credential of a source under gitops:credentials, or put",
}
_WHAT_IT_IS = frozenset({"kind", "url", "from"})
"""Keys of an entry that decide what its spec must have."""
_LINES = 5
"""How many lines with the same fault are listed."""
Told = tuple[Place, Message, PlannedBody | None]
"""The problems of an object, with their places."""


def check_objects(
    chosen: Chosen, stack: Validated[Stack], installation: Installation, credentials: SecretEntries, problems: list[Problem]
) -> None:
    """Judge every object that the stack makes: by the installed CRDs, and by the rules that no schema knows.

    `credentials` are the Secrets for sources, and the names of their entries.
    """
    schemas = Schemas.of(installation.objects.definitions)
    refused = [schemas.findings(each.body) for each in chosen.bodies]
    planned = planned_objects(chosen, stack.model, installation, credentials)
    meant = [as_meant(body, findings) for body, findings in zip(planned.bodies, refused, strict=True)]
    found = [] if chosen.is_everything else check(replace(planned, bodies=meant, served=schemas.all_served()))
    misspelt = {each.object: findings for findings in refused for each in findings}
    found = [as_written(finding, misspelt.get(finding.object, ())) for finding in found]
    # Of one value, a rule knows more than the schema: its finding alone is told.
    told = {(finding.object, finding.path) for finding in found if finding.path}
    by_schema = [each for body, findings in zip(chosen.bodies, refused, strict=True) for each in _by_schema(body, schemas, findings, told)]
    problems += gathered([*by_schema, *_with_places(found, chosen, stack)])


def _by_schema(
    body: PlannedBody, schemas: Schemas, findings: Iterable[Finding], told: Container[tuple[ObjectReference | None, KeyPath]]
) -> Iterator[Told]:
    if not body.group.endswith("fluxcd.io") and not schemas.served_versions(body.kind):
        wrong = f"{body.kind} is not a kind of Flux"
        fix = f"{_OWN_KEYS.get(body.kind, 'Put')} the object into a repository that a Kustomization applies."
        yield body.places.of(("kind",)), Message(wrong, "`objects` takes Flux's own objects only.", fix), body
        return
    for finding in findings:
        if (finding.object, finding.path) not in told:
            yield _told(body, finding)


def _with_places(found: list[Finding], chosen: Chosen, stack: Validated[Stack]) -> Iterator[Told]:
    bodies = {each.reference: each for each in reversed(chosen.bodies)} if found else {}
    for finding in found:
        if finding.object is None:
            yield stack.place(*finding.path), finding.message, None
        else:
            yield _told(bodies[finding.object], finding)


def _told(body: PlannedBody, finding: Finding) -> Told:
    place, text = body.places.of(finding.path), finding.message
    override = body.entry.override.places.here if body.entry.override else None
    if override and place.layer != "override" and not body.places.has(finding.path) and _is_touched(body, finding.path):
        text = replace(text, wrong=f"{text.wrong} (with the override at {override.file}:{override.line})")
    return place, text, body


def _is_touched(body: PlannedBody, path: KeyPath) -> bool:
    """Whether the stack's override changes the object that lacks what is at `path`, or takes away what holds it."""
    value = body.entry.override.value if body.entry.override else None
    if path[:1] == ("spec",) and len(path) == 2 and isinstance(value, dict) and value.keys() & _WHAT_IT_IS:
        return True
    for part in path[:-1]:
        if not isinstance(value, dict):
            return True
        if part not in value:
            return False
        value = value[part]
    return True


def gathered(found: Iterable[Told]) -> list[Problem]:
    """One problem for each cause.

    A default or a host that breaks many objects is reported once, with their number and the first; so is what many entries lack because
    one default or key is gone, with the lines of the others.
    """
    objects: dict[tuple[Place, Message], list[str]] = {}
    for place, text, body in found:
        objects.setdefault((place, text), []).append(f"{body.kind}/{body.name}" if body else "")
    causes: dict[tuple[str, KeyPath, Message], list[tuple[Place, list[str]]]] = {}
    for (place, text), names in objects.items():
        causes.setdefault((place.file, _within_the_entry(place), text), []).append((place, list(dict.fromkeys(names))))
    return [Problem(places[0][0], _with_the_others(text, places)) for (_, _, text), places in causes.items()]


def _within_the_entry(place: Place) -> KeyPath:
    """What two entries that lack the same have in common. All of the path, of what no entry has: one place is one cause."""
    return place.key[2:] if place.layer == "catalog" and len(place.key) > 2 else place.key


def _with_the_others(text: Message, places: list[tuple[Place, list[str]]]) -> Message:
    names = places[0][1]
    told = [f"in {len(names)} objects, the first is {names[0]}"] if len(names) > 1 else []
    lines = sorted({str(place.line) for place, _ in places[1:]} - {str(places[0][0].line)}, key=int)
    if lines:
        shown = lines if len(lines) <= _LINES else [*lines[:_LINES], f"{len(lines) - _LINES} more"]
        told.append(f"also in line{'' if len(lines) == 1 else 's'} {listed(shown)}")
    return replace(text, wrong=f"{text.wrong} ({'; '.join(told)})") if told else text


def check_defaults(catalog: Validated[Catalog], installation: Installation, problems: list[Problem]) -> None:
    """Add a problem for each default of a kind that the Flux release does not have, whether or not its controller is installed."""
    kinds = {definition["spec"]["names"]["kind"] for definition in installation.distribution.definitions()}
    for kind in catalog.model.defaults:
        if kind not in kinds:
            wrong = f"Flux {installation.distribution.version} has no kind {kind!r}"
            text = Message(wrong, "The default would have no effect.", did_you_mean(kind, kinds))
            problems.append(Problem(catalog.place("defaults", kind), text))


def planned_objects(chosen: Chosen, stack: Stack, installation: Installation, credentials: SecretEntries) -> PlannedObjects:
    """What a stack makes, as the rules judge it: for `gitops check` together with what Git brings."""
    return PlannedObjects(
        environment=stack.environment,
        bodies=[each.body for each in chosen.bodies],
        secrets=_secrets(stack, credentials),
        config_maps=frozenset({STACK_VARIABLES_CONFIG_MAP} if stack.variables else ()),
        external_kustomizations=frozenset(stack.external_kustomizations),
        flux_version=installation.distribution.version,
        kubernetes_version=stack.cluster.kubernetes_version,
        flags=installation.options.flags,
        shards=frozenset(installation.options.shards),
        components=frozenset(installation.options.components),
        unknown=frozenset(chosen.unknown),
        left_out=chosen.in_unused_groups,
        known_to_a_cloud=frozenset(
            controller for controller, given in installation.options.service_account_annotations.items() if cloud_keys_of(given)
        ),
        entry_keys={each.reference: KEYS_OF_FIELDS for each in chosen.bodies if KEYS_OF_FIELDS.keys() & each.filled.keys()},
        insecure_hosts=frozenset(stack.insecure_hosts),
        registries={name: registry for name, each in stack.credentials.items() if (registry := each.registry)},
    )


def _secrets(stack: Stack, credentials: SecretEntries) -> dict[str, frozenset[str]]:
    """Secrets that the stack makes → their keys."""
    secrets = dict(credentials)
    if stack.age.keys or stack.decryption.entries():
        secrets[SOPS_AGE_SECRET] = frozenset([*(f"{name}.agekey" for name in stack.age.keys), *stack.decryption.entries()])
    return secrets
