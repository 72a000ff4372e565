"""Marker values as every secret, through every command, succeeding and failing; then a search of all that was printed and written."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.leaks import files_left_behind, leaks
from tests.e2e.running_stack import CLONE, RunningStack, clone_with
from tests.e2e.secrets.marked_stack import QUIET, Marked, marked_stack


@pytest.fixture(scope="module")
def marked(running: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marked]:
    made = marked_stack(running, tmp_path_factory.mktemp("marked"))
    yield made
    # Also when the last test of this file, which does it, was not run: its key and its credentials are no other file's.
    made.pulumi("destroy", "--yes", "--skip-preview")


def _changed(marked: Marked, folder: Path, change: Callable[[dict[str, Any]], None]) -> str:
    described = yaml.safe_load(Path(marked.file).read_text())
    change(described["config"])
    file = folder / "Pulumi.broken.yaml"
    file.write_text(yaml.safe_dump(described))
    return str(file)


def _without_config(printed: str) -> str:
    start, end = printed.find("{"), printed.rfind("}")
    answer = json.loads(printed[start : end + 1]) if start >= 0 else {}
    answer.pop("config", None)
    return f"{printed[: max(start, 0)]}{json.dumps(answer)}{printed[end + 1 :]}" if start >= 0 else printed


def _unreachable(marked: Marked, folder: Path) -> dict[str, str]:
    config = yaml.safe_load(marked.running.cluster.home.kubeconfig.read_text())
    for entry in config["clusters"]:
        entry["cluster"]["server"] = "https://127.0.0.1:1"
    (folder / "kubeconfig").write_text(yaml.safe_dump(config))
    return {"KUBECONFIG": str(folder / "kubeconfig")}


Broken = tuple[Mapping[str, str | None], Callable[[dict[str, Any]], None] | None, str]
"""What is changed in the environment, what in the stack file, and a part of the message that it leads to."""
VERBOSE = ("--logtostderr", "--verbose=8", "--logflow")


def _ways_to_break_the_program(marked: Marked, folder: Path) -> dict[str, Broken]:
    marker, age = (marked.pasted[name].decode() for name in ("a pasted password", "a pasted age identity"))
    credentials = "gitops:credentials"
    return {
        "no passphrase": ({"PULUMI_CONFIG_PASSPHRASE": None}, None, "passphrase must be set"),
        "another passphrase": ({"PULUMI_CONFIG_PASSPHRASE": "another"}, None, "incorrect passphrase"),
        "a server that is not the stack's": (_unreachable(marked, folder), None, "gitops:cluster.server"),
        "no kubeconfig": ({"KUBECONFIG": "/nonexistent/kubeconfig"}, None, "/nonexistent/kubeconfig does not exist"),
        "another cluster": ({"GITOPS_DEV_CA_SHA256": "0" * 64}, None, "gitops:cluster.caSha256"),
        "a deploy key that is none": ({"GITOPS_SECRET_MARKER_SSH_IDENTITY": marker}, None, "gitops:marker-ssh-identity"),
        "a value that cannot be decrypted": (
            {},
            lambda config: config.update({"gitops:age-marker": {"secure": "v1:AAAA:AAAA"}}),
            "validating stack config",
        ),
        "an age key that is none": (
            {"GITOPS_SECRET_AGE_MARKER": f"AGE-SECRET-KEY-{marker}"},
            lambda config: config.pop("gitops:age-marker"),
            "gitops:age-marker: ",
        ),
        "a secret in plain text": (
            {},
            lambda config: config.update({"gitops:marker-bearer-token": marker}),
            "gitops:marker-bearer-token: is a secret in plain text",
        ),
        "a secret inside a credential": (
            {},
            lambda config: config[credentials]["marker-basic"].update({"password": marker}),
            "gitops:credentials.marker-basic",
        ),
        "a secret as a misspelt key": (
            {},
            lambda config: config[credentials]["marker-basic"].update({marker: "x"}),
            "gitops:credentials.marker-basic",
        ),
        "a secret as a name": ({}, lambda config: config["gitops:use"].append(marker), "gitops:use"),
        "a secret as a recipient": ({}, lambda config: config["gitops:age"].update({"recipients": [age]}), "gitops:age.recipients"),
        "a secret as a duration": (
            {},
            lambda config: config["gitops:override"].update({"git/argo-workflows": {"spec": {"interval": marker}}}),
            "is not a duration",
        ),
        "manifests of another digest": (
            {"GITOPS_DEV_FLUX_MANIFESTS": f"127.0.0.1:1/flux:v2.9.4@sha256:{'0' * 64}"},
            None,
            "gitops:flux.manifests",
        ),
    }


@pytest.mark.parametrize("command", ["preview", "preview --json", "preview --diff", "up --yes --skip-preview"])
def test_no_failure_of_the_program_prints_a_secret(marked: Marked, command: str, tmp_path: Path) -> None:
    ways = _ways_to_break_the_program(marked, tmp_path)
    assert len(ways) >= 10
    for way, (environment, change, reason) in ways.items():
        file = _changed(marked, tmp_path, change) if change else marked.file
        printed = marked.pulumi(*command.split(), expect=None, file=file, **environment)
        assert reason in printed, f"{way} was meant to fail for another reason:\n{printed}"
        if "--json" in command:
            # The CLI repeats the stack file in its answer; what stands there in plain text was never a secret to it (docs/limits.md).
            marked.running.transcript.append(_without_config(marked.running.transcript.pop()))
    everything = {**marked.markers, **marked.pasted}
    assert leaks("\n".join(marked.running.transcript).encode(), everything, f"what a failing `pulumi {command}` printed") == []


@pytest.mark.parametrize("command", ["refresh --yes --skip-preview", "stack export", "destroy --yes --skip-preview"])
def test_no_failure_of_a_command_that_does_not_run_the_program_prints_a_secret(marked: Marked, command: str, tmp_path: Path) -> None:
    broken = tmp_path / "Pulumi.broken.yaml"
    broken.write_text(f"config: [{marked.markers['password'].decode()}")
    empty = str(tmp_path / "empty")
    words = command.split()
    base = ("pulumi", *words, *QUIET)
    name = marked.running.name
    stack = () if words[0] == "stack" else ("--config-file", marked.file)
    ways: list[tuple[tuple[str, ...], dict[str, str | None]]] = [
        ((*base, "--stack", "nowhere"), {}),
        ((*base, "--stack", name, "--no-such-flag"), {}),
        ((*base, "--stack", name, *stack), {"PULUMI_BACKEND_URL": f"file://{empty}"}),
        ((*base, "--stack", name, *stack), {"PULUMI_BACKEND_URL": "no-such-scheme://x"}),
        ((*base, "--stack", name, "--cwd", empty), {}),
        ((*base, "--stack", f"{name}/too/many/parts"), {}),
    ]
    if words[0] != "stack":
        ways += [
            ((*base, "--stack", name, *stack), {"PULUMI_CONFIG_PASSPHRASE": None}),
            ((*base, "--stack", name, *stack), {"PULUMI_CONFIG_PASSPHRASE": "another"}),
            ((*base, "--stack", name, "--config-file", str(broken)), {}),
            ((*base, "--stack", name, "--config-file", str(tmp_path / "none.yaml")), {"PULUMI_CONFIG_PASSPHRASE": "another"}),
            ((*base, "--stack", name, *stack, "--target", "urn:pulumi:dev::gitops::none::none"), {}),
            (("pulumi", words[0], *QUIET, "--stack", name, *stack), {}),
        ]
    else:
        ways += [
            ((*base, "--stack", name, "--version", "999"), {}),
            ((*base, "--stack", name, "--file", f"{empty}/none/state.json"), {}),
            ((*base, "--stack", name, "--show-secrets"), {"PULUMI_CONFIG_PASSPHRASE": None}),
            ((*base, "--stack", name, "--show-secrets"), {"PULUMI_CONFIG_PASSPHRASE": "another"}),
        ]
    assert len(ways) >= 10
    for arguments, environment in ways:
        marked.run(*arguments, expect=None, **environment)
    assert leaks("\n".join(marked.running.transcript).encode(), marked.markers, f"what a failing `pulumi {command}` printed") == []


def test_no_command_that_succeeds_prints_a_secret(marked: Marked, tmp_path: Path) -> None:
    marked.pulumi("preview", "--diff")
    marked.pulumi("preview", "--json")
    marked.pulumi("up", "--yes", "--diff")
    marked.pulumi("refresh", "--yes", "--diff")
    exported = marked.pulumi("stack", "export")
    assert json.loads(exported)["deployment"]["resources"], "or the search of it proves nothing"
    marked.pulumi("stack", "output", "--json")
    marked.pulumi("config", "--json")
    assert marked.gitops("status").code in (0, 1)
    assert marked.gitops("status", "-o", "json").code in (0, 1)
    assert marked.gitops("deploy-key", "list", "--stack", "dev").code in (0, 2)
    assert leaks("\n".join(marked.running.transcript).encode(), marked.markers, "what was printed") == []


@pytest.mark.parametrize("secret_used", ["marker-ssh", "marker-basic", "marker-bearer", "nothing"])
def test_no_check_of_the_repositories_prints_a_secret(marked: Marked, secret_used: str, tmp_path: Path) -> None:
    refused: dict[str, dict[str, dict[str, Any]]] = {
        "marker-ssh": {"git/homelab-k8s2": {"credential": "marker-ssh"}},
        "marker-basic": {"git/argo-workflows": {"from": "gitea/kuberay-images", "credential": "marker-basic"}},
        # Not sent to Gitea, which writes a token that it does not know into its own log.
        "marker-bearer": {"git/argo-workflows": {"from": None, "url": "https://127.0.0.1:9/nobody", "credential": "marker-bearer"}},
    }

    def use(config: dict[str, Any]) -> None:
        config["gitops:override"].update(refused.get(secret_used, {}))

    checked = marked.gitops("check", "--stack", "dev", clone=clone_with(tmp_path / "clone", _changed(marked, tmp_path, use)))
    if secret_used == "nothing":
        assert "homelab-k8s2" in checked.printed, checked.printed
        assert "could not be fetched" not in checked.printed, checked.printed
    else:
        assert checked.code != 0, checked.printed
        source = next(iter(refused[secret_used])).partition("/")[2]
        assert f"error not-checked {source}\n  could not be fetched" in checked.printed, checked.printed
    written = [file.read_bytes() for file in tmp_path.glob("**/checked/*") if file.is_file()]
    everything = b"\n".join([*written, "\n".join(marked.running.transcript).encode()])
    assert leaks(everything, marked.markers, "what `gitops check` printed and wrote") == []


def test_verbose_logging_prints_no_secret(marked: Marked, tmp_path: Path) -> None:
    for command in (("preview", "--diff"), ("up", "--yes", "--skip-preview"), ("refresh", "--yes", "--skip-preview")):
        marked.pulumi(*command, *VERBOSE)
    for environment, change, _ in _ways_to_break_the_program(marked, tmp_path).values():
        file = _changed(marked, tmp_path, change) if change else marked.file
        marked.pulumi("up", "--yes", "--skip-preview", *VERBOSE, expect=None, file=file, **environment)
    assert leaks("\n".join(marked.running.transcript).encode(), marked.markers, "what Pulumi logged") == []


def test_the_one_log_that_holds_secrets_is_the_engines_own_at_level_9_as_the_limits_say(marked: Marked) -> None:
    printed = marked.pulumi("preview", "--logtostderr", "--verbose=9", "--logflow")
    marked.running.transcript.pop()
    assert leaks(printed.encode(), marked.markers, "the log"), (
        "the engine no longer writes properties to its log: docs/limits.md is out of date"
    )
    assert "`--verbose=9`" in (CLONE / "docs" / "limits.md").read_text()


def test_no_file_holds_a_secret_but_those_made_for_it(marked: Marked) -> None:
    home = marked.running.cluster.home.directory
    files = [*files_left_behind(home), *(CLONE / "tests" / "golden").iterdir(), *CLONE.glob("Pulumi*.yaml"), Path(marked.file)]
    assert any(".pulumi/stacks" in str(file) for file in files), "the state must be among the files searched"
    assert [leak for file in files for leak in leaks(file.read_bytes(), marked.markers, str(file))] == []


def test_destroy_ends_and_prints_no_secret(marked: Marked) -> None:
    marked.pulumi("destroy", "--yes", "--skip-preview", *VERBOSE)
    assert leaks("\n".join(marked.running.transcript).encode(), marked.markers, "what was printed") == []
    assert marked.running.get("Secret", "marker-basic") is None
