import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gitops.cli import app, main
from tests.gitops.api_server import FakeApiServer, serving, write_kubeconfig
from tests.gitops.flux_objects import condition, controller, flux_object, ready


@pytest.fixture
def server() -> Iterator[FakeApiServer]:
    with serving(
        FakeApiServer(objects=[flux_object("GitRepository", "homelab-k8s2", ready()), controller("source-controller")])
    ) as running:
        yield running


@pytest.fixture(autouse=True)
def kubeconfig(server: FakeApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = write_kubeconfig(tmp_path / "config", server.url)
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_a_ready_cluster_is_exit_code_0() -> None:
    code, out, err = run("status")
    assert (code, err) == (0, "")
    assert out.splitlines()[-2:] == ["2 of 2 ready", "Not compared with a stack: no stack file here is for this cluster."]


def test_a_cluster_that_is_not_ready_is_exit_code_1(server: FakeApiServer) -> None:
    server.objects.append(flux_object("Kustomization", "apps", condition("Ready", "False", "BuildFailed", "no such path")))
    code, out, err = run("status")
    assert (code, err) == (1, "")
    assert "no such path" in out


def test_a_cluster_without_an_object_is_not_called_ready(server: FakeApiServer) -> None:
    server.objects.clear()
    code, _, err = run("status")
    assert code == 1
    assert err.splitlines() == [
        "There is no Flux object in the cluster.",
        "  Nothing can be ready.",
        "  Declare sources, and run: pulumi up",
    ]
    assert "Omit --namespace to see all namespaces" in run("status", "-n", "typo")[2]


def test_controllers_alone_are_not_a_ready_cluster(server: FakeApiServer) -> None:
    del server.objects[0]
    code, out, err = run("status")
    assert code == 1
    assert "no Flux object found; 1 of 1 ready" in out
    assert "There is no Flux object in the cluster" in err


def test_a_controller_that_does_not_run_is_exit_code_1(server: FakeApiServer) -> None:
    server.objects[1] = controller("source-controller", replicas=0)
    code, out, _ = run("status")
    assert code == 1
    assert "not ready: Deployment/flux-system/source-controller" in out
    remedy = out.splitlines()[-1].partition("To start it again, as `pulumi up` would: kubectl ")[2]
    assert remedy.endswith(" -n flux-system scale deployment source-controller --replicas=1")
    assert "--context" in remedy, "the cluster that is shown may not be kubectl's current one"
    assert run("status", "--wait", "0.1")[0] == 1, "a wait counts it, too"
    assert json.loads(run("status", "-o", "json")[1])["objects"][0]["reason"] == "ScaledToZero"


def test_json_is_one_document_with_everything(server: FakeApiServer) -> None:
    server.objects.append(flux_object("HelmRepository", "charts", spec={"type": "oci"}))
    code, out, _ = run("status", "--output", "json")
    assert code == 0
    assert json.loads(out) == {
        "version": 1,
        "allReady": True,
        "ready": 2,
        "counted": 2,
        "stack": None,
        "notCompared": "no stack file here is for this cluster",
        "objects": [
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "namespace": "flux-system",
                "name": "source-controller",
                "group": "controllers",
                "ready": "yes",
                "stalled": False,
                "reconciling": False,
                "reason": "Running",
                "message": "running",
                "revision": "v1.2.3",
                "lastChange": "2026-11-23T12:00:00Z",
                "lastReconciled": "2026-11-23T12:00:00Z",
                "restarts": 0,
            },
            {
                "apiVersion": "source.toolkit.fluxcd.io/v1",
                "kind": "GitRepository",
                "namespace": "flux-system",
                "name": "homelab-k8s2",
                "group": "sources",
                "ready": "yes",
                "stalled": False,
                "reconciling": False,
                "reason": "Succeeded",
                "message": "fine",
                "revision": "",
                "lastChange": "2026-11-23T12:00:00Z",
                "lastReconciled": "2026-11-23T12:00:00Z",
                "restarts": None,
            },
            {
                "apiVersion": "source.toolkit.fluxcd.io/v1",
                "kind": "HelmRepository",
                "namespace": "flux-system",
                "name": "charts",
                "group": "sources",
                "ready": "none",
                "stalled": False,
                "reconciling": False,
                "reason": "NoStatus",
                "message": "an OCI HelmRepository has no status; the HelmReleases that use it report",
                "revision": "",
                "lastChange": "2026-11-23T11:00:00Z",
                "lastReconciled": None,
                "restarts": None,
            },
        ],
    }


def test_every_key_of_the_json_is_in_the_help_and_in_the_documentation() -> None:
    document = json.loads(run("status", "-o", "json")[1])
    page = (Path(__file__).parents[2] / "docs" / "status.md").read_text()
    for key in {*document, *document["objects"][0]}:
        assert key in run("status", "--help")[1], key
        assert f"`{key}`" in page, key


def test_a_wait_that_ends_well_says_so_only_on_stderr() -> None:
    code, out, err = run("status", "--wait", "5", "-o", "json")
    assert code == 0
    assert json.loads(out)["allReady"]
    assert "2 of 2 ready" in err


