"""What is said of an age key that goes: the record of the base, if it covers all that Flux decrypts, says whether a file needs the key."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.gitops.compare.kinds_of_change import NEW_KEY, OLD_KEY, STACK, Kind, record
from tests.gitops.compare.test_kinds_of_change import comparison_of

NOTHING: Mapping[str, str] = {}
UNNEEDED = record("a", login=NEW_KEY)
DROPPED = {file: text.replace(f"2026-05: {OLD_KEY}", "") for file, text in UNNEEDED.items()}
STILL_READ = {file: text.replace(f"2026-05: {OLD_KEY}", "") for file, text in record("a", login=OLD_KEY).items()}
UNNEEDED_BY = "No file that {} records needs it"
NO_RECORD = "No record in Git says whether there are such files: on the branch, {} lists them"


@pytest.mark.parametrize(
    ("before", "after", "told_of_the_record"),
    [
        (UNNEEDED, UNNEEDED, UNNEEDED_BY),
        (UNNEEDED, DROPPED, UNNEEDED_BY),
        (record("a", login=OLD_KEY), STILL_READ, ""),
        (record("a", login=OLD_KEY), UNNEEDED, ""),
        (NOTHING, UNNEEDED, NO_RECORD),
        (NOTHING, NOTHING, NO_RECORD),
        ({file: text.replace("/apps\n", "/other\n") for file, text in UNNEEDED.items()}, NOTHING, NO_RECORD),
    ],
    ids=["recorded", "and dropped", "still read", "the change edits the record", "the change makes it", "no record", "another repository"],
)
def test_the_record_of_the_base_says_whether_a_file_needs_it(
    before: Mapping[str, str], after: Mapping[str, str], told_of_the_record: str, tmp_path: Path
) -> None:
    kind = Kind(stack=(('"2026-05": supplied, ', ""),), files_before=before, files=after)
    (told,) = [each.told.words for each in comparison_of(kind, tmp_path).decisions if each.kind == "key-goes"]
    assert [each for each in (UNNEEDED_BY, NO_RECORD) if each in told] == ([told_of_the_record] if told_of_the_record else [])
    assert ("Flux can no longer decrypt files" in told) is (told_of_the_record != UNNEEDED_BY)


def test_a_record_that_the_environment_names_refuses_neither_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was written for the files of this moment: by it, a commit before a rotation would lack a key."""
    (text,) = record("a", login=NEW_KEY).values()
    (tmp_path / "record.yaml").write_text(text.replace(f"2026-05: {OLD_KEY}", f"2026-11: {NEW_KEY}"))
    monkeypatch.setenv("GITOPS_DEV_CHECK_RECORD", str(tmp_path / "record.yaml"))
    monkeypatch.setattr("tests.gitops.compare.test_kinds_of_change.AMBIENT", ("GITOPS_SECRET_",))
    both = '"2026-05": supplied, "2026-11": supplied'
    stack = STACK.replace("environment: production", "environment: development")
    stack += "  gitops:checkRecord: {env: GITOPS_DEV_CHECK_RECORD}\n"
    kind = Kind(
        before={"production": stack.replace(both, '"2026-05": supplied')}, after={"production": stack.replace(both, '"2026-11": supplied')}
    )

    kinds = [each.kind for each in comparison_of(kind, tmp_path).decisions]

    assert "key-goes" in kinds
    assert "not-shown" not in kinds
