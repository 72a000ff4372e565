"""A run on the engine double begins clean, ends whole, and shows how it ended."""

import asyncio
import os
import sys
from pathlib import Path

import pulumi
import pulumi_kubernetes as k8s
import pytest

from tests.engine import attempt, entry_point, run
from tests.monitor import EngineError
from tests.record import Secret
from tests.small_programs import config_map


def test_config_secrets_and_project_are_what_the_program_reads() -> None:
    def program() -> None:
        config = pulumi.Config()
        pulumi.export("where", f"{pulumi.get_project()}/{pulumi.get_stack()}")
        pulumi.export("structured", config.require_object("cluster")["name"])
        pulumi.export("secret", config.require_secret("token"))
        pulumi.export("foreign", pulumi.Config("kubernetes").require_bool("strictMode"))

    record = run(
        program,
        project="p",
        stack="s",
        config={"cluster": {"name": "dev"}, "kubernetes:strictMode": True},
        secrets={"token": "t"},
    )

    assert record.exports == {"where": "p/s", "structured": "dev", "secret": Secret("t"), "foreign": True}


def test_nothing_of_one_run_is_left_for_the_next() -> None:
    outside = pulumi.get_stack()
    run(lambda: config_map("first"), stack="one", config={"key": "value"}, secrets={"s": "t"}, environment={"GITOPS_X": "1"})
    assert pulumi.get_stack() == outside

    def program() -> None:
        pulumi.export("seen", [pulumi.Config().get("key"), pulumi.Config().get("s"), os.environ.get("GITOPS_X")])

    record = run(program)

    assert [resource.name for resource in record.resources] == ["gitops-test"]
    assert record.exports == {"seen": [None, None, None]}


def test_a_failed_run_leaves_nothing_for_the_next_either() -> None:
    def broken() -> None:
        config_map("first")
        raise LookupError("broken")

    assert isinstance(attempt(broken).exception, LookupError)
    assert [resource.name for resource in run(lambda: None).resources] == ["gitops-test"]


def test_the_environment_of_the_person_is_hidden_and_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/the/persons/own")
    monkeypatch.setenv("GITOPS_SECRET_X", "own")
    monkeypatch.setenv("PULUMI_CONFIG", '{"gitops:key": "ambient"}')

    def program() -> None:
        names = ("KUBECONFIG", "GITOPS_SECRET_X", "GIVEN")
        pulumi.export("seen", [pulumi.Config().get("key"), *map(os.environ.get, names)])

    assert run(program, environment={"GIVEN": "yes"}).exports == {"seen": [None, None, None, "yes"]}
    assert os.environ["KUBECONFIG"] == "/the/persons/own"
    assert "GIVEN" not in os.environ


def test_log_and_printed_lines_are_kept() -> None:
    def program() -> None:
        pulumi.log.info("about to begin")
        pulumi.log.warn("careful")
        print("to standard output")  # noqa: T201
        print("to standard error", file=sys.stderr)  # noqa: T201

    record = run(program)

    assert [(message.severity, message.text) for message in record.log if message.severity != "debug"] == [
        ("info", "about to begin"),
        ("warning", "careful"),
    ]
    assert record.printed == "to standard output\nto standard error\n"


def test_a_users_mistake_ends_with_its_exit_code_and_its_text() -> None:
    def program() -> None:
        pulumi.log.error("Pulumi.dev.yaml:3 gitops:cluster: missing")
        sys.exit(32)

    record = attempt(program)

    assert record.exit_code == 32
    assert record.errors == "Pulumi.dev.yaml:3 gitops:cluster: missing"
    with pytest.raises(AssertionError, match=r"exited with 32:\nPulumi\.dev\.yaml:3"):
        run(program)


def test_an_exception_of_the_program_keeps_its_type_and_what_was_registered_before() -> None:
    def program() -> None:
        config_map("before")
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        run(program)
    record = attempt(program)
    assert record.exit_code == 1
    assert record.named("before")


def test_an_exception_inside_an_apply_is_not_lost() -> None:
    with pytest.raises(ZeroDivisionError):
        run(lambda: pulumi.export("bad", pulumi.Output.from_input(0).apply(lambda zero: 1 // zero)))


def test_a_call_to_a_provider_is_refused_rather_than_answered_with_nothing() -> None:
    with pytest.raises(EngineError, match="calls kubernetes:yaml:decode: this double has no providers"):
        run(lambda: k8s.yaml.ConfigGroup("group", yaml=["kind: ConfigMap"]))


def test_a_resource_of_another_run_is_unknown_here() -> None:
    made: list[pulumi.Resource] = []
    run(lambda: made.append(config_map("elsewhere")))

    with pytest.raises(EngineError, match=r"elsewhere, which is not registered"):
        run(lambda: config_map("here", pulumi.ResourceOptions(depends_on=made)))


def test_transforms_are_refused_because_they_would_not_run() -> None:
    with pytest.raises(EngineError, match="transforms"):
        run(lambda: config_map("changed", pulumi.ResourceOptions(transforms=[lambda _arguments: None])))


def test_reading_a_live_object_is_refused() -> None:
    with pytest.raises(EngineError, match="reads kubernetes:core/v1:Secret flux-system/sops-age"):
        run(lambda: k8s.core.v1.Secret.get("live", "flux-system/sops-age"))


def test_an_entry_point_runs_unmodified_in_its_own_directory(tmp_path: Path) -> None:
    program = tmp_path / "__main__.py"
    program.write_text("import pathlib, pulumi\npulumi.export('here', pathlib.Path.cwd().name)\npulumi.export('main', __name__)\n")
    before = Path.cwd()

    record = run(entry_point(program))

    assert record.exports == {"here": tmp_path.name, "main": "__main__"}
    assert Path.cwd() == before


def test_resources_are_recorded_in_the_same_order_every_time() -> None:
    def program() -> None:
        for number in range(30):
            config_map(f"map-{number}")

    assert run(program).resources == run(program).resources


def test_no_event_loop_is_left_behind() -> None:
    run(lambda: config_map("made"))

    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
