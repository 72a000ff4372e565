"""Rules about every committed file."""

import re
from pathlib import PurePosixPath

import pytest

from tests.engine import REPOSITORY
from tests.hygiene.source_code import committed_files

LARGEST_BYTES = 600_000
CACHES = {"__pycache__", ".venv", ".demo", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "node_modules"}
ARCHIVES = {".pyc", ".so", ".tgz", ".gz", ".zip", ".tar", ".whl", ".exe", ".db", ".agekey"}

# Put together here, so that this file does not hold what it forbids.
PACKAGE_HOSTS = [
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("proxy", "golang", "org"), ("registry", "npmjs", "org"))
]
MACHINE_PATHS = ["/".join(["", folder, ""]) for folder in ("work", "root", "home/user")] + ["/".join(["", "tmp", "session"])]
PRIVATE_KEYS = [
    "-".join(["AGE", "SECRET", "KEY", "1"]) + "[A-Z0-9]{20}",
    "BEGIN " + "(OPENSSH |RSA |EC )?PRIVATE" + " KEY-----\\n[A-Za-z0-9+/]{20}",
]

GENERATED_ROOTS = (".demo/", ".venv/")
"""Paths of files that a clone gets only by running something."""
INLINE_CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)[^)\s]*\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"^\.?[\w.-]+(/[\w.-]+)*/?$")


def read(file: str) -> str:
    return (REPOSITORY / file).read_bytes().decode("utf-8", errors="replace")


@pytest.mark.parametrize(
    ("forbidden", "why"),
    [
        (PACKAGE_HOSTS, "packages come from wherever the person's own tools are set to take them"),
        (MACHINE_PATHS, "that path is of one machine"),
    ],
    ids=["hosts of package registries", "paths of one machine"],
)
def test_no_file_names(forbidden: list[str], why: str) -> None:
    found = [f"{file} names {text}" for file in committed_files() for text in forbidden if text in read(file)]

    assert not found, f"{why}: {found}"


def test_no_file_holds_a_private_key() -> None:
    found = [file for file in committed_files() for pattern in PRIVATE_KEYS if re.search(pattern, read(file))]

    assert not found, "keys of tests are put together when they run"


def test_no_file_is_a_cache_an_archive_or_too_large() -> None:
    found = [
        file
        for file in committed_files()
        if CACHES & set(PurePosixPath(file).parts)
        or PurePosixPath(file).suffix in ARCHIVES
        or (REPOSITORY / file).stat().st_size > LARGEST_BYTES
    ]

    assert not found, "what a program can make does not belong into a commit"


def test_every_file_is_text() -> None:
    found = [file for file in committed_files() if b"\0" in (content := (REPOSITORY / file).read_bytes()) or not _is_utf8(content)]

    assert not found


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def missing_paths(markdown: str, folder: str) -> list[str]:
    """Paths that the text names and that are not there, neither from the repository's root nor from the text's own folder."""
    text = FENCE.sub("", markdown)
    roots = {PurePosixPath(file).parts[0] for file in committed_files()}
    links = [target for target in LINK.findall(text) if "://" not in target and not target.startswith("mailto:")]
    named = [token for token in INLINE_CODE.findall(text) if PATH.match(token) and token.removeprefix("./").split("/")[0] in roots]
    return [path for path in [*links, *named] if not path.startswith(GENERATED_ROOTS) and not _is_there(path, folder)]


def _is_there(path: str, folder: str) -> bool:
    places = [(REPOSITORY / path), (REPOSITORY / folder / path)]
    return any(place.exists() or place.with_name(place.name + ".py").exists() for place in places)


@pytest.mark.parametrize("file", [file for file in committed_files() if file.endswith(".md") and "/repositories/" not in file])
def test_every_path_that_a_text_names_exists(file: str) -> None:
    missing = missing_paths(read(file), str(PurePosixPath(file).parent))

    assert not missing, f"{file} names what is not there; mend the text, or the path: {missing}"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("see `stacks/settings.py` and `flux/release/distribution`", []),
        ("see `stacks/nothing.py`", ["stacks/nothing.py"]),
        ("see [there](docs/nothing.md#part)", ["docs/nothing.md"]),
        ("see [there](https://example.test/docs/nothing.md)", []),
        ("```\nstacks/nothing.py\n```", []),
        ("`kubernetes/apps` of another repository", []),
    ],
)
def test_the_search_for_missing_paths_finds_them(text: str, missing: list[str]) -> None:
    assert missing_paths(text, ".") == missing
