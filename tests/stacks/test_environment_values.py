"""`{env: NAME}` is a reference to the environment where a text belongs, and data everywhere else."""

from pathlib import Path
from typing import Any

import pytest

from stacks.inputs.environment_values import with_environment
from stacks.reading.set_aside import SetAside
from stacks.words.problems import Problem
from tests.documents import document
from tests.shipped_stacks import dev, dev_environment, reviewed
from tests.stacks.test_settings import mistake

X = {"env": "GITOPS_DEV_X"}
PRODUCTION = {"env": "production"}


def resolved(value: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("GITOPS_DEV_X", "from the environment")
    problems: list[Problem] = []
    whole = with_environment(document(value), SetAside(), problems, allowed=True)
    assert problems == []
    return whole.value


@pytest.mark.parametrize(
    "value",
    [
        {"variables": PRODUCTION},
        {"flux": {"nodeSelector": PRODUCTION}},
        {"flux": {"patches": [{"kind": "Deployment", "name": "a", "patch": {"metadata": {"labels": PRODUCTION}}}]}},
        {"flux": {"flags": {"source-controller": PRODUCTION}}},
        {"override": {"git/a": {"spec": {"postBuild": {"substitute": PRODUCTION}}}}},
        {"override": {"git/a": {"labels": PRODUCTION}}},
        {"override": {"git/a": {"spec": {"url": PRODUCTION}}}},
        {"decryption": {"serviceAccountAnnotations": PRODUCTION}},
        {"credentials": PRODUCTION},
        {"hosts": PRODUCTION},
        {"cluster": PRODUCTION},
        {"variables": {"A": {"env": 5}}},
        {"variables": {"A": {"env": "GITOPS_DEV_X", "other": "key"}}},
    ],
    ids=str,
)
def test_an_object_that_happens_to_have_that_one_key_is_data(value: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolved(value, monkeypatch) == value


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"variables": {"A": X}}, ("variables", "A")),
        ({"cluster": {"name": "a", "context": X}}, ("cluster", "context")),
        ({"use": ["base", X]}, ("use", 1)),
        ({"flux": {"manifests": X}}, ("flux", "manifests")),
        ({"flux": {"flags": {"source-controller": {"concurrent": X}}}}, ("flux", "flags", "source-controller", "concurrent")),
        ({"flux": {"nodeSelector": {"zone": X}}}, ("flux", "nodeSelector", "zone")),
        ({"age": {"keys": {"1": X}}}, ("age", "keys", "1")),
        ({"credentials": {"a": {"type": "basic", "username": X}}}, ("credentials", "a", "username")),
        ({"hosts": {"a": {"knownHosts": X}}}, ("hosts", "a", "knownHosts")),
        ({"checkRecord": X}, ("checkRecord",)),
        ({"onDestroy": X}, ("onDestroy",)),
        ({"override": {"git/a": {"url": X, "labels": {"b": X}}}}, ("override", "git/a", "labels", "b")),
        ({"override": {"helm/a": {"kind": X}}}, ("override", "helm/a", "kind")),
    ],
    ids=str,
)
def test_where_a_text_belongs_it_is_taken_from_the_environment(
    value: dict[str, Any], path: tuple[str | int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = resolved(value, monkeypatch)
    for part in path:
        found = found[part]

    assert found == "from the environment"


def test_production_takes_such_an_object_and_refuses_a_reference() -> None:
    variables = {"env": "production"}
    text = mistake(reviewed("production", config={"gitops:variables": {"A": {"env": "GITOPS_DEV_NAME"}, **variables}}))

    assert text.splitlines()[0] == "1 problem; nothing was changed."
    assert "gitops:variables.A: takes its value from the environment in which pulumi runs" in text


def test_the_environment_of_a_stack_cannot_come_from_the_environment(tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, config={"gitops:environment": {"env": "X"}}, environment={"X": "development"}))

    assert "gitops:environment: is not an allowed value. Write production, staging or development." in text


def test_one_forgotten_environment_is_one_message(tmp_path: Path) -> None:
    forgotten = [name for name in dev_environment(tmp_path) if name.startswith("GITOPS_DEV_")]
    lines = mistake(dev(tmp_path, environment=dict.fromkeys(forgotten))).splitlines()

    assert lines[0] == "1 problem; nothing was changed."
    assert len(lines) == 2
    assert "gitops:cluster.context: the environment variables GITOPS_DEV_CONTEXT, GITOPS_DEV_SERVER, " in lines[1]
    assert all(name in lines[1] for name in forgotten)
    assert lines[1].endswith(
        f'are not set. {len(forgotten)} values of this file are unknown. Export them; for the demo: make demo, then eval "$(make -s env)"'
    )
