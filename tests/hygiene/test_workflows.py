"""The workflows that a user copies: what they may do, whose text reaches a shell, and whether their commands exist."""

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from devcluster.toolchain.go import go_command
from tests.engine import REPOSITORY
from tests.hygiene.source_code import committed_files
from tests.hygiene.test_commands_in_docs import refused

FILES = {file.removeprefix("workflows/"): (REPOSITORY / file).read_text() for file in committed_files() if file.startswith("workflows/")}
WORKFLOWS = {name: text for name, text in FILES.items() if name.endswith(".yaml")}
RIGHTS = {
    "check.yaml": {"contents": "read"},
    "compare.yaml": {"contents": "read", "pull-requests": "write"},
    "drift.yaml": {"contents": "read", "issues": "write"},
    "preview.yaml": {"contents": "read", "pull-requests": "write"},
    "synced-pull-request.yaml": {"contents": "read", "pull-requests": "write"},
    "synced-repository.yaml": None,
    "up.yaml": {"contents": "read"},
}
"""None: those of the whole workflow, which has none."""
EVENTS = {"push", "pull_request", "schedule", "workflow_dispatch"}
PINNED = re.compile(r"[^@\s]+@[0-9a-f]{40}")
OWN_BRANCH = "github.event.pull_request.head.repo.full_name == github.repository"
SECRET = re.compile(r"\$\{\{ (secrets\.\w+|github\.token) \}\}")
HANDED_ON = re.compile(r"printf '[^']*' \"\$NAME\"(?:; \})? *[|>]|\[ -[nz] \"\$NAME\" \]|unset NAME")
"""How a shell may take a secret from a variable: by what is built into it, so that no process has it among its arguments."""


def faults(name: str, text: str) -> Iterator[str]:
    """What of the workflow breaks a rule."""
    workflow: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # `on` stays a text
    events = {workflow["on"]} if isinstance(workflow["on"], str) else set(workflow["on"])
    jobs: dict[str, Any] = workflow["jobs"]
    if events - EVENTS:
        yield f"starts at {sorted(events - EVENTS)}"
    if workflow["permissions"] != {} or any(job.get("permissions") != RIGHTS[name] for job in jobs.values()):
        yield "has other rights than those that its work needs"
    if any("${{" in str(part) for part in (workflow.get("env", {}), workflow["on"], *(job.get("env", {}) for job in jobs.values()))):
        yield "gives an expression to every step"
    if (
        "secrets." in text
        and "pull_request" in events
        and any((job.get("if"), "environment" in job) != (OWN_BRANCH, True) for job in jobs.values())
    ):
        yield "gives a secret to a fork, or without approval"
    if "pulumi" in text.lower() and "concurrency" not in workflow:
        yield "may run twice at once"
    if workflow.get("defaults") != {"run": {"shell": "bash"}}:
        yield "goes on after a failure within a pipe"
    for job in jobs.values():
        if "timeout-minutes" not in job:
            yield "may run for hours"
        for step in job["steps"]:
            yield from _faults_of(step)


def _faults_of(step: Mapping[str, Any]) -> Iterator[str]:
    if not PINNED.fullmatch(step.get("uses", "a@" + 40 * "0")):
        yield f"runs {step['uses']}, which is not pinned by its commit"
    run = step.get("run", "")
    if "${{" in run or any("${{" in str(step.get(key, "")) for key in ("name", "shell", "working-directory")):
        yield "writes an expression into a script"
    if re.search(r"\bset -\w*x|\beval\b|\bsource\b", run):
        yield "shows or runs what it reads"
    for variable, value in step.get("env", {}).items():
        if "secrets." in value and not SECRET.fullmatch(value):
            yield f"makes something of a secret: {value}"
        if SECRET.fullmatch(value):
            allowed = HANDED_ON.pattern.replace("NAME", variable)
            if re.search(rf"\${{?{variable}\b", re.sub(allowed, "", run)):
                yield f"has {variable} among the arguments of a program"
    for words in commands(run):
        if why := refused("gitops", words):
            yield f"gitops {shlex.join(words)}: {why}"
    if run and subprocess.run(["bash", "-n", "-c", run], check=False, capture_output=True).returncode:
        yield "is not a script of bash"


