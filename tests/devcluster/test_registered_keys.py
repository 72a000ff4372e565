"""After a destroy the stack generates other SSH keys under the same names: the demo's Gitea gets those, or Flux would wait for ever."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devcluster.gitea.gitea_server import GiteaServer
from devcluster.gitea.sample_repositories import Samples
from devcluster.machine.home import Home
from devcluster.messages.errors import DevclusterError
from devcluster.program.registered_keys import register_generated_keys
from tests.gitops.deploy_keys.gitea_double import TOKEN, GiteaDouble, serving
from tests.gitops.deploy_keys.samples import CREDENTIAL, NEW, OLD, PUBLIC, REPOSITORIES, TITLE, TITLES, output, url

ADDRESSES = ["ssh://git@127.0.0.1:2222/daviestechlabs"]
ROOT, ARGO = REPOSITORIES


def title(key: str) -> str:
    return f"{TITLE}{key}"


@pytest.fixture
def gitea() -> Iterator[GiteaDouble]:
    with serving(GiteaDouble(repositories={name: [] for name in REPOSITORIES})) as running:
        yield running


@pytest.fixture
def samples(gitea: GiteaDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Samples:
    home = Home(directory=tmp_path / "home", name="unit")
    home.make()
    home.choose_ports()
    monkeypatch.setattr(GiteaServer, "url", gitea.url)
    monkeypatch.setattr(GiteaServer, "administrator_token", lambda _: TOKEN)
    return Samples(home, GiteaServer(home))


def register(samples: Samples, **stack: str) -> list[str]:
    return register_generated_keys(samples, TITLES, {"deployKeys": output(**stack)}, ADDRESSES)  # type: ignore[arg-type]


def test_another_key_of_the_same_name_takes_the_place_of_the_one_that_went_with_the_state(samples: Samples, gitea: GiteaDouble) -> None:
    gitea.put(ROOT, title(NEW), PUBLIC["another"])
    gitea.put(ROOT, "somebody's", PUBLIC[OLD])
    assert register(samples) == [f"homelab-k8s2: {title(NEW)}", f"argo: {title(NEW)}"]
    assert {key["title"]: key["key"] for key in gitea.repositories[ROOT]} == {"somebody's": PUBLIC[OLD], title(NEW): PUBLIC[NEW]}
    assert all(key["read_only"] for key in gitea.repositories[ARGO])


def test_what_gitea_knows_stays_whatever_its_title(samples: Samples, gitea: GiteaDouble) -> None:
    for name in REPOSITORIES:
        gitea.put(name, "by hand", f"{PUBLIC[NEW]} comment")
    assert register(samples) == []
    assert gitea.changes == []


def test_a_key_that_comes_next_is_registered_and_one_that_was_retired_is_not(samples: Samples, gitea: GiteaDouble) -> None:
    register(samples, active=OLD)
    assert gitea.titles(ARGO) == [title(OLD), title(NEW)]
    gitea.repositories[ARGO].clear()
    register(samples, active=NEW)
    assert gitea.titles(ARGO) == [title(NEW)]


def test_repositories_elsewhere_are_left_alone(samples: Samples, gitea: GiteaDouble) -> None:
    elsewhere = output(repositories=(ROOT,))
    elsewhere[CREDENTIAL]["repositories"] = [url(ROOT, host="git.example")]
    assert register_generated_keys(samples, TITLES, {"deployKeys": elsewhere}, ADDRESSES) == []
    assert gitea.asked == 0


def test_a_stack_without_generated_keys_asks_nobody(samples: Samples, gitea: GiteaDouble) -> None:
    assert (
        register_generated_keys(samples, TITLES, {"deployKeys": {}}, ADDRESSES)
        == register_generated_keys(samples, TITLES, {}, ADDRESSES)
        == []
    )
    assert gitea.asked == 0


def test_an_output_of_another_version_is_one_message(samples: Samples) -> None:
    with pytest.raises(DevclusterError, match="does not have the form that this version writes"):
        register_generated_keys(samples, TITLES, {"deployKeys": {"it": {}}}, ADDRESSES)
