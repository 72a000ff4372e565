"""`gitops comment`, called in this process."""

from pathlib import Path

from typer.testing import CliRunner

from gitops.cli import app
from gitops.errors import CommandError

URLS = {"gitea": "https://git.test", "github": "https://github.test"}
TOKENS = {"gitea": "GITEA_TOKEN", "github": "GH_ENTERPRISE_TOKEN"}


def run(text: str, *arguments: str, topic: str = "compare") -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["comment", "--topic", topic, *arguments], input=text)
    if isinstance(result.exception, CommandError):
        return 2, result.stdout, str(result.exception)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def summary(tmp_path: Path) -> str:
    file = tmp_path / "summary.md"
    return file.read_text(encoding="utf-8") if file.exists() else ""
