"""docs/how-to/no-cluster-at-hand.md: what it shows is what the commands of a bare cluster print, and its values are that cluster's."""

import re
from pathlib import Path

from devcluster.commands.bare_cluster import name_for, next_steps
from devcluster.gitea.gitea_server import GiteaServer
from devcluster.gitea.https_front import GiteaHttps
from devcluster.gitea.sample_repositories import Samples
from devcluster.machine.home import Home
from devcluster.messages.shell_commands import CLONE, ShellCommands
from flux.release.tested import TESTED_VERSIONS
from tests.engine import REPOSITORY

PAGE = (REPOSITORY / "docs" / "how-to" / "no-cluster-at-hand.md").read_text(encoding="utf-8")
DIRECTORY = CLONE / ".tutorial"


def test_the_hints_on_the_page_are_those_of_a_bare_cluster() -> None:
    assert f"```text\n{next_steps(ShellCommands(DIRECTORY)).strip()}\n```" in PAGE


def test_the_values_on_the_page_are_those_of_that_cluster() -> None:
    home = Home(directory=DIRECTORY, name=name_for(DIRECTORY))
    assert re.findall(r"--context (\S+)", PAGE) == [home.context]
    assert re.findall(r"--git-ca (\S+)", PAGE) == [str(GiteaHttps(home).authority_file.relative_to(CLONE))]
    assert re.findall(r"flux-manifests:(v[0-9.]+[0-9])", PAGE) == list(TESTED_VERSIONS[:2])


def test_the_artifact_on_the_page_has_the_address_that_the_command_prints(tmp_path: Path) -> None:
    home = Home(directory=tmp_path, name="any")
    home.make()
    home.choose_ports()
    url = Samples(home, GiteaServer(home)).artifact_url("platform")
    assert f"`{url.replace(str(home.port('gitea-http')), 'HTTP_PORT')}`" in PAGE


def test_the_second_kubeconfig_on_the_page_is_that_of_the_second_home() -> None:
    (home,) = re.findall(r"--bare --home (~/\w+)", PAGE)
    assert f'export KUBECONFIG="$KUBECONFIG:{Home(directory=Path(home.replace("~", "$HOME")), name="second").kubeconfig}"' in PAGE


def test_the_tutorial_leads_to_the_page_before_its_first_command() -> None:
    tutorial = (REPOSITORY / "docs" / "tutorial.md").read_text(encoding="utf-8")
    assert "(how-to/no-cluster-at-hand.md)" in tutorial.partition("```")[0]
