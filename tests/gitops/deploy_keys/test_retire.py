"""`gitops deploy-key retire`: nothing leaves Gitea before Flux is seen to fetch with the active key. Against doubles."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flux.reconcile_request import REQUESTED_AT
from gitops.deploy_keys.sync import public_half
from tests.gitops.api_server import FakeApiServer, serving, write_kubeconfig
from tests.gitops.deploy_keys.conftest import Stack
from tests.gitops.deploy_keys.gitea_double import READ_TOKEN, GiteaDouble
from tests.gitops.deploy_keys.samples import CREDENTIAL, NEW, OLD, PUBLIC, REPOSITORIES, TITLE, TITLES, credential, output, pem, url
from tests.gitops.flux_objects import condition, flux_object, ready
from tests.gitops.test_cli import call_main, closed_port, run

ROOT, ARGO = REPOSITORIES
SECRET = f"/api/v1/namespaces/flux-system/secrets/{CREDENTIAL}"


def title(key: str) -> str:
    return f"{TITLE}{key}"


def secret(key: str) -> tuple[int, Any]:
    entries = {"identity": pem(key), "identity.pub": PUBLIC[key].encode()}
    return 200, {
        "kind": "Secret",
        "metadata": {"name": CREDENTIAL},
        "data": {name: base64.b64encode(value).decode() for name, value in entries.items()},
    }


def source(repository: str, *conditions: Any, **spec: Any) -> dict[str, Any]:
    described = {"url": url(repository), "secretRef": {"name": CREDENTIAL}, **spec}
    return flux_object("GitRepository", repository.partition("/")[2], *(conditions or (ready(),)), spec=described)


def fetches(found: dict[str, Any], patch: dict[str, Any]) -> None:
    """As source-controller does when it has come to an end with an object."""
    found["status"]["lastHandledReconcileAt"] = patch["metadata"]["annotations"][REQUESTED_AT]


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApiServer]:
    """A cluster whose Secret holds the new key, and whose Flux fetches with it when asked."""
    server = FakeApiServer(objects=[source(name) for name in REPOSITORIES], answers={SECRET: secret(NEW)}, on_patch=fetches)
    with serving(server) as running:
        monkeypatch.setenv("KUBECONFIG", str(write_kubeconfig(tmp_path / "config", running.url)))
        yield running


@pytest.fixture(autouse=True)
def _rotated(stack: Stack, gitea: GiteaDouble, cluster: FakeApiServer) -> None:
    """Both keys are registered, and the new one is active."""
    stack(output())
    for repository in REPOSITORIES:
        for key in (OLD, NEW):
            gitea.put(repository, title(key), PUBLIC[key])


def patched(cluster: FakeApiServer) -> list[str]:
    return [target for target in cluster.asked if target.startswith("PATCH")]


def test_an_old_key_goes_once_the_active_one_is_seen_to_sync(gitea: GiteaDouble, cluster: FakeApiServer) -> None:
    code, out, _ = run("deploy-key", "retire")
    assert code == 0
    assert {name: gitea.titles(name) for name in REPOSITORIES} == {ROOT: [title(NEW)], ARGO: [title(NEW)]}
    assert [line.split()[-3:] for line in out.splitlines()[1:]] == [["removed:", "id", "1"], ["removed:", "id", "3"]]
    assert len(patched(cluster)) == 2, "each source of the credential is asked to fetch"
    moments = {each["metadata"]["annotations"][REQUESTED_AT] for each in cluster.objects}
    assert len(moments) == 1
    assert moments.pop().endswith("Z")


def test_a_second_time_there_is_nothing_to_retire_and_flux_is_not_asked(gitea: GiteaDouble, cluster: FakeApiServer) -> None:
    run("deploy-key", "retire")
    cluster.asked.clear()
    code, out, err = run("deploy-key", "retire")
    assert (code, out, cluster.asked) == (0, "", [])
    assert "There is nothing to retire" in err
    code, out, _ = run("deploy-key", "retire", "-o", "json")
    assert (code, json.loads(out)["keys"]) == (0, [])


def test_keys_with_other_titles_and_the_active_key_under_another_one_are_never_touched(gitea: GiteaDouble) -> None:
    another = f"flux/{TITLES.full_name}/homelab-deploy-2/2026-05"
    gitea.put(ROOT, another, "ssh-ed25519 AAAAC3a")
    gitea.put(ROOT, f"flux/production/{CREDENTIAL}/2026-05", "ssh-ed25519 AAAAC3b")
    gitea.put(ROOT, "somebody's", "ssh-ed25519 AAAAC3c")
    gitea.repositories[ARGO] = []
    gitea.put(ARGO, title("misnamed"), PUBLIC[NEW])
    assert run("deploy-key", "retire")[0] == 0
    assert gitea.titles(ROOT) == [
        title(NEW),
        another,
        f"flux/production/{CREDENTIAL}/2026-05",
        "somebody's",
    ]
    assert gitea.titles(ARGO) == [title("misnamed")], "what counts is the key, not what it is called"


def test_a_key_with_the_title_of_an_earlier_version_goes_if_it_is_the_stacks(gitea: GiteaDouble) -> None:
    of_another = f"flux/dev/{CREDENTIAL}/2026-04"
    gitea.repositories[ROOT] = gitea.repositories[ARGO] = []
    gitea.put(ROOT, f"flux/dev/{CREDENTIAL}/{OLD}", PUBLIC[OLD])
    gitea.put(ROOT, of_another, PUBLIC["another"])
    assert run("deploy-key", "retire")[0] == 0
    assert gitea.titles(ROOT) == [of_another], "a stack of the same name in another backend may fetch with it"


def test_a_key_that_the_stack_no_longer_has_goes_too(gitea: GiteaDouble, stack: Stack) -> None:
    stack(output(keys=(NEW,)))
    gitea.put(ROOT, title("2027-01"), PUBLIC["another"])
    assert run("deploy-key", "retire")[0] == 0
    assert gitea.titles(ROOT) == [title(NEW)]


def test_the_key_that_comes_next_stays(gitea: GiteaDouble, cluster: FakeApiServer, stack: Stack) -> None:
    stack(output(active=OLD))
    cluster.answers[SECRET] = secret(OLD)
    code, out, _ = run("deploy-key", "retire")
    assert (code, gitea.changes, patched(cluster)) == (0, [], []), "retiring between `register` and the change of `active` must do no harm"
    assert out.count("is not used yet; to remove it, remove it from `generated`") == 2


def test_a_dry_run_looks_and_changes_neither_gitea_nor_the_cluster(gitea: GiteaDouble, cluster: FakeApiServer) -> None:
    code, out, _ = run("deploy-key", "retire", "--dry-run")
    assert (code, gitea.changes, patched(cluster)) == (0, [], [])
    assert out.count("would be removed: id") == 2


Change = Callable[[FakeApiServer], None]


def _secret(answer: tuple[int, Any]) -> Change:
    return lambda cluster: cluster.answers.update({SECRET: answer})


def _sources(*sources: dict[str, Any]) -> Change:
    return lambda cluster: cluster.objects.__setitem__(slice(None), sources)


def _never_fetches(cluster: FakeApiServer) -> None:
    cluster.on_patch = lambda found, patch: None


def _refused_by_git(cluster: FakeApiServer) -> None:
    def fetch(found: dict[str, Any], patch: dict[str, Any]) -> None:
        fetches(found, patch)
        found["status"]["conditions"] = [condition("Ready", "False", "GitOperationFailed", "ssh: handshake failed: unable to authenticate")]

    cluster.on_patch = fetch


def _refused_at_length(cluster: FakeApiServer) -> None:
    def fetch(found: dict[str, Any], patch: dict[str, Any]) -> None:
        fetches(found, patch)
        message = f"failed to checkout: {'at a, ' * 400}caused by: unable to authenticate"
        found["status"]["conditions"] = [condition("Ready", "False", "GitOperationFailed", message)]

    cluster.on_patch = fetch


def _changed_meanwhile(cluster: FakeApiServer) -> None:
    def fetch(found: dict[str, Any], patch: dict[str, Any]) -> None:
        fetches(found, patch)
        cluster.answers[SECRET] = secret(OLD)

    cluster.on_patch = fetch


METADATA = {"name": CREDENTIAL}
WITH_IDENTITY_PUB_ONLY = (
    200,
    {"kind": "Secret", "metadata": METADATA, "data": {"identity.pub": base64.b64encode(PUBLIC[NEW].encode()).decode()}},
)
LYING = (
    200,
    {
        "kind": "Secret",
        "metadata": {"name": CREDENTIAL},
        "data": {**secret(NEW)[1]["data"], "identity": base64.b64encode(pem(OLD)).decode()},
    },
)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_secret(secret(OLD)), f"the cluster's Secret {CREDENTIAL} does not hold the active key {NEW} but {OLD}. Apply first: pulumi up"),
        (_secret(LYING), f"does not hold the active key {NEW} but {OLD}"),
        (_secret(secret("another")), f"does not hold the active key {NEW}. Apply first"),
        (_secret((404, {"message": "not found"})), f"the cluster has no Secret {CREDENTIAL} with an identity. Apply first: pulumi up"),
        (_secret(WITH_IDENTITY_PUB_ONLY), f"the cluster has no Secret {CREDENTIAL} with an identity"),
        (_sources(source(ROOT)), f"no GitRepository in the cluster fetches {url(ARGO)} with this credential. Apply first: pulumi up"),
        (_sources(source(ROOT, suspend=True), source(ARGO)), "GitRepository homelab-k8s2 is suspended. Resume it: flux resume source git"),
        (_never_fetches, "after 0.1 s, still waiting for GitRepository homelab-k8s2, which has not fetched yet"),
        (_refused_by_git, "still waiting for GitRepository argo, which is not ready: ssh: handshake failed: unable to authenticate"),
        (_refused_at_length, "caused by: unable to authenticate"),
        (_changed_meanwhile, f"does not hold the active key {NEW} but {OLD}"),
    ],
)
def test_while_the_active_key_is_not_seen_to_sync_nothing_is_removed(
    change: Change, said: str, gitea: GiteaDouble, cluster: FakeApiServer
) -> None:
    change(cluster)
    code, out, err = run("deploy-key", "retire", "--wait", "0.1")
    assert (code, gitea.changes) == (1, [])
    assert f"{CREDENTIAL}: nothing is removed: " in err
    assert said in err
    assert out.count("kept: Flux has not fetched with the active key") == 2


def test_a_dry_run_says_what_stands_in_the_way(gitea: GiteaDouble, cluster: FakeApiServer) -> None:
    cluster.answers[SECRET] = secret(OLD)
    code, _, err = run("deploy-key", "retire", "--dry-run")
    assert (code, gitea.changes) == (1, [])
    assert "does not hold the active key" in err


def test_a_supplied_key_in_use_cannot_be_compared_so_nothing_is_removed(gitea: GiteaDouble, stack: Stack) -> None:
    stack(output(active="supplied"))
    gitea.put(ROOT, title("2025-11"), PUBLIC["another"])
    code, out, err = run("deploy-key", "retire")
    assert (code, gitea.changes) == (1, [])
    assert "the active key, supplied, is not one that the stack generated" in err
    assert out.count("kept: Flux has not fetched with the active key") == 1
    assert out.count("is not used yet") == 4, "keys that the stack generated and does not use yet are no old ones"


def test_a_wait_says_on_stderr_what_for(cluster: FakeApiServer) -> None:
    _never_fetches(cluster)
    _, _, err = run("deploy-key", "retire", "--wait", "0.1")
    assert "0 s: waiting for GitRepository homelab-k8s2, which has not fetched yet and 1 more" in err


def test_a_repository_without_permission_does_not_keep_the_others(gitea: GiteaDouble) -> None:
    gitea.not_administered.add(ROOT)
    code, out, _ = run("deploy-key", "retire")
    assert code == 1
    assert "unknown: the token's user must administer the repository" in out
    assert gitea.titles(ARGO) == [title(NEW)]


def test_a_token_that_may_only_read_removes_nothing_and_is_told(gitea: GiteaDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITEA_TOKEN", READ_TOKEN)
    code, out, _ = run("deploy-key", "retire")
    assert (code, gitea.changes) == (1, [])
    assert "not removed: give the token the scope write:repository" in out


@pytest.mark.thorough
def test_a_cluster_that_refuses_or_is_away_is_one_message(
    cluster: FakeApiServer, gitea: GiteaDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.answers[SECRET] = (403, {"message": "secrets is forbidden"})
    code, _, err = call_main(monkeypatch, capsys, "deploy-key", "retire")
    assert code == 2
    assert "nothing is removed. Ask for a role that may get secrets, and list and patch gitrepositories there" in " ".join(err.split())
    away = write_kubeconfig(tmp_path / "away", f"https://127.0.0.1:{closed_port()}")
    code, _, err = call_main(monkeypatch, capsys, "deploy-key", "retire", "--kubeconfig", str(away))
    assert code == 2
    assert "cannot be reached" in " ".join(err.split()), "where lines break depends on the length of a path"
    assert gitea.changes == []


def test_the_public_half_of_what_is_no_key_is_unknown_and_not_an_error() -> None:
    assert public_half(pem(NEW)) == PUBLIC[NEW]
    assert public_half(b"no key") is None
    assert public_half(None) is None


def test_names_decide_what_is_old_and_what_comes_next() -> None:
    assert credential(active=OLD).is_next(NEW)
    assert credential(active=NEW).is_old(OLD)
    assert not credential(active=NEW).is_next(OLD)
    assert not credential(active=NEW).is_old(NEW)
    assert not credential(active=OLD).is_next("2027-01"), "a key that the stack does not have is no next one"
