"""`flux.schema` and the real API server, object by object.

Other objects: GITOPS_AGREEMENT_SEED=7 GITOPS_AGREEMENT_FACTOR=10 .venv/bin/pytest -s tests/e2e/test_agreement_with_the_api_server.py
"""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from flux.schema import Schemas
from tests.e2e.agreement.mutations import mutated
from tests.e2e.agreement.server import ApiServer, api_server
from tests.e2e.agreement.valid import body
from tests.manifests import distribution

SEED = int(os.environ.get("GITOPS_AGREEMENT_SEED", "1"))
FACTOR = int(os.environ.get("GITOPS_AGREEMENT_FACTOR", "1"))
OBJECTS = {"v2.9.4": 3300, "v2.8.8": 660, "v2.7.5": 660}
LEAST_SHARE = 0.15

pytestmark = pytest.mark.timeout(600 * FACTOR)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with api_server(tmp_path_factory.mktemp("agreement")) as running:
        yield running


@pytest.mark.parametrize("version", OBJECTS)
def test_the_schema_layer_says_what_the_api_server_says(version: str, server: ApiServer, capsys: pytest.CaptureFixture[str]) -> None:
    definitions = [found for found in distribution(version).objects if found["kind"] == "CustomResourceDefinition"]
    schemas = Schemas.of(definitions)
    server.install(definitions)
    made = objects(definitions, OBJECTS[version] * FACTOR)

    accepted_of_kind: dict[str, list[bool]] = {}
    disagreements = []
    verdicts = server.verdicts(made)
    for found, (accepted, words) in zip(made, verdicts, strict=True):
        accepted_of_kind.setdefault(f"{found['kind']}", []).append(accepted)
        violations = schemas.violations(found)
        if accepted == bool(violations):
            said = "; ".join(f"{violation.dotted}: {violation.text}" for violation in violations)
            disagreements.append(f"{json.dumps(found)}\n  we: {said or 'fine'}\n  server: {words or 'accepted'}")

    total, accepted = len(made), sum(accepted for accepted, _ in verdicts)
    with capsys.disabled():
        print(
            f"\nFlux {version}: {total} objects of {len(accepted_of_kind)} kinds, {accepted} accepted, {total - accepted} refused, {len(disagreements)} disagreements"
        )
    assert not disagreements, "\n\n".join(disagreements[:20])
    assert total >= OBJECTS[version] * FACTOR * 0.9
    for kind, outcomes in accepted_of_kind.items():
        share = sum(outcomes) / len(outcomes)
        assert LEAST_SHARE <= share <= 1 - LEAST_SHARE, (
            f"of the {len(outcomes)} {kind} the server accepted {share:.0%}: the test would show little"
        )


def objects(definitions: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """About `count` objects, as many of each served version of each kind; the same ones for the same seed."""
    served = [
        (definition["spec"], version) for definition in definitions for version in definition["spec"]["versions"] if version["served"]
    ]
    made: list[dict[str, Any]] = []
    for spec, version in served:
        made += of_kind(spec, version, count // len(served) + 1)
    return made


def of_kind(spec: Mapping[str, Any], version: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """`count` objects of one version of one kind."""
    schema = version["schema"]["openAPIV3Schema"]
    versions = [f"{spec['group']}/{other}" for other in ("v1", "v1beta1", "v1beta2", "v1beta3", "v2", "v2beta2")]
    made: list[dict[str, Any]] = []

    @seed(SEED)
    @settings(max_examples=count, database=None, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
    @given(mutated(body(f"{spec['group']}/{version['name']}", spec["names"]["kind"], schema), schema, versions))
    def collect(found: dict[str, Any]) -> None:
        made.append(json.loads(json.dumps(found)))

    collect()
    return made
