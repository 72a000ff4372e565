"""What a stack file, a catalog or a project file of a branch does to commands that only look something up in it.

`gitops doctor`, `status`, `new` and the completion of a shell read them before anything is judged, and print what they find.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flux.bounded_documents import only_document
from flux.keys.key_services import KEY_SERVICES, fault_of_key_service
from flux.rules.awaiting import _conditions
from gitops import pulumi_backend
from gitops.doctor.reach import cluster_check
from gitops.new.existing_catalog import document_of
from gitops.new.yaml_text import after_a_key
from gitops.stack_file import A_STACKS_FILE, plain_values
from stacks.reading import yaml_file
from tests.engine import REPOSITORY
from tests.flux.test_bounded_documents import ATTACKS

SECRET = "-".join(("hunter2", "marker"))
DEEP = "[" * 100_000
ODD = {name: text for name, (text, *_) in ATTACKS.items()} | {"a date that is none": "2026-99-99", "digits": "9" * 5_000}


def stack_file(folder: Path, cluster: str) -> Path:
    (folder / "Pulumi.yaml").write_text("name: made-for-this-test\n")
    (folder / "Pulumi.dev.yaml").write_text(f"config:\n  gitops:cluster: {cluster}\n")
    return folder


@pytest.mark.parametrize("name", ["PULUMI_CONFIG_PASSPHRASE", "GITOPS_SECRET_ANY", "GITEA_TOKEN", "GITOPS_DEV", ""])
def test_a_stack_file_has_a_command_print_a_variable(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name:
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    values = plain_values("dev", stack_file(tmp_path, f"{{context: a, server: {{env: '{name}'}}, caSha256: {{env: '{name}'}}}}"))

    assert SECRET not in f"{values} {cluster_check(values)}"
    assert values["cluster"]["server"] is None


@pytest.mark.harmless
def test_the_bounds_are_those_of_a_preview() -> None:
    assert A_STACKS_FILE == yaml_file.A_FILE


@pytest.mark.parametrize("attack", ODD)
def test_an_odd_file_ends_a_command(attack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stack_file(tmp_path, "{}")
    for name in ("Pulumi.dev.yaml", "Pulumi.yaml", "catalog.yaml"):
        (folder / name).write_bytes(ODD[attack].encode(errors="surrogatepass"))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PULUMI_HOME", str(folder))
    (folder / "credentials.json").write_bytes(ODD[attack].encode(errors="surrogatepass"))

    assert plain_values("dev", folder) == {}
    assert document_of(folder / "catalog.yaml") is None or isinstance(document_of(folder / "catalog.yaml"), str | dict | list)
    assert pulumi_backend._of_project() is None
    assert pulumi_backend._of_login() is None
    assert after_a_key(ODD[attack][:100_000])


@pytest.mark.thorough
def test_a_stack_file_ends_the_interpreter_of_a_command(tmp_path: Path) -> None:
    folder = stack_file(tmp_path, DEEP)
    program = f"from pathlib import Path; from gitops.stack_file import plain_values; print(plain_values('dev', Path({str(folder)!r})))"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "{}\n"), "a signal ended it" if done.returncode < 0 else done.stderr


@pytest.mark.parametrize("documents", ["a: 1\n---\nb: 2\n", ""])
def test_a_file_of_several_documents_is_none(documents: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(documents)
    assert only_document(tmp_path / "a.yaml", A_STACKS_FILE) is None


@pytest.mark.parametrize("service", [each for each in KEY_SERVICES if each != "vault-token"])
@pytest.mark.parametrize("attack", ODD)
def test_the_login_of_a_key_service_breaks_its_parser(service: Any, attack: str) -> None:
    told = fault_of_key_service(service, ODD[attack])

    assert told is not None
    assert "9" * 50 not in str(told)


@pytest.mark.parametrize("listed", [DEEP, f"[{'9' * 5_000}]", f"[{'[' * 50}{']' * 50}]", '["condition=Ready"' + ', "a"' * 200_000 + "]"])
def test_an_annotation_of_the_catalog_breaks_its_parser(listed: str) -> None:
    assert _conditions(listed) == []


@pytest.mark.harmless
def test_a_list_of_conditions_is_read() -> None:
    assert _conditions('["condition=Ready", "jsonpath={.status.a}=b"]') == ["condition=Ready", "jsonpath={.status.a}=b"]
