"""How many attacks the tests tried, and how many were held: each case of a test in tests/security, unless it is marked `harmless`.

Printed at the end of every run that had some, and kept in docs/security.md, where tests/hygiene/test_attack_figures.py compares.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

FOLDER = "tests/security/"
ROOMS: Mapping[str, tuple[str, ...]] = {
    "a stack file": (
        "a_stack_file",
        "answers_of_a_transparency_log",
        "commands_that_look_into_files",
        "lists_of_signatures",
        "signatures_with_a_key",
        "signatures_without_a_key",
        "the_answers_of_a_registry",
        "the_cache_of_artifacts",
        "the_layer_of_an_artifact",
        "the_login_of_a_registry",
        "what_a_pull_request_says",
        "where_files_are_written",
    ),
    "a repository": (
        "files_of_a_repository",
        "git_around_the_check",
        "long_texts",
        "no_other_reader",
        "sources_that_git_declares",
        "the_files_of_an_artifact",
        "what_git_is_given_and_says",
        "what_kustomize_may_read",
    ),
    "a server or a terminal": (
        "a_git_server_that_doctor_asks",
        "answers_for_deploy_keys",
        "answers_of_an_api_server",
        "endless_answers",
        "names_are_never_hidden",
        "names_on_a_terminal",
        "redaction",
        "secrets_of_a_run",
        "the_embedded_clusters_clients",
    ),
    "the supply chain": ("supply_chain",),
}
"""What attacks → the modules of tests/security, without `test_`."""
HARMLESS = "harmless"
_ROOM_OF = {module: room for room, modules in ROOMS.items() for module in modules}


def room_of(node: str) -> str | None:
    """What attacks in the case with this name; None for a test of something else. Raises KeyError for a module that no room has."""
    file = node.partition("::")[0]
    return _ROOM_OF[PurePosixPath(file).stem.removeprefix("test_")] if file.startswith(FOLDER) else None


def counted(nodes: Iterable[str]) -> Counter[str]:
    """Room → number of cases."""
    return Counter(room for node in set(nodes) if (room := room_of(node)))


def summary(held: Iterable[str], broken: Iterable[str]) -> str:
    """In one line, what a run showed; empty if it tried no attack."""
    good, bad = counted(held), counted(broken)
    tried = good + bad
    if not tried:
        return ""
    rooms = ", ".join(f"{room} {good[room]:,} of {tried[room]:,}" for room in ROOMS if tried[room])
    return f"attacks held: {good.total():,} of {tried.total():,} tried ({rooms})"
