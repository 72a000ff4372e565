"""A private key in plain text in the stack file is disclosed: that is told, whether or not anything reads it, and never the key."""

from pathlib import Path

import pytest

from flux.keys.age_identity import identity_from_seed
from tests.flux.post_quantum import post_quantum_key
from tests.keys import elliptic_key, pem
from tests.shipped_stacks import dev
from tests.stacks.test_settings import mistake

IDENTITY = identity_from_seed("disclosed")
PEM = pem(elliptic_key("a"))
KEYS = {"gitops:age": {"keys": {"2026-11": "supplied"}}}
TOLD = "is a private key in plain text. Everyone who can read this file, now or in an older commit, has the key"


@pytest.mark.parametrize(
    "value", [IDENTITY, f"# created: today\n{IDENTITY}\n", PEM, post_quantum_key("a")[0]], ids=["age", "file", "PEM", "pq"]
)
@pytest.mark.parametrize("key", ["age-2026-12", "something", "onDestory"])
def test_a_private_key_that_nothing_reads_is_disclosed_all_the_same(key: str, value: str, tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, config={f"gitops:{key}": value}, preview=True), markers=(IDENTITY, PEM.splitlines()[1]))

    assert f"gitops:{key}: {TOLD}: it counts as disclosed" in text
    assert "make another key under a name that the stack declares" in text
    assert text.endswith("run: pulumi config set --secret gitops:<name>")
    assert "is an unknown key" not in text


def test_one_that_is_read_is_mended_by_another_under_its_name(tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, config={**KEYS, "gitops:age-2026-11": IDENTITY}, preview=True), markers=(IDENTITY,))

    assert text.startswith("1 problem;")
    assert f"gitops:age-2026-11: {TOLD}" in text
    assert text.endswith("and run: pulumi config set --secret gitops:age-2026-11")


def test_one_in_a_place_that_is_not_read_because_of_another_mistake_is_told_too(tmp_path: Path) -> None:
    config = {"gitops:age": {"keys": {"2026-11": "suplied"}}, "gitops:age-2026-11": IDENTITY}
    text = mistake(dev(tmp_path, config=config, preview=True), markers=(IDENTITY,))

    assert text.startswith("2 problems;")
    assert TOLD in text


@pytest.mark.parametrize("name", [IDENTITY, IDENTITY[:40], post_quantum_key("a")[0]], ids=["whole", "cut short", "post-quantum"])
def test_one_in_place_of_a_name_is_told_and_not_repeated(name: str, tmp_path: Path) -> None:
    as_name = mistake(dev(tmp_path, config={"gitops:age": {"keys": {name: "supplied"}}}, preview=True), markers=(name,))
    as_key = mistake(dev(tmp_path, config={f"gitops:{name}": "supplied"}, preview=True), markers=(name,))
    as_secret = mistake(dev(tmp_path, secrets={name: "supplied"}, preview=True), markers=(name,))

    for text in (as_name, as_key, as_secret):
        assert TOLD in text
        assert name[15:] not in text


def test_a_secret_under_a_name_that_nothing_reads_is_none(tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, secrets={"age-2026-12": IDENTITY}, preview=True), markers=(IDENTITY,))

    assert "gitops:age-2026-12: is an unknown key" in text
    assert TOLD not in text
