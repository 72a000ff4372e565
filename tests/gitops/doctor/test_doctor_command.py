import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from devcluster.program.pulumi_stack import STACK
from devcluster.program.shell_environment import DEMO_PASSPHRASE
from gitops.doctor import demo_requirements, pulumi_parts, stack_parts
from gitops.doctor.check_result import Check, State
from gitops.doctor.programs import Uses
from tests.engine import REPOSITORY
from tests.gitops.doctor.machine import STATES, Machine, report, run
from tests.manifests import manifests_directory
from tests.shipped_stacks import CA, dev_environment, kubeconfig


@pytest.fixture
def dev(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dev stack's environment, as `make -s env` gives it; nothing that it names is there."""
    for name, value in dev_environment(tmp_path).items():
        monkeypatch.setenv(name, value)


def test_the_page_shows_what_is_printed(machine: Machine, awake: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_FLUX_MANIFESTS", str(manifests_directory()))
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path, "https://192.168.1.10:6443", CA, "admin@homelab")))
    monkeypatch.setattr("gitops.doctor.reach.registry_digest", lambda *_, **__: "")
    monkeypatch.setattr("gitops.doctor.how_to_get._platform", lambda: "debian")
    machine.pulumi("3.272.0", '[{"name": "production", "current": true}]')
    machine.remove("age-keygen")
    code, out, _ = run()
    page = (REPOSITORY / "docs" / "doctor.md").read_text()
    shown = page.partition("$ gitops doctor\n")[2].partition("$ echo $?\n1\n```")[0]
    assert code == 1
    printed = re.sub(r"(python +)3\S+", r"\g<1>3.13.7", out).replace(str(REPOSITORY), "~/gitops")
    assert printed == shown


