"""Where the project is: the directory with Pulumi.yaml, the stack files and the catalog. Loads no Pulumi, so that any command may ask."""

from pathlib import Path

from stacks.contract.names import PROJECT_FILE

_chosen: Path | None = None


def project_directory() -> Path:
    """The one that was chosen, else the program's own: Pulumi runs no other."""
    return _chosen or Path(__file__).parents[2]


def choose_project(directory: Path) -> None:
    """Read the files of another clone from now on, in this process."""
    global _chosen
    _chosen = directory


def containing_project(directory: Path) -> Path | None:
    """The project that `directory` is in, as pulumi finds it: the nearest one, upwards; None when there is none."""
    return next((folder for folder in (directory, *directory.parents) if (folder / PROJECT_FILE).is_file()), None)


def stack_names() -> list[str]:
    """The stacks that have a file in the project."""
    files = project_directory().glob("Pulumi.?*.yaml")
    return sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files)
