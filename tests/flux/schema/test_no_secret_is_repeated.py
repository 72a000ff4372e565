"""A secret that got into a stack file by mistake does not get into a log by a message about it."""

from typing import Any

import pytest

from flux.schema.showing import shown, shown_name
from flux.secret_shapes import could_be_secret
from tests.flux.schema.bodies import SPECS, problems

# Put together here, so that no scanner takes them for real.
SECRETS = (
    "AGE-SECRET-" + "KEY-1QQPZRY9X8",
    "-----BEGIN " + "OPENSSH PRIVATE KEY-----",
    "ghp_" + "a1B2c3D4e5F6g7H8i9J0",
    "glpat-" + "x1y2z3x1y2z3x1y2z3x1",
    "hunter2" * 4,
    "4f9c2b7e" * 5,
    "550e8400-e29b-41d4-a716-446655440000",
    "https://user:hunter2@git.example.com/a b",
    "user:hunter2@git.example.com/a",
)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("kind", SPECS)
def test_a_value_that_looks_like_a_secret_shows_nowhere_whatever_field_it_is_in(kind: str, secret: str) -> None:
    for place in places(SPECS[kind]):
        for value in (secret, {"a": secret}, [secret], [[secret]], {secret: {"a": 1}}):
            for found in problems(kind, metadata={"name": "a"}, spec=changed(SPECS[kind], place, value)):
                assert secret not in str(found.message) + found.dotted + str(found.object), found


@pytest.mark.parametrize("secret", SECRETS)
def test_metadata_and_top_level_fields_hide_it_too(secret: str) -> None:
    for changes in (
        {"metadata": {"name": secret}},
        {"metadata": {"name": "a", "labels": {secret: "x y", "a": secret}}},
        {"metadata": {"name": "a", "annotations": {secret + "/x/": "", "b": 5}}},
        {"metadata": {"name": "a", secret: secret}},
        {"kind": secret},
        {"apiVersion": secret},
        {secret: secret},
        {"spec": secret},
        {"metadata": secret},
    ):
        for found in problems("GitRepository", **changes):
            assert secret not in str(found.message) + found.dotted, found


@pytest.mark.parametrize("name", ["DB_PASSWORD", "apiToken", "clientSecret", "private", "SSH_KEY", "passphrase"])
def test_no_value_of_a_field_with_such_a_name_shows(name: str) -> None:
    (found,) = problems("Kustomization", {"postBuild": {"substitute": {name: 12345}}})

    assert "12345" not in str(found.message)
    assert str(found.message) == "this number is not text. The API server would refuse the Kustomization. Put it in quotes."


def test_a_misspelt_name_shows_so_that_it_can_be_found() -> None:
    (found,) = problems("GitRepository", {"secretReff": {"name": "a"}})

    assert found.dotted == "spec.secretReff"
    assert '"secretReff"' in str(found.message)


@pytest.mark.parametrize(
    "harmless",
    ["5 minutes", "git@github.com:org/repo.git", "argo-workflows-production", "source.toolkit.fluxcd.io/v1beta2", "./kubernetes/apps"],
)
def test_what_is_short_and_harmless_shows(harmless: str) -> None:
    assert not could_be_secret(harmless)
    assert shown(harmless, ("spec", "path")) == f'"{harmless}"'


def test_what_is_long_or_strange_does_not_show() -> None:
    assert shown("a " * 40, ()) is None
    assert shown("a\nb", ()) is None
    assert shown(10**30, ()) is None
    assert shown_name("insecureSkipTLSVerification") == "insecureSkipTLSVerification"
    assert shown_name("x" * 61) is None


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs: list[tuple[Any, Any]] = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [path] * bool(path) + [found for key, item in pairs for found in places(item, (*path, key))]


def changed(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, list):
        return [changed(item, path[1:], new) if index == path[0] else item for index, item in enumerate(value)]
    return {**value, path[0]: changed(value[path[0]], path[1:], new)}
