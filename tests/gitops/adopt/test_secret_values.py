"""Secret values go from the cluster to pulumi's standard input, and nowhere else."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from flux.known_secrets import secrets_of_this_run
from gitops.adopt.credential_types import FoundSecret, credential_of
from gitops.adopt.secret_values import commands, set_secrets
from gitops.errors import CommandError
from live.access.target import find_target
from tests.gitops.adopt.credential_samples import CREDENTIALS
from tests.gitops.api_server import write_kubeconfig

VALUE = "hunter2" + "-marker"
SECRET = FoundSecret(key="fleet-password", value=VALUE, reads="get secret fleet")


def test_each_value_is_given_on_standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[tuple[list[str], dict[str, Any]]] = []

    def run(command: list[str], **options: Any) -> "subprocess.CompletedProcess[str]":
        seen.append((command, options))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr("gitops.adopt.secret_values.subprocess.run", run)
    set_secrets([SECRET], "homelab", tmp_path)

    ((command, options),) = seen
    assert command[:5] == ["pulumi", "config", "set", "--secret", "gitops:fleet-password"]
    assert options["input"] == VALUE
    assert VALUE not in " ".join(command)
    assert "env" not in options


def test_what_pulumi_says_of_a_failure_repeats_no_value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    failed = subprocess.CompletedProcess(["pulumi"], 255, "", f"error: no stack; was given {VALUE}")
    monkeypatch.setattr("gitops.adopt.secret_values.subprocess.run", lambda *_, **__: failed)
    with secrets_of_this_run() as known:
        known.add(VALUE)
        with pytest.raises(CommandError) as raised:
            set_secrets([SECRET], "homelab", tmp_path)
    assert VALUE not in str(raised.value)
    assert "gitops:fleet-password was not set (error: no stack" in str(raised.value)


def test_a_printed_command_reads_one_entry_and_holds_no_value(tmp_path: Path) -> None:
    target = find_target(write_kubeconfig(tmp_path / "config", "https://192.168.1.10:6443", "admin@homelab"), None)
    for name, values in CREDENTIALS.items():
        found = credential_of(name, {entry.replace("__", "."): value for entry, value in values.items()})
        assert found is not None
        printed = commands(found.secrets, "homelab", target)
        assert all(
            f"| pulumi config set --secret gitops:{each.key} --stack homelab" in line
            for each, line in zip(found.secrets, printed, strict=True)
        )
        assert not [line for line in printed for each in found.secrets if each.value in line]
        assert not [each for each in found.secrets if each.value in repr(found)]
