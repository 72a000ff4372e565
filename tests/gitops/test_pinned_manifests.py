"""The registry is asked for real, on loopback."""

from typer.testing import CliRunner

from gitops.cli import app
from gitops.errors import CommandError
from gitops.pinned_manifests import pinned
from tests.flux.oci_server import serving

NOWHERE = "127.0.0.1:9/fluxcd/flux-manifests:v2.9.4"


def test_a_tag_gets_the_digest_that_the_registry_has_for_it() -> None:
    with serving() as registry:
        digest = registry.add({"a.yaml": "a: 1"})
        registry.tag("v2.9.4", digest)
        reference = f"{registry.address}/fluxcd/flux-manifests:v2.9.4"
        assert pinned(reference, "production", lambda _: None).text == f"{reference}@{digest}"
        assert CliRunner().invoke(app, ["digest", reference]).stdout == f"{reference}@{digest}\n"


def test_a_tag_that_the_registry_does_not_have_is_to_be_filled_in() -> None:
    with serving() as registry:
        found = pinned(f"{registry.address}/fluxcd/flux-manifests:v2.9.4", "production", lambda _: None)
    assert found.todo is not None
    assert found.todo.wrong == "has no digest yet: the registry does not have it"


def test_a_registry_that_is_away_is_told_with_the_command_for_elsewhere() -> None:
    found = pinned(NOWHERE, "production", lambda _: None)
    assert found.text == NOWHERE
    assert found.todo is not None
    assert found.todo.fix.endswith(f"gitops digest {NOWHERE}")
    error = CliRunner().invoke(app, ["digest", NOWHERE]).exception
    assert isinstance(error, CommandError)
    assert f"docker buildx imagetools inspect {NOWHERE}" in str(error)