def test_a_wait_in_vain_shows_the_table_and_what_to_do(server: FakeApiServer) -> None:
    server.objects += [flux_object("Kustomization", "apps"), controller("kustomize-controller")]
    code, out, err = run("status", "--wait", "0.1")
    assert code == 1
    assert "3 of 4 ready; unknown: Kustomization/flux-system/apps" in out
    assert "waiting for Kustomization/flux-system/apps (no controller has reported on it yet)" in err
    assert "After 0.1 s, Kustomization/flux-system/apps is not ready." in err
    assert "Wait longer with --wait" in err


def call_main(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["gitops", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    captured = capsys.readouterr()
    assert isinstance(caught.value.code, int)
    return caught.value.code, captured.out, captured.err


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--kubeconfig", "/nowhere/config"], "/nowhere/config (--kubeconfig): does not exist."),
        (["--context", "elsewhere"], "has no context elsewhere."),
        (["--kubeconfig", "CLOSED"], "cannot be reached:"),
        (["--kubeconfig", "CLOSED", "--wait", "60"], "cannot be reached:"),
    ],
)
def test_a_mistake_is_one_message_and_exit_code_2(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = write_kubeconfig(tmp_path / "closed", f"https://127.0.0.1:{closed_port()}")
    code, out, err = call_main(monkeypatch, capsys, "status", *(str(closed) if value == "CLOSED" else value for value in arguments))
    assert (code, out) == (2, "")
    assert err.startswith("gitops:")
    assert said in " ".join(err.split())
    assert not [line for line in err.splitlines()[1:] if not line.startswith("  ")], "no traceback and no log of the client library"


@pytest.mark.parametrize("arguments", [["compare", "main", "-s", "a", "-s", "b"], ["render", "--stack=a", "--stack", "b"]])
def test_a_second_stack_is_refused_instead_of_taken_for_the_first(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call_main(monkeypatch, capsys, *arguments)
    assert (code, out) == (2, "")
    assert "--stack is given more than once" in err


@pytest.mark.parametrize("arguments", [["status", "--output", "xml"], ["status", "--wait", "-1"], ["stauts"]])
def test_a_wrong_command_line_is_exit_code_2(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call_main(monkeypatch, capsys, *arguments)
    assert (code, out) == (2, "")
    assert "Traceback" not in err


@pytest.mark.thorough
def test_help_does_not_load_the_kubernetes_client() -> None:
    code = "import sys; sys.argv = ['gitops', '--help']\nfrom gitops.cli import main\ntry: main()\nexcept SystemExit: pass\n"
    code += "print([name for name in ('kubernetes', 'rich', 'yaml') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert "Examples:" in result.stdout
    assert result.stdout.splitlines()[-1] == "[]", "a help text should not cost a third of a second"


@pytest.mark.thorough
def test_a_reader_that_leaves_early_is_no_traceback() -> None:
    command = [sys.executable, "-m", "gitops", "status", "-o", "json"]
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        result = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, text=True, check=False, cwd=Path(__file__).parents[2])
    assert "Traceback" not in result.stderr
    assert "Exception" not in result.stderr


@pytest.mark.thorough
def test_an_unreachable_cluster_is_told_once(tmp_path: Path) -> None:
    closed = write_kubeconfig(tmp_path / "closed", f"https://127.0.0.1:{closed_port()}")
    # A process of its own: pytest would swallow what the client library logs.
    command = [sys.executable, "-m", "gitops", "status", "--kubeconfig", str(closed)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert (result.returncode, result.stdout) == (2, "")
    assert " ".join(result.stderr.split()).count("cannot be") == 1, result.stderr
    assert not [line for line in result.stderr.splitlines()[1:] if not line.startswith("  ")], result.stderr


@pytest.mark.thorough
def test_who_is_told_to_end_takes_temporary_files_along(tmp_path: Path) -> None:
    # A cancelled job of a CI ends so; the check keeps private keys in such files while git runs.
    code = (
        "import tempfile, time\nfrom gitops import cli\n"
        "def app(**_):\n    with tempfile.TemporaryDirectory() as folder:\n        print(folder, flush=True)\n        time.sleep(60)\n"
        "cli.app = app\ncli.main()\n"
    )
    running = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert running.stdout is not None
    folder = running.stdout.readline().strip()
    assert Path(folder).is_dir()
    running.terminate()
    assert running.wait(30) == 143
    running.stdout.close()
    assert not Path(folder).exists()


@pytest.mark.thorough
def test_asking_and_refusing_do_not_load_pulumi() -> None:
    code = "import sys; sys.argv = ['gitops', 'new', '--yes']\nfrom gitops.cli import main\ntry: main()\nexcept SystemExit: pass\n"
    code += "print([name for name in ('pulumi', 'kubernetes', 'httpx', 'rich') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert "6 answers are missing" in result.stderr
    assert result.stdout.splitlines()[-1] == "[]"
