"""docs/how-to shows what to write and which objects come of it: each change is made to the shipped files, and the program is run."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.contract.names import CATALOG
from tests.engine import REPOSITORY
from tests.stack_files import preview

PAGES = sorted((REPOSITORY / "docs" / "how-to").glob("*.md"))
BLOCK = re.compile(r"^```(?P<kind>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
STACK_FILE = "Pulumi.production.yaml"
FILES = {STACK_FILE: STACK_FILE, "catalog.yaml": CATALOG}
ELSEWHERE = {"adopt", "no-cluster-at-hand", "preview-in-a-pull-request", "pull-requests", "share-the-state", "update-with-renovate"}
"""Pages that change no file; tests/devcluster, tests/e2e, tests/gitops/adopt and tests/hygiene run their commands."""
BEFORE = {
    "upgrade-flux": [("flux-manifests:v2.9.4", "flux-manifests:v2.8.8")],
    "add-an-age-key": [
        ('  gitops:age:\n    keys: {"2026-11": supplied} # pulumi config set --secret gitops:age-2026-11\n', ""),
        ("      decryption: {provider: sops}\n", ""),
        ("    inherit: [decryption, ", "    inherit: ["),
    ],
}
"""Page → what its files have in place of what the shipped ones have."""
PREVIEWED = re.compile(r"^ (?P<sign>[~+-])  (?P<type>\S+) (?P<name>\S+) (?P<op>\w+)(?: \[diff: ~(?P<changed>\S+)\])?$", re.MULTILINE)
COUNTED = re.compile(r"^    (?:[~+-] )?(?P<count>\d+) (?:to )?(?P<op>create|update|delete|unchanged)$", re.MULTILINE)
INLINE = re.compile(r"`(?P<count>\d+) to (?P<op>create|update|delete)`")
"""In a sentence; a page that says one of them need not say the others."""


@dataclass(frozen=True)
class Step:
    """Changes that stand one after another on a page, and the objects shown after them."""

    page: str
    changes: tuple[str, ...]
    objects: tuple[Mapping[str, Any], ...]


def steps() -> Iterator[Step]:
    for page in PAGES:
        changes: list[str] = []
        for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
            if found["kind"] == "diff":
                changes.append(found["text"])
            elif found["kind"] == "yaml":
                yield Step(page.stem, tuple(changes), tuple(yaml.safe_load_all(found["text"])))
                changes = []
        assert not changes, f"{page.name} changes a file and does not show what comes of it"


def patched(texts: dict[str, str], change: str) -> dict[str, str]:
    """The files after a change: ` ` lines must be there, `-` lines go, `+` lines come; `@@` begins another part of the file."""
    head, _, body = change.partition("\n")
    file = head.removeprefix("--- ")
    text = texts[file]
    for part in re.split(r"^@@\n", body, flags=re.MULTILINE):
        lines = part.splitlines()
        assert all(line[:1] in (" ", "-", "+") for line in lines), part
        before = "".join(f"{line[1:]}\n" for line in lines if line[0] != "+")
        after = "".join(f"{line[1:]}\n" for line in lines if line[0] != "-")
        assert text.count(before) == 1, f"{file} does not have this exactly once:\n{before}"
        text = text.replace(before, after)
    return {**texts, file: text}


def files_of(page: str) -> dict[str, str]:
    """The shipped files, as the page finds them."""
    texts = {name: (REPOSITORY / path).read_text(encoding="utf-8") for name, path in FILES.items()}
    for shipped, instead in BEFORE.get(page, []):
        assert any(shipped in text for text in texts.values()), f"no shipped file has {shipped}"
        texts = {name: text.replace(shipped, instead) for name, text in texts.items()}
    return texts


def holds(whole: Any, part: Any) -> bool:
    """Whether all of `part` is in `whole`; of a list, each item that `part` shows."""
    if isinstance(part, Mapping):
        return isinstance(whole, Mapping) and all(key in whole and holds(whole[key], item) for key, item in part.items())
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(holds(each, item) for each in whole) for item in part)
    return bool(whole == part)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "step", list(steps()), ids=lambda step: f"{step.page}-{step.objects[0]['kind']}-{step.objects[0]['metadata']['name']}"
)
def test_what_a_page_tells_to_write_makes_the_objects_that_it_shows(step: Step, tmp_path: Path) -> None:
    texts = files_of(step.page)
    for change in step.changes:
        texts = patched(texts, change)

    record = preview(tmp_path, texts[STACK_FILE], catalog=texts["catalog.yaml"], stack="production")

    assert record.exit_code == 0, record.errors
    for shown in step.objects:
        made = record.object(shown["kind"], shown["metadata"]["name"], shown["metadata"]["namespace"]).inputs
        assert holds(made, shown), f"shown: {shown}\nmade: {made}"
        if "ref" in shown.get("spec", {}):
            assert made["spec"]["ref"] == shown["spec"]["ref"], "what a null removed is gone"


def test_every_page_shows_a_change_and_its_objects() -> None:
    assert {step.page for step in steps() if step.changes} == {page.stem for page in PAGES} - ELSEWHERE
    assert len(PAGES) >= 6


def previews() -> Iterator[tuple[str, list[str], str]]:
    """Page, all changes that it makes before, and what it says that `pulumi preview` shows."""
    for page in PAGES:
        changes: list[str] = []
        for found in re.finditer(f"{BLOCK.pattern}|{INLINE.pattern}", page.read_text(encoding="utf-8"), BLOCK.flags):
            if found["kind"] == "diff":
                changes.append(found["text"])
            elif found["count"] or (found["kind"] == "text" and "Resources:" in found["text"]):
                yield page.stem, [*changes], found[0]


PREVIEWS = [
    pytest.param(*each, id=f"{each[0]}-{index}", marks=[pytest.mark.thorough] if index else []) for index, each in enumerate(previews())
]
"""Each is two runs of the whole program; one of them shows in the fast tier how a page is read."""


@pytest.mark.parametrize(("page", "changes", "printed"), PREVIEWS)
def test_a_preview_on_a_page_lists_what_the_change_updates(page: str, changes: list[str], printed: str, tmp_path: Path) -> None:
    before, after = files_of(page), files_of(page)
    for change in changes:
        after = patched(after, change)

    made = operations(*(_resources(tmp_path / str(index), texts) for index, texts in enumerate((before, after))))

    counts = Counter(op for op, _ in made.values())
    if sentence := INLINE.fullmatch(printed):
        assert counts[sentence["op"]] == int(sentence["count"]), counts
        return
    shown = {(found["type"], found["name"]): (found["op"], found["changed"]) for found in PREVIEWED.finditer(printed)}
    assert shown
    assert shown.items() <= made.items(), f"shown: {shown}\nmade: {made}"
    assert "…" in printed or shown.keys() == {key for key, (op, _) in made.items() if op != "unchanged"}
    assert {found["op"]: int(found["count"]) for found in COUNTED.finditer(printed)} == counts


def _resources(folder: Path, texts: dict[str, str]) -> dict[tuple[str, str], Mapping[str, Any]]:
    folder.mkdir()
    record = preview(folder, texts[STACK_FILE], catalog=texts["catalog.yaml"], stack="production")
    assert record.exit_code == 0, record.errors
    return {(resource.type, resource.name): resource.inputs for resource in record.resources}


def operations(
    before: Mapping[tuple[str, str], Mapping[str, Any]], after: Mapping[tuple[str, str], Mapping[str, Any]]
) -> dict[tuple[str, str], tuple[str, str | None]]:
    """What happens to each resource, and the top-level fields of it that change."""
    made: dict[tuple[str, str], tuple[str, str | None]] = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            made[key] = ("create" if old is None else "delete", None)
        else:
            changed = sorted(field for field in old.keys() | new.keys() if old.get(field) != new.get(field))
            made[key] = ("update", ",".join(changed)) if changed else ("unchanged", None)
    return made