def commands(run: str) -> Iterator[list[str]]:
    """The arguments of each `gitops` in a script."""
    for line in run.replace("\\\n", " ").splitlines():
        for part in re.split(r"\|\|?|&&|;", line):
            _, found, arguments = part.partition(".venv/bin/gitops ")
            if found:
                yield shlex.split(re.split(r" \d?>", arguments.replace("$ISSUE", "1"))[0], comments=True)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_keeps_the_rules(name: str) -> None:
    assert not list(faults(name, WORKFLOWS[name]))


def test_up_applies_main_and_one_stack_at_a_time_to_its_end() -> None:
    up = yaml.load(WORKFLOWS["up.yaml"], Loader=yaml.BaseLoader)  # noqa: S506

    assert up["on"] == {"push": {"branches": ["main"]}}
    assert up["concurrency"] == {"group": "up", "cancel-in-progress": "false"}
    others = [name for name, text in WORKFLOWS.items() if "concurrency: {group: up," in text]
    assert others == ["up.yaml"], "a waiting run gives way to any newer one of its group"
    named = list(up["jobs"])
    assert all(job.get("needs") == before for job, before in zip(list(up["jobs"].values())[1:], named, strict=False))


def test_every_command_of_the_task_is_there() -> None:
    used = {
        words[2 * (words[0] == "--cwd")] for text in WORKFLOWS.values() for step in re.split(r"- name:", text) for words in commands(step)
    }

    assert used == {"check", "comment", "compare", "drift", "render", "status", "up"}
    assert WORKFLOWS.keys() == RIGHTS.keys()


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("compare.yaml", "on: pull_request", "on: pull_request_target", "starts at"),
        ("compare.yaml", '"$base" origin/head', '"$base" ${{ github.event.pull_request.head.ref }}', "an expression into a script"),
        ("compare.yaml", "pull-requests: write}", "pull-requests: write, issues: write}", "other rights"),
        ("compare.yaml", "permissions: {}", "permissions: {contents: write}", "other rights"),
        ("compare.yaml", "NUMBER: ${{ github.event.pull_request.number }}", "NUMBER: ${{ secrets.NUMBER }}", "to a fork"),
        ("compare.yaml", "--output markdown", "--output markup", "--output"),
        ("compare.yaml", "gitops comment", "gitops remark", "no command remark"),
        ("compare.yaml", "git init --quiet .", "set -ex; git init --quiet .", "shows or runs"),
        ("preview.yaml", "    environment: preview\n", "", "without approval"),
        ("preview.yaml", f"    if: {OWN_BRANCH}\n", "", "to a fork"),
        ("up.yaml", "concurrency: {group: up, cancel-in-progress: false}\n", "", "twice at once"),
        ("up.yaml", "      - name: Install\n", "      - uses: actions/checkout@v4\n      - name: Install\n", "not pinned"),
        ("up.yaml", "    env:\n      STACK: production", "    env:\n      STACK: ${{ vars.STACK }}", "to every step"),
        ("drift.yaml", '--config - --fail', '--header "Authorization: Bearer $NTFY_TOKEN" --fail', "among the arguments"),
        ("drift.yaml", "NTFY_TOKEN: ${{ secrets.NTFY_TOKEN }}", "NTFY_TOKEN: x-${{ secrets.NTFY_TOKEN }}", "makes something of a secret"),
        ("synced-repository.yaml", "printf 'header", "printf header", "not a script"),
        ("check.yaml", "defaults: {run: {shell: bash}}\n", "", "within a pipe"),
    ],
)  # fmt: skip
def test_the_rules_find_what_breaks_them(name: str, old: str, new: str, fault: str) -> None:
    assert WORKFLOWS[name].count(old) == 1

    assert [each for each in faults(name, WORKFLOWS[name].replace(old, new)) if fault in each]


@pytest.mark.thorough
def test_actionlint_finds_nothing() -> None:
    files = [str(REPOSITORY / "workflows" / name) for name in WORKFLOWS]
    command = [go_command(), "-C", str(REPOSITORY / "tests" / "hygiene" / "actionlint"), "tool", "actionlint", "-no-color", *files]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=540)

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
