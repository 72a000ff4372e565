"""A few phrases that nothing that users or developers read may contain: pages, messages, docstrings and names of import contracts.

Earlier texts were hard to read: inversions ("is called as if it were encrypted, and is not"), subjects that are no one ("nobody could
tell", "whoever runs this"), and idioms for plain facts ("nothing can be made of it", "is told"). Readers of messages are in a hurry, and
many of them are not native speakers. CONTRIBUTING.md, under "Words", has what to write instead; this test keeps the worst from coming
back. It cannot tell good prose: read what you write.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.engine import REPOSITORY
from tests.hygiene.source_code import committed_files, modules, tree, walked

ROOMS = ("__main__.py", "bench", "components", "devcluster", "flux", "gitops", "live", "stacks")
FORBIDDEN = {
    r"\bis called as if\b": "is named like",
    r"\bnothing can be made of\b": "is required but missing; cannot be read",
    r"\bthere is no such\b": "is an unknown key; does not exist",
    r"\bnobody \w": "an active or passive sentence with a real subject: 'the file cannot be decrypted'",
    r"\bwhoever\b": "the person or role: 'the author of the file', 'anyone who'",
    r"\bof (its|their) own accord\b": "without being asked; automatically",
    r"\bin vain\b": "what does not happen",
    r"(?<!said to be )\b(is|are) told (by|as|in|with|that|of)\b": "is reported, is shown",
    r"\bto be had\b": "is available",
    r"\bcould \w+ nothing\b": "could not … anything",
    r"\bor none, (like|such as)\b": "with or without",
    r"\b(digits|files|identities|keys|names) alone\b": "only digits, only files",
    r"\b(does|did) not tell\b": "does not report, does not say",
    r"\w — \w": "a comma, a colon or two sentences: the docs use no em dashes",
    r"\banew\b": "again; or a verb with re-: rewrites, recreates",
    r"(?<!said to be )\b(is|are|was|were) told\b(?! (by|as|in|with|that|of)\b)": "is reported, is shown",
    r"(?<= )mend(s|ed|ing)?\b(?!`)": "fixes, corrects, repairs",
    r"\bwhose (it|they|an object|the object|objects) (is|are)\b": "who owns it; the owner of the object",
    r"\bno stack's\b": "no stack owns it",
    r"\bany longer\b": "no longer",
    r"\bfor ever\b": "always; indefinitely",
    r"\bwhat (is there|there is) of\b": "the existing …",
    r"\bnothing is said\b": "nothing is reported",
    r"\bpresent version\b": "current version",
    r"\bis no drift\b": "is not drift",
    r"\bnever hangs\b": "always finishes",
    r"\blet \w+ forget\b": "remove it from its state, delete its record",
    r"\bdoes not look after\b": "does not handle",
    r"\bstill stands?\b": "is still valid",
}
"""Pattern → what to write instead."""
ANY = re.compile("|".join(FORBIDDEN), re.IGNORECASE)
QUOTED_IN = "CONTRIBUTING.md"
"""Its table of words shows what not to write."""
FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
"""A block of a page: what a program printed, whose texts are found in its code."""


def wrong_in(text: str) -> list[str]:
    """Each forbidden phrase in the text of a file, with what to write instead."""
    joined = " ".join(text.split())
    if not ANY.search(joined):
        return []
    return [f"{found[0]!r}: {instead}" for pattern, instead in FORBIDDEN.items() for found in re.finditer(pattern, joined, re.IGNORECASE)]


def texts_of(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of every string, docstrings too; an f-string counts as one text."""
    within = {id(part) for node in walked(module) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in walked(module):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in within:
            yield node.lineno, node.value


READ_BY_USERS = [
    file
    for file in committed_files()
    if (PurePosixPath(file).suffix == ".md" or (PurePosixPath(file).suffix == ".yaml" and "/" not in file))
    and file != QUOTED_IN
    and not file.startswith(("tests/", "devcluster/gitea/repositories/"))
]


@pytest.mark.parametrize("file", READ_BY_USERS)
def test_no_page_contains_a_forbidden_phrase(file: str) -> None:
    assert wrong_in(FENCED.sub("", (REPOSITORY / file).read_text(encoding="utf-8"))) == [], file


def test_no_message_and_no_docstring_contains_a_forbidden_phrase() -> None:
    found = [f"{file}:{line} {wrong}" for file in modules(*ROOMS) for line, text in texts_of(tree(file)) for wrong in wrong_in(text)]

    assert not found, found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("it is called as if it were encrypted, and is not", 1),
        ("Nobody could\ntell which one.", 1),
        ("in the environment of whoever runs this", 1),
        ("the mistake is told by the preview", 1),
        ("one thing — and another", 1),
        ("Write it anew, or mend it.", 2),
        ("every object says whose it is", 1),
        ("it is not there any longer", 1),
        ("run `gitops drift --mend`; `mended` is true", 0),
        ("the column says `nobody`", 0),
        ("is required but missing", 0),
    ],
)
def test_the_search_for_forbidden_phrases_finds_them(text: str, count: int) -> None:
    assert len(wrong_in(text)) == count


def test_no_name_of_a_contract_contains_a_forbidden_phrase() -> None:
    names = re.findall(r"^name = (.*)$", (REPOSITORY / ".importlinter").read_text(encoding="utf-8"), re.MULTILINE)

    assert len(names) > 50
    assert [wrong for name in names for wrong in wrong_in(name)] == []


def test_the_search_reads_messages_and_docstrings() -> None:
    module = ast.parse('"""Nobody reads this."""\ndef f(x):\n    """Whoever calls it."""\n    return f"nobody could {x}" + "whoever"\n')
    assert sorted(line for line, text in texts_of(module) if wrong_in(text)) == [1, 3, 4, 4]
