"""A few phrases that nothing that users or developers read may contain: pages, messages, docstrings and names of import contracts.

Earlier texts were hard to read: inversions ("is called as if it were encrypted, and is not"), subjects that are no one ("nobody could
tell", "whoever runs this"), and idioms for plain facts ("nothing can be made of it", "is told"). Readers of messages are in a hurry, and
many of them are not native speakers. CONTRIBUTING.md, under "Words", has what to write instead; this test keeps the worst from coming
back. It cannot tell good prose: read what you write.
"""

import ast
import re
from collections.abc import Iterator, Mapping
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
    r"\banother \w+ than\b": "a … other than; differs from",
    r"(?<!\bthere )\bis no (field|revision|\w+ here)\b": "is not a field here, is not a revision",
    r"\bfits? (no|none)\b": "matches no …, matches none",
    r"\bonly since\b": "only from … on",
    r"\bbeing deleted since\b": "have been marked for deletion since",
    r"\b(stands?|is written) beside\b": "is outside; is next to; conflicts with",
    r"\bgo(es)? or stays?\b": "whether it is removed",
    r"\bcomes?, changes? and go(es)?\b": "are added, changed and removed",
    r"\bthat there (still )?(is|are)\b(?! (no|nothing|an?)\b)": "that exist; the existing …",
    r"\bwas to be guessed\b": "readers had to guess",
}
"""Pattern → what to write instead."""
FORBIDDEN_IN_MESSAGES = {
    r"(?<=[\w…] )(?-i:go(es)?)\b(?![-./=]\w)(?! (back|by|into|on|through|to|unnoticed|with|wrong)\b)": "is removed, is deleted",
    r"\bfaults?\b": "finding, problem; what is wrong",
}
"""The same, for strings that are not docstrings: code and its docstrings use these words for other things."""
ANY = re.compile("|".join(FORBIDDEN), re.IGNORECASE)
ANY_IN_MESSAGES = re.compile("|".join(FORBIDDEN_IN_MESSAGES), re.IGNORECASE)
QUOTED_IN = "CONTRIBUTING.md"
"""Its table of words shows what not to write."""
FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
"""A block of a page: what a program printed, whose texts are found in its code."""


def wrong_in(text: str, forbidden: Mapping[str, str] = FORBIDDEN, any_of_them: re.Pattern[str] = ANY) -> list[str]:
    """Each forbidden phrase in the text of a file, with what to write instead."""
    joined = " ".join(text.split())
    if not any_of_them.search(joined):
        return []
    return [f"{found[0]!r}: {instead}" for pattern, instead in forbidden.items() for found in re.finditer(pattern, joined, re.IGNORECASE)]


def wrong_in_message(text: str) -> list[str]:
    """The same for a string that is shown."""
    return wrong_in(text, FORBIDDEN_IN_MESSAGES, ANY_IN_MESSAGES)


def texts_of(module: ast.Module, *, docstrings: bool = True) -> Iterator[tuple[int, str]]:
    """Line and text of every string, docstrings too if they are asked for; an f-string counts as one text."""
    within = {id(part) for node in walked(module) if isinstance(node, ast.JoinedStr) for part in node.values}
    if not docstrings:
        within |= {id(node.value) for node in walked(module) if isinstance(node, ast.Expr)}
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


def test_no_message_contains_a_word_that_only_code_may_use() -> None:
    found = [
        f"{file}:{line} {wrong}"
        for file in modules(*ROOMS)
        for line, text in texts_of(tree(file), docstrings=False)
        for wrong in wrong_in_message(text)
    ]

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
        ("names another Secret than sops-age", 1),
        ("is no field here: dependsOn names only objects of its own kind; 'a..b' is no revision", 2),
        ("there is no revision 'main'; there is no field for it", 0),
        ("an entry that fits no finding, or fits none", 2),
        ("a flag that it has only since Flux 2.9", 1),
        ("5 objects are being deleted since noon; one is being deleted", 1),
        ("stands beside `config`, and is written beside the flag", 2),
        ("What they applied goes or stays.", 1),
        ("which objects come, change and go", 1),
        ("all rules that there are; a field that there is not", 2),
        ("a test ensures that there is no other output", 0),
    ],
)
def test_the_search_for_forbidden_phrases_finds_them(text: str, count: int) -> None:
    assert len(wrong_in(text)) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("name the cluster whose workloads go.", 1),
        ("It goes when its controller runs. If it may go, run: pulumi", 2),
        ("it did not go in time; what Flux applied goes only then", 2),
        ("The entry would hide a later fault.", 1),
        ("would go back from Flux 2.9; the text goes into a ConfigMap; could go unnoticed", 0),
        ("an expression of Go; Install Go from https://go.dev; the go.mod of it; kustomization-goes; -o go-template", 0),
    ],
)
def test_the_search_for_words_of_code_finds_them(text: str, count: int) -> None:
    assert len(wrong_in_message(text)) == count


def test_the_search_for_words_of_code_leaves_docstrings_out() -> None:
    module = ast.parse('"""What goes away."""\nx = 1\n"""A fault."""\ndef f(x):\n    """It goes."""\n    return f"{x} goes away"\n')
    assert [line for line, text in texts_of(module, docstrings=False) if wrong_in_message(text)] == [6]


def test_no_name_of_a_contract_contains_a_forbidden_phrase() -> None:
    names = re.findall(r"^name = (.*)$", (REPOSITORY / ".importlinter").read_text(encoding="utf-8"), re.MULTILINE)

    assert len(names) > 50
    assert [wrong for name in names for wrong in wrong_in(name)] == []


def test_the_search_reads_messages_and_docstrings() -> None:
    module = ast.parse('"""Nobody reads this."""\ndef f(x):\n    """Whoever calls it."""\n    return f"nobody could {x}" + "whoever"\n')
    assert sorted(line for line, text in texts_of(module) if wrong_in(text)) == [1, 3, 4, 4]
