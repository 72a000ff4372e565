"""`flux.schema` and the real API server, object by object.

More and other objects than in CI:
GITOPS_AGREEMENT_SEED=7 GITOPS_AGREEMENT_FACTOR=10 .venv/bin/pytest tests/e2e/test_agreement_with_the_api_server.py
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from flux.schema import Schemas
from tests.e2e.agreement.mutations import mutated
from tests.e2e.agreement.server import ApiServer, api_server
from tests.e2e.agreement.traps import traps
from tests.e2e.agreement.valid import body
from tests.manifests import distribution

SEED = int(os.environ.get("GITOPS_AGREEMENT_SEED", "1"))
FACTOR = int(os.environ.get("GITOPS_AGREEMENT_FACTOR", "1"))
OBJECTS = {"v2.9.4": 3300, "v2.8.8": 660, "v2.7.5": 660}
"""Flux version → how many objects; a little more than asked for."""
LEAST_SHARE = 0.1
"""Of each kind, so much at least is accepted and so much refused: or nothing would be shown."""

pytestmark = pytest.mark.timeout(600 * FACTOR)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """One control plane for all releases, one after the other."""
    with api_server(tmp_path_factory.mktemp("agreement")) as running:
        yield running


@pytest.mark.parametrize("version", OBJECTS)
def test_the_schema_layer_says_what_the_api_server_says(version: str, server: ApiServer, capsys: pytest.CaptureFixture[str]) -> None:
    definitions = [found for found in distribution(version).objects if found["kind"] == "CustomResourceDefinition"]
    schemas = Schemas.of(definitions)
    server.install(definitions)
    made = objects(definitions, OBJECTS[version] * FACTOR, SEED)

    verdicts = server.verdicts(made)

    disagreements, exceptions = compared(schemas, made, verdicts)
    total, accepted = len(made), sum(accepted for accepted, _ in verdicts)
    with capsys.disabled():
        print(  # noqa: T201 (the figure that docs/limits.md repeats)
            f"\nFlux {version}, seed {SEED}: {total} objects of {len(schemas.kinds())} kinds: "
            f"{accepted} accepted, {total - accepted} refused; {len(disagreements)} disagreements, {exceptions} known exceptions"
        )
    assert not disagreements, "\n\n".join(disagreements[:20])
    assert total >= OBJECTS[version] * FACTOR * 0.95
    assert {found["kind"] for found in made} >= set(schemas.kinds())
    for kind, share in accepted_share(made, verdicts).items():
        assert LEAST_SHARE <= share <= 1 - LEAST_SHARE, f"of the {kind} objects the server accepted {share:.0%}: the test would show little"


def test_and_so_in_every_place_where_a_schema_alone_is_not_enough(server: ApiServer, capsys: pytest.CaptureFixture[str]) -> None:
    definitions = [found for found in distribution().objects if found["kind"] == "CustomResourceDefinition"]
    schemas = Schemas.of(definitions)
    server.install(definitions)
    newest = {
        kind: (schemas.served_versions(kind)[0], found["spec"]["versions"][0]["schema"]["openAPIV3Schema"])
        for found in definitions
        for kind in [found["spec"]["names"]["kind"]]
    }
    made = list(traps(newest))

    verdicts = server.verdicts(made)

    disagreements, exceptions = compared(schemas, made, verdicts)
    accepted = sum(accepted for accepted, _ in verdicts)
    with capsys.disabled():
        print(  # noqa: T201
            f"\nOne by one: {len(made)} objects: {accepted} accepted, {len(made) - accepted} refused; "
            f"{len(disagreements)} disagreements, {exceptions} known exceptions"
        )
    assert not disagreements, "\n\n".join(disagreements[:20])
    assert exceptions == 2, "the two numbers among the resource versions: 1 and 007"


def compared(schemas: Schemas, made: list[dict[str, Any]], verdicts: list[tuple[bool, str]]) -> tuple[list[str], int]:
    """The objects that are judged differently, each with both opinions, and how many of those are known exceptions."""
    disagreements, exceptions = [], 0
    for found, (accepted, words) in zip(made, verdicts, strict=True):
        findings = schemas.findings(found)
        if accepted != bool(findings):
            continue
        if is_known_exception(found):
            exceptions += 1
            continue
        said = "; ".join(f"{finding.dotted}: {finding.message!s}" for finding in findings)
        disagreements.append(f"{json.dumps(found)}\n  we: {said or 'fine'}\n  server: {words or 'accepted'}")
    return disagreements, exceptions


def is_known_exception(found: Mapping[str, Any]) -> bool:
    """Each is told in docs/limits.md.

    resourceVersion: the dry run lets it pass, but the real creation answers "resourceVersion should not be set on objects to be
    created" (test below); the schema layer refuses it.
    """
    metadata = found.get("metadata")
    return isinstance(metadata, dict) and str(metadata.get("resourceVersion", "")).strip("0").isdigit()


def test_a_resource_version_passes_the_dry_run_and_fails_the_real_creation(server: ApiServer) -> None:
    definitions = [found for found in distribution().objects if found["kind"] == "CustomResourceDefinition"]
    server.install(definitions)
    found = {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": "again", "resourceVersion": "1"},
        "spec": {"interval": "5m", "url": "https://git.example.com/a"},
    }

    assert server.verdict(found) == (True, "")
    assert "resourceVersion should not be set" in server.create(found)
    assert Schemas.of(definitions).findings(found)


def accepted_share(made: list[dict[str, Any]], verdicts: list[tuple[bool, str]]) -> dict[str, float]:
    """Kind → the share of its objects that the server accepted."""
    outcomes = defaultdict(list)
    for found, (accepted, _) in zip(made, verdicts, strict=True):
        outcomes[found["kind"]].append(accepted)
    return {kind: sum(accepted) / len(accepted) for kind, accepted in outcomes.items()}


def objects(definitions: list[dict[str, Any]], count: int, number: int) -> list[dict[str, Any]]:
    """About `count` objects, as many of each served version of each kind; the same ones for the same seed `number`."""
    served = [
        (definition["spec"], version) for definition in definitions for version in definition["spec"]["versions"] if version["served"]
    ]
    return [made for spec, version in served for made in of_kind(spec, version, count // len(served) + 1, number)]


def of_kind(spec: Mapping[str, Any], version: Mapping[str, Any], count: int, number: int) -> list[dict[str, Any]]:
    """`count` objects of one version of one kind: a third as the schema wants them, the others with something done to them."""
    schema = version["schema"]["openAPIV3Schema"]
    versions = [f"{spec['group']}/{other}" for other in ("v1", "v1beta1", "v1beta2", "v1beta3", "v2", "v2beta2")]
    valid = body(f"{spec['group']}/{version['name']}", spec["names"]["kind"], schema)
    sound = count // 3
    return drawn(valid, sound, number) + drawn(mutated(valid, schema, versions), count - sound, number)


def drawn(strategy: st.SearchStrategy[dict[str, Any]], count: int, number: int) -> list[dict[str, Any]]:
    """`count` examples of a strategy."""
    made: list[dict[str, Any]] = []

    @seed(number)
    @settings(max_examples=count, database=None, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(found: dict[str, Any]) -> None:
        made.append(json.loads(json.dumps(found)))

    collect()
    return made
