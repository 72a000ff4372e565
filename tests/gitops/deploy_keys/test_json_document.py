"""The JSON document of `gitops deploy-key`, for scripts."""

import json

import pytest

from tests.gitops.deploy_keys.conftest import Stack
from tests.gitops.deploy_keys.gitea_double import GiteaDouble
from tests.gitops.deploy_keys.samples import CREDENTIAL, NEW, OLD, PUBLIC, REPOSITORIES, TITLE, output
from tests.gitops.test_cli import run

ROOT, ARGO = REPOSITORIES
BOTH = [f"{TITLE}{name}" for name in (OLD, NEW)]


@pytest.fixture(autouse=True)
def _declared(stack: Stack, gitea: GiteaDouble) -> None:
    stack(output(active=OLD))


def test_the_json_document_says_all_that_the_table_does(gitea: GiteaDouble, stack: Stack) -> None:
    declared = output(active=OLD)
    declared[CREDENTIAL]["repositories"][1] = f"ssh://git@git.test/{ARGO}.git"
    stack(declared)
    gitea.put(ROOT, BOTH[1], PUBLIC["another"])
    code, out, err = run("deploy-key", "register", "-s", "production", "-o", "json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert {name: document[name] for name in ("version", "stack", "fine")} == {"version": 1, "stack": "production", "fine": True}
    first, *_, last = document["keys"]
    assert first == {
        "credential": CREDENTIAL,
        "key": OLD,
        "active": True,
        "repository": ROOT,
        "host": "127.0.0.1",
        "forge": "Gitea",
        "state": "registered",
        "id": 2,
        "fine": True,
        "text": "registered: id 2",
    }
    assert (last["forge"], last["state"], last["id"], last["text"]) == (None, "not-asked", None, "left alone: it is at git.test")


@pytest.mark.thorough
def test_the_json_document_of_a_failure_says_so(gitea: GiteaDouble) -> None:
    gitea.put(ROOT, BOTH[1], PUBLIC["another"])
    code, out, _ = run("deploy-key", "register", "-o", "json")
    document = json.loads(out)
    assert (code, document["fine"]) == (1, False)
    assert [(each["key"], each["state"]) for each in document["keys"] if not each["fine"]] == [(NEW, "refused")]
