"""What the API server or Flux would refuse, found before anything is registered, with its place in the files."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flux.finding import Finding
from flux.keys.cloud_annotations import cloud_keys_of
from flux.message import Message
from flux.objects import SOPS_AGE_SECRET, STACK_VARIABLES_CONFIG_MAP
from flux.rules import PlannedObjects, check
from flux.schema import Schemas
from stacks.choosing.bodies import planned_bodies
from stacks.choosing.choice import Chosen
from stacks.choosing.installation import Installation
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.reading.validation import Locate
from stacks.words.did_you_mean import nearest
from stacks.words.problems import Problem

SecretEntries = Mapping[str, frozenset[str]]


def check_objects(
    chosen: Chosen, stack: Stack, installation: Installation, credentials: SecretEntries, locate_stack: Locate, problems: list[Problem]
) -> None:
    """Judge every object that the stack makes: by the installed CRDs, and by the rules that no schema knows.

    `credentials` are the Secrets for sources, and the names of their entries.
    """
    bodies = planned_bodies(chosen)
    schemas = Schemas.of(installation.objects.definitions)
    by_rules = [] if chosen.is_everything else check(_planned_objects(chosen, stack, installation, credentials, bodies))
    told = {(finding.object, finding.path) for finding in by_rules if finding.path}
    by_schema = [finding for body in bodies for finding in schemas.findings(body)]
    # Of one value, a rule knows more than the schema: its finding alone is told.
    findings = [finding for finding in by_schema if (finding.object, finding.path) not in told]
    findings += by_rules
    problems += gathered((_where(chosen, locate_stack, finding), finding) for finding in findings)


def check_defaults(catalog: Catalog, installation: Installation, locate_catalog: Locate, problems: list[Problem]) -> None:
    """Add a problem for each default of a kind that the Flux release does not have, whether or not its controller is installed."""
    kinds = {definition["spec"]["names"]["kind"] for definition in installation.distribution.definitions()}
    for kind in catalog.defaults:
        if kind not in kinds:
            text = (
                f"Flux {installation.distribution.version} has no kind {kind!r}, so the default would have no effect{nearest(kind, kinds)}"
            )
            problems.append(Problem(locate_catalog(("defaults", kind)), text))


def _planned_objects(
    chosen: Chosen, stack: Stack, installation: Installation, credentials: SecretEntries, bodies: list[dict[str, Any]]
) -> PlannedObjects:
    return PlannedObjects(
        environment=stack.environment,
        bodies=bodies,
        secrets=_secrets(stack, credentials),
        config_maps=frozenset({STACK_VARIABLES_CONFIG_MAP} if stack.variables else ()),
        external_kustomizations=frozenset(stack.external_kustomizations),
        flux_version=installation.distribution.version,
        kubernetes_version=stack.cluster.kubernetes_version,
        flags=installation.options.flags,
        components=frozenset(installation.options.components),
        unknown=frozenset(chosen.unknown),
        cloud_identities=frozenset(
            controller for controller, given in installation.options.service_account_annotations.items() if cloud_keys_of(given)
        ),
        registries={name: registry for name, each in stack.credentials.items() if (registry := each.registry)},
    )


def _secrets(stack: Stack, credentials: SecretEntries) -> dict[str, frozenset[str]]:
    """Secrets that the stack makes → their keys."""
    secrets = dict(credentials)
    if stack.age.keys or stack.decryption.key_services:
        secrets[SOPS_AGE_SECRET] = frozenset([*(f"{name}.agekey" for name in stack.age.keys), *stack.decryption.entries()])
    return secrets


def _where(chosen: Chosen, locate_stack: Locate, finding: Finding) -> str:
    if finding.object is None:
        return locate_stack(finding.path)
    origin = chosen.origins.get(finding.object)
    return origin.of(finding.path) if origin else f"{finding.object} {finding.dotted}".strip()


def gathered(found: Iterable[tuple[str, Finding]]) -> list[Problem]:
    """One problem for each place: a default, or a host, that spoils many objects is told once, with their names."""
    objects: dict[tuple[str, Message], list[str]] = {}
    for where, finding in found:
        _, _, given_by = where.removesuffix(")").partition(" (given by ")
        objects.setdefault((given_by or where, finding.message), []).append(where if given_by else "")
    return [
        Problem(
            place, replace(message, wrong=f"{message.wrong} ({len(places)} objects have it; the first: {places[0].partition(' (')[0]})")
        )
        if len(places) > 1 and places[0]
        else Problem(places[0] or place, message)
        for (place, message), places in objects.items()
    ]
