"""What to do if pulumi is not on PATH: an embedded cluster in the clone has one, and its environment puts it there."""

from shlex import quote

from gitops.project import project_here

DEMO_HOME, _RECORD = ".demo", "cluster.json"
"""As `devcluster` says; a test compares them, because this room does not import that one."""


def put_on_path() -> str:
    """The sentence for a command that cannot run it."""
    evaluated = environments()
    return f"Put pulumi on PATH: {' or '.join(evaluated)}" if evaluated else "Put pulumi on PATH. To see how to get it, run: gitops doctor"


def environments() -> list[str]:
    """The command that sets the environment of each embedded cluster in this clone."""
    folder = project_here()
    homes = sorted(each.parent.name for each in folder.glob(f"*/{_RECORD}")) if folder else []
    return [_environment(home) for home in homes]


def _environment(home: str) -> str:
    command = "make -s env" if home == DEMO_HOME else f".venv/bin/python -m devcluster env --home {quote(home)}"
    return f'eval "$({command})"'
