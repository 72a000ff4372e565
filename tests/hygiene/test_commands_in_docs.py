"""Every `gitops` and `devcluster` command in a code block of the docs is one that the program takes, with options that it has."""

import ast
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer
import typer.main
from typer.core import TyperGroup

from devcluster.__main__ import app as devcluster
from gitops.cli import app as gitops
from tests.engine import REPOSITORY
from tests.hygiene.source_code import committed_files

BLOCK = re.compile(r"^ *```(?P<kind>sh|bash|console|text)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
PROMPT = re.compile(r"^\s*(?:\$ )?(?:eval \"\$\()?")
PROGRAMS = {
    "gitops": typer.main.get_command(gitops),
    "python -m devcluster": typer.main.get_command(devcluster),
    ".venv/bin/python -m devcluster": typer.main.get_command(devcluster),
}
PLACEHOLDERS = {"SECONDS": "1"}


def commands(markdown: str) -> Iterator[tuple[str, list[str]]]:
    """Program and arguments of each command line in a block."""
    for block in BLOCK.finditer(markdown):
        for line in block["text"].replace("\\\n", " ").splitlines():
            if block["kind"] == "console" and not line.lstrip().startswith("$ "):
                continue
            for program in PROGRAMS:
                command = PROMPT.sub("", line)
                if command.startswith(f"{program} "):
                    words = shlex.split(re.split(r" \|\|? | &&| > |\)\"$|; ", command)[0].removeprefix(program), comments=True)
                    yield program, words


def refused(program: str, words: list[str]) -> str | None:
    """What the parser says against these arguments; None if it takes them."""
    command, arguments = PROGRAMS[program], list(words)
    while isinstance(command, TyperGroup) and arguments and not arguments[0].startswith("-"):
        name = arguments.pop(0)
        if name not in command.commands:
            return f"no command {name}"
        command = command.commands[name]
    if {"-h", "--help", "--version", "--install-completion"} & set(arguments) or isinstance(command, TyperGroup):
        return None
    try:
        command.make_context(command.name, [PLACEHOLDERS.get(word, word) for word in arguments])
    except typer.TyperException as error:
        return str(error)
    return None


@pytest.mark.parametrize("file", [file for file in committed_files() if file.endswith(".md") and "/repositories/" not in file])
def test_the_program_takes_every_command_that_a_page_shows(file: str) -> None:
    found = list(commands((REPOSITORY / file).read_text(encoding="utf-8")))
    wrong = [f"{program} {shlex.join(words)}: {why}" for program, words in found if (why := refused(program, words))]
    assert not wrong, f"{file}: {wrong}"


def test_the_commands_of_the_docs_are_found() -> None:
    pages = [file for file in committed_files() if file.startswith(("README", "docs/")) and file.endswith(".md")]
    assert sum(len(list(commands((REPOSITORY / file).read_text(encoding="utf-8")))) for file in pages) >= 20


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ("```sh\ngitops status --wate 3\n```", "--wate"),
        ("```console\n$ gitops statuz\n```", "statuz"),
        ("```sh\npython -m devcluster up --bear\n```", "--bear"),
        ("```sh\ngitops status -s production --wait 300 || true\n```", None),
        ("```text\n0 s: 21 of 24 ready; gitops is not a command here\n```", None),
    ],
)
def test_the_search_for_wrong_commands_finds_them(block: str, why: str | None) -> None:
    said = [text for program, words in commands(block) if (text := refused(program, words))]
    assert (why is None and not said) or (why is not None and why in said[0])


OPTION = re.compile(r"(?P<name>--[a-z-]+)[ =](?P<metavar>[A-Z]{2,})\b")


def options_of(command: Any) -> set[tuple[str, str | None]]:
    """Name and placeholder of each option, of a group's commands, too."""
    own = {(name, each.metavar) for each in command.params for name in each.opts}
    return own.union(*(options_of(each) for each in getattr(command, "commands", {}).values()))


def test_an_option_that_a_message_names_takes_what_the_message_says() -> None:
    root, wrong = PROGRAMS["gitops"], []
    assert isinstance(root, TyperGroup)
    for file in (each for each in committed_files() if each.startswith("gitops/") and each.endswith(".py")):
        command = root.commands.get(file.split("/")[1].replace("_", "-"), root)
        known = options_of(command) | {(name, each.metavar) for each in root.params for name in each.opts}
        texts = [each.value for each in ast.walk(ast.parse((REPOSITORY / file).read_text())) if isinstance(each, ast.Constant)]
        found = [match for text in texts if isinstance(text, str) for match in OPTION.finditer(text)]
        wrong += [f"{file}: {match[0]}" for match in found if (match["name"], match["metavar"]) not in known]
    assert not wrong
