"""`make goldens` writes anew all that tests compare with files: a message that names it is true wherever it is shown."""

import re

from tests.engine import REPOSITORY
from tests.hygiene.source_code import committed_files

ELSEWHERE = ("tests/conftest.py", "tests/hygiene/test_goldens.py")
"""The option itself, and this."""


def test_every_golden_file_is_written_by_make_goldens() -> None:
    recipe = re.search(r"^goldens:.*\n\t(.*)$", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe
    paths = tuple(word for word in recipe[1].split() if word.startswith("tests/"))
    using = [
        file
        for file in committed_files()
        if file.startswith("tests/") and file.endswith(".py") and "update_goldens" in (REPOSITORY / file).read_text(encoding="utf-8")
    ]

    assert len(using) > 8
    assert not [file for file in using if not file.startswith(paths) and file not in ELSEWHERE]
    assert not [path for path in paths if not any(file.startswith(path) for file in using)], "it runs tests that write nothing"
