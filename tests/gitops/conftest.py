import pytest

from stacks.inputs import project_directory


@pytest.fixture(autouse=True)
def _forgets_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command chooses the project for its process, which here goes on with other tests."""
    monkeypatch.setattr(project_directory, "_chosen", None)