@pytest.fixture
def awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every server answers."""
    monkeypatch.setattr("gitops.doctor.reach.why_silent", lambda *_: None)
    monkeypatch.setattr("gitops.doctor.reach._why_not", lambda _: None)


def test_a_machine_with_everything_and_a_stack_with_its_secrets_is_fine(dev: None, awake: None) -> None:
    code, out, err = run()
    assert (code, err) == (0, ""), out
    assert "\nstack dev\n" in out
    assert out.splitlines()[-1] == "Nothing is missing; 0 warnings."
    assert "secrets" in out
    for secret in ("a token made for this test", "a password made for this test", "PRIVATE KEY"):
        assert secret not in out


def test_a_secret_that_is_not_at_hand_is_missing_with_the_command_that_sets_it(
    dev: None, awake: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITOPS_SECRET_GITEA_READ_PASSWORD")
    code, checks = report("-s", "dev")
    assert code == 1
    found = checks["secret gitops:gitea-read-password"]
    assert found["state"] == "missing"
    assert (
        found["fix"] == "Run: pulumi config set --stack dev --secret gitops:gitea-read-password, or set GITOPS_SECRET_GITEA_READ_PASSWORD"
    )
    assert "secrets" not in checks


def test_the_only_secret_of_a_stack_is_not_counted(dev: None, awake: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(keys: list[str]) -> str:
        monkeypatch.setattr("stacks.contract.stack.secret_keys", lambda _: keys)
        return str(report("-s", "dev")[1]["secrets"]["found"])

    assert found(["gitea-read-password"]) == "the only one is set"
    assert found(["gitea-read-password", "homelab-deploy-identity"]) == "all 2 are set"


def test_without_a_selected_stack_the_machine_alone_is_looked_at(machine: Machine) -> None:
    machine.pulumi("3.272.0", "[]")
    code, out, err = run()
    assert code == 0, out
    assert "\nstack" not in out
    assert "gitops doctor --stack NAME" in err


def test_what_is_not_there_is_missing_and_the_way_to_get_it_is_told(machine: Machine) -> None:
    machine.remove("git")
    machine.remove("pulumi")
    code, checks = report()
    assert code == 1
    assert checks["git"]["state"] == checks["pulumi"]["state"] == "missing"
    assert "git" in checks["git"]["fix"]
    assert "https://get.pulumi.com" in checks["pulumi"]["fix"]


@pytest.mark.parametrize(("version", "state"), [("3.258.9", "failed"), ("3.259.0", "ok"), ("4.0.0", "ok"), ("what", "failed")])
def test_a_pulumi_that_is_too_old_is_failed(version: str, state: str, machine: Machine) -> None:
    machine.pulumi(version, "[]")
    assert report()[1]["pulumi"]["state"] == state


def test_a_language_host_is_looked_for_where_pulumi_does(machine: Machine) -> None:
    machine.remove("pulumi-language-python")
    assert report()[1]["language host"]["state"] == "missing"
    folder = machine.home / "plugins" / "language-python-v3.259.0"
    folder.mkdir()
    (folder / "pulumi-language-python").touch()
    assert report()[1]["language host"]["state"] == "ok"


@pytest.mark.thorough
def test_a_plugin_that_pulumi_may_not_download_is_missing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine.home / "plugins" / "resource-random-v4.21.4" / "pulumi-resource-random").unlink()
    found = report()[1]["provider random"]
    assert (found["state"], found["fix"]) == ("warning", "Run: pulumi plugin install resource random 4.21.4")
    monkeypatch.setenv("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
    assert report()[1]["provider random"]["state"] == "missing"


def test_the_backend_is_that_of_the_environment_or_of_the_login(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "postgres://me:" + "pass-word@db.example.org/pulumi?sslkey=/key")
    assert report()[1]["backend"]["found"] == "postgres://me:…@db.example.org/pulumi"
    monkeypatch.delenv("PULUMI_BACKEND_URL")
    assert report()[1]["backend"]["state"] == "missing"
    (machine.home / "credentials.json").write_text(json.dumps({"current": "https://api.pulumi.com", "accessTokens": {"a": "to" + "ken"}}))
    assert report()[1]["backend"]["found"] == "https://api.pulumi.com"


def test_a_directory_of_states_that_is_gone_is_failed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{machine.folder / 'gone'}?metadata=skip")
    code, checks = report("-s", "nobody")
    assert (code, checks["backend"]["state"]) == (1, "failed")
    assert "open a new shell" in checks["backend"]["fix"]
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{machine.folder}")
    assert report("-s", "nobody")[1]["backend"]["state"] == "ok"


@pytest.mark.thorough
def test_the_passphrase_that_a_demo_left_in_the_shell_is_a_warning_for_any_other_stack(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", pulumi_parts.DEMO_PASSPHRASE)
    assert report("-s", "production")[1]["passphrase"]["fix"] == "Run: unset PULUMI_CONFIG_PASSPHRASE"
    assert "passphrase" not in report("-s", pulumi_parts.DEMO_STACK)[1]
    machine.pulumi("3.272.0", "[]")
    assert report()[1]["passphrase"]["state"] == "warning", "no stack is selected yet"
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase of one's own")
    assert "passphrase" not in report("-s", "production")[1]


def test_the_demos_passphrase_and_stack_are_those_of_the_demo() -> None:
    assert (pulumi_parts.DEMO_PASSPHRASE, pulumi_parts.DEMO_STACK) == (DEMO_PASSPHRASE, STACK)


def test_a_stack_that_the_backend_does_not_have_is_missing(dev: None, awake: None, machine: Machine) -> None:
    machine.pulumi("3.272.0", "[]")
    code, checks = report("-s", "dev")
    assert code == 1
    assert checks["state"]["fix"] == "Run: pulumi stack init dev --secrets-provider passphrase"


@pytest.mark.thorough
def test_programs_that_the_stack_has_no_use_for_are_not_called_missing(dev: None, awake: None, machine: Machine) -> None:
    uses = Uses(encrypted_files=False, ssh=False)
    machine.remove("sops")
    machine.remove("ssh-keyscan")
    assert {report()[1][name]["state"] for name in ("sops", "ssh-keyscan")} == {"warning"}, "dev uses both"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gitops.doctor.stack_parts.uses", lambda _: uses)
        assert {report()[1][name]["state"] for name in ("sops", "ssh-keyscan")} == {"unneeded"}


def test_a_program_of_the_virtual_environment_that_is_not_on_path_says_how_to_put_it_there(machine: Machine) -> None:
    (machine.folder / "venv" / "bin").mkdir(parents=True)
    (machine.bin / "sops").rename(machine.folder / "venv" / "bin" / "sops")
    found = report()[1]["sops"]
    assert (found["state"], found["found"], found["fix"]) == ("warning", "3.11.0", "Run: source .venv/bin/activate")


def test_each_problem_of_the_files_is_a_line(dev: None, awake: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITOPS_DEV_GITEA_SSH")
    code, out, _ = run()
    assert code == 1
    assert "failed" in out
    assert "Pulumi.dev.yaml:" in out
    assert "GITOPS_DEV_GITEA_SSH is not set" in " ".join(out.split())


def test_a_context_from_a_variable_that_is_not_set_is_not_called_missing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITOPS_DEV_CONTEXT", raising=False)
    checks = report("-s", "dev")[1]
    assert checks["cluster"]["found"] == "not asked: the stack file takes its context from GITOPS_DEV_CONTEXT, which is not set"


def test_a_stack_without_a_file_names_those_that_there_are(machine: Machine) -> None:
    code, checks = report("-s", "nowhere")
    assert code == 1
    assert checks["Pulumi.nowhere.yaml"]["fix"] == "Choose one of: dev, production, staging. To create it, run: gitops new nowhere"


def test_without_fluxs_manifests_one_line_says_so_and_the_rest_is_judged(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.doctor.reach.SECONDS", 0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flux.release.oci_registry.SILENT_SECONDS", 0.1)
        patch.setattr("gitops.stack_file.plain_values", lambda *_: {})
        checks = report("-s", "production")[1]
    assert checks["Flux's manifests"]["state"] == "failed"
    assert checks["files"]["wrong"] == "the objects were not checked, because Flux's manifests cannot be fetched"


def test_with_an_offline_copy_the_stack_is_judged_by_it(machine: Machine, awake: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_FLUX_MANIFESTS", str(manifests_directory()))
    checks = report("-s", "production")[1]
    assert checks["files"]["state"] == "ok"
    assert checks["Flux's manifests"]["state"] == "warning"


@pytest.mark.parametrize(
    ("sources", "kustomizations", "found"),
    [(1, 1, "1 source, 1 Kustomization"), (2, 0, "2 sources, 0 Kustomizations")],
)
def test_what_the_files_declare_is_counted_in_good_english(sources: int, kustomizations: int, found: str) -> None:
    bodies = [SimpleNamespace(url="https://git.example.org")] * sources + [SimpleNamespace(url=None)] * kustomizations
    chosen = SimpleNamespace(bodies=bodies, of_kind=lambda _: bodies[sources:])
    settings: Any = SimpleNamespace(chosen=chosen)
    (check,) = stack_parts.file_checks("production", stack_parts.Judged(settings=settings), manifests_known=True)
    assert check.found == found


def test_what_takes_too_long_is_unknown_not_waited_for(dev: None, awake: None, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    never = threading.Event()
    monkeypatch.setattr("gitops.doctor.examine.SECONDS", 2.0)
    monkeypatch.setattr("gitops.doctor.reach.registry_check", lambda *_: never.wait(60))
    checks = report()[1]
    never.set()
    assert checks["Flux's manifests"]["found"].startswith("not known")


def test_the_demos_requirements_alone(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    answers = [None, None, '{"builds": false, "gigabytes": 2.0}']

    def output_of(command: list[str], folder: Path) -> str | None:
        asked.append(folder)
        return answers.pop(0)

    monkeypatch.setattr(demo_requirements, "output_of", output_of)
    code, checks = report("--demo")
    assert (code, {check["group"] for check in checks.values()}) == (0, {"demo"})
    machine.remove("gcc")
    code, checks = report("--demo")
    assert (code, checks["gcc"]["state"]) == (1, "missing")
    code, checks = report("--demo")
    assert (code, "gcc" in checks) == (0, False), "everything is built"
    assert set(asked) == {REPOSITORY}, "only code of this program is run, wherever it is called"


def test_json_is_described_in_the_help_and_on_the_page() -> None:
    page = (REPOSITORY / "docs" / "doctor.md").read_text()
    help_text = run("--help")[1]
    from gitops.doctor.json_document import document

    written = document("dev", [Check(group="a", name="b", state=State.OK)])
    for key in {*written, *written["checks"][0]}:
        assert key in help_text, key
        assert f"`{key}`" in page, key
    for state in STATES:
        assert state in help_text
        assert f"| {state} |" in page or f"`{state}`" in page
    assert set(STATES) == {state.value for state in State}


@pytest.mark.thorough
def test_looking_at_the_machine_alone_does_not_load_pulumi(machine: Machine) -> None:
    machine.pulumi("3.272.0", "[]")
    code = (
        "import sys; sys.argv = ['gitops', 'doctor']\nfrom gitops.cli import main\ntry: main()\nexcept SystemExit: pass\n"
        "print([name for name in ('pulumi', 'kubernetes', 'httpx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY, env=machine.environment)
    assert done.stdout.splitlines()[-1] == "[]"
