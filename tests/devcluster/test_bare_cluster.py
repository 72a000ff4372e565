"""A bare cluster has a home of its own, stays bare, and says of itself what a stack pins. How it runs: tests/e2e/test_a_bare_cluster.py."""

import shlex
from pathlib import Path

import pytest
import yaml

from devcluster.commands import bare_cluster, homes
from devcluster.commands.describe import cluster_and_flux, describe, for_gitops_new, hosts
from devcluster.commands.homes import running
from devcluster.control_plane.kube_client import kubeconfig
from devcluster.embedded_cluster import Devcluster
from devcluster.messages.errors import DevclusterError
from devcluster.messages.shell_commands import DEMO_HOME
from stacks.contract.catalog import Catalog
from tests.keys import certificate


@pytest.mark.parametrize(
    ("directory", "name"), [(".tutorial", "tutorial"), ("My Cluster_2", "my-cluster-2"), ("...", "cluster")], ids=["hidden", "odd", "none"]
)
def test_it_is_called_as_its_directory(directory: str, name: str) -> None:
    assert bare_cluster.name_for(Path("/somewhere") / directory) == name


def test_the_demos_own_directory_is_refused() -> None:
    with pytest.raises(DevclusterError, match=r"(?s)a directory of its own.*up --home \.tutorial --bare"):
        bare_cluster.up(DEMO_HOME)


def test_a_demo_does_not_become_a_bare_cluster(tmp_path: Path) -> None:
    cluster = homes.cluster_at(tmp_path / "home")
    cluster.home.make()
    cluster.home.choose_ports()
    with pytest.raises(DevclusterError, match=r"is\s+the\s+home\s+of\s+a\s+demo"):
        bare_cluster.up(cluster.home.directory)


def test_a_home_knows_what_it_was_made_as(tmp_path: Path) -> None:
    home = Devcluster(tmp_path / "home", "own").home
    assert not homes.is_bare(home)
    home.make()
    home.record(name="own", bare=True)
    again = homes.cluster_at(tmp_path / "home").home
    assert (again.name, homes.is_bare(again)) == ("own", True)


def test_what_it_says_of_itself_is_what_its_kubeconfig_holds_and_a_catalog_accepts(tmp_path: Path) -> None:
    cluster = Devcluster(tmp_path / "home", "own")
    home = cluster.home
    home.make()
    home.choose_ports()
    home.record(flux_manifests=f"flux-manifests:v2.9.4@sha256:{'ab' * 32}")
    cluster.gitea.prepare()
    cluster.https.prepare()
    (tmp_path / "ca").write_text(certificate())
    files = {"client-certificate": str(tmp_path / "ca"), "client-key": str(tmp_path / "ca")}
    home.kubeconfig.write_text(
        kubeconfig(home.context, {"server": "https://127.0.0.1:1", "certificate-authority": str(tmp_path / "ca")}, files)
    )

    said = cluster_and_flux(cluster)

    assert said["gitops:cluster"]["server"] == "https://127.0.0.1:1"
    assert said["gitops:cluster"]["context"] == "kwok-own"
    assert len(said["gitops:cluster"]["caSha256"]) == 64
    assert said["gitops:flux"]["manifests"].startswith(
        f"127.0.0.1:{home.port('gitea-http')}/daviestechlabs/flux-manifests:v2.9.4@sha256:ab"
    )
    catalog = Catalog.model_validate(yaml.safe_load(yaml.safe_dump({"hosts": hosts(cluster)})))
    assert set(catalog.hosts) == {"gitea", "gitea-ssh"}
    assert for_gitops_new(cluster) == "", "the demo's stack files are there"
    home.record(bare=True)
    assert set(hosts(cluster)) == {"git", "git-ssh"}, "as `gitops new` and `repository` call them"
    words = shlex.split(for_gitops_new(cluster).replace("\\\n", "").replace("#   ", ""), comments=True)
    assert dict(zip(words[::2], words[1::2], strict=True)) == {
        "--context": "kwok-own",
        "--git-url": f"{cluster.https.url}/daviestechlabs/NAME",
        "--git-ca": str(cluster.https.authority_file),
        "--manifests": said["gitops:flux"]["manifests"],
    }
    assert cluster.gitea.known_hosts_file.read_text() == f"{catalog.hosts['gitea-ssh'].known_hosts}\n"


@pytest.mark.parametrize(
    ("bare", "said"), [(True, "# In the stack file, under"), (False, "# In the file of a stack other than dev, which has")]
)
def test_the_stack_of_a_demo_is_not_told_to_take_another_name(
    bare: bool, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = Devcluster(tmp_path / "home", "own")
    cluster.home.make()
    cluster.home.record(name="own", bare=bare)
    monkeypatch.setattr("devcluster.commands.describe.running", lambda _: cluster)
    monkeypatch.setattr("devcluster.commands.describe.cluster_and_flux", lambda _: {})
    monkeypatch.setattr("devcluster.commands.describe.hosts", lambda _: {})
    monkeypatch.setattr("devcluster.commands.describe.for_gitops_new", lambda _: "")
    assert said in describe(tmp_path / "home")


def test_where_no_cluster_is_left_both_ways_to_start_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(DevclusterError) as told:
        running(tmp_path / "home")
    up = f"devcluster up --home {tmp_path / 'home'}"
    assert f"{up} --bare" in str(told.value)
    assert str(told.value).count(up) == 2, "one with the demo's stack, one without"


def test_a_bare_cluster_that_stopped_is_started_again_by_its_one_command(tmp_path: Path) -> None:
    cluster = Devcluster(tmp_path / "home", "own")
    cluster.home.make()
    cluster.home.record(name="own", bare=True)
    cluster.home.choose_ports()
    with pytest.raises(DevclusterError) as told:
        running(tmp_path / "home")
    assert str(told.value).count("devcluster up") == 1
