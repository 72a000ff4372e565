"""What goes wrong with the embedded cluster is reported as everything else is: what, what follows, what to do, a line for each."""

import ast

from devcluster.messages.errors import DevclusterError
from flux.message_lines import WIDTH
from tests.hygiene.source_code import modules, tree, walked


def made() -> list[tuple[str, ast.Call]]:
    """Place and call, for every error that is made."""
    return [
        (f"{file}:{node.lineno}", node)
        for file in modules("devcluster")
        for node in walked(tree(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "DevclusterError"
    ]


def test_each_part_is_on_lines_of_its_own_that_are_not_too_long() -> None:
    error = DevclusterError("word " * 40, "word " * 40, "To start over: make demo-down demo", said=["the last line of a log"])
    lines = str(error).splitlines()

    assert max(map(len, lines)) <= WIDTH
    assert [lines.index("    the last line of a log"), lines[-1]] == [3, "  To start over: make demo-down demo"]


def test_on_a_terminal_what_is_wrong_stands_out() -> None:
    error = DevclusterError("git is not on PATH", "Gitea needs it.", "Install git.", said=["a log"])

    assert error.shown(coloured=True).splitlines() == [
        "\033[1;31mgit is not on PATH.\033[0m",
        "    a log",
        "\033[2m  Gitea needs it.\033[0m",
        "  Install git.",
    ]
    assert error.shown(coloured=False) == str(error)


def test_every_error_says_what_follows_and_what_to_do() -> None:
    assert len(made()) > 30
    assert [place for place, call in made() if len(call.args) != 3] == []


def test_no_part_has_lines_of_its_own() -> None:
    texts = [(place, each.value) for place, call in made() for each in ast.walk(call) if isinstance(each, ast.Constant)]

    assert [place for place, text in texts if isinstance(text, str) and "\n" in text] == []
