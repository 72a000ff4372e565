"""What the check has to say about a file."""

from dataclasses import dataclass, field
from enum import StrEnum

from flux.message import Message, message
from flux.object_reference import ObjectReference
from flux.requirement import Requirement
from flux.secret_shapes import redacted


class Severity(StrEnum):
    """Whether the cluster is, or would be, broken by it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True, order=True)
class FileFinding:
    """One thing that is wrong, as `flux.finding.Finding` for files. Never holds a value that is, or could be, secret."""

    repository: str
    """Name of the source."""
    file: str
    """From the repository's root; empty for the repository as a whole."""
    line: int
    """From 1; 0 for the file as a whole."""
    requirement: Requirement
    """What does not hold."""
    severity: Severity
    message: Message
    object: ObjectReference | None = field(default=None, compare=False)
    """The object in the file that it is about; None: the file, or all that is in it."""
    acknowledged: str | None = field(default=None, compare=False)
    """Why the stack file accepts it; None: it does not."""

    @property
    def breaks(self) -> bool:
        """Whether it is an error that is not acknowledged."""
        return self.severity is Severity.ERROR and self.acknowledged is None

    @property
    def rule(self) -> str:
        """The name of what does not hold, as findings of `flux.rules` have it."""
        return self.requirement.name

    @property
    def text(self) -> str:
        """All parts of the message on one line."""
        return str(self.message) if self.message.consequence or self.message.fix else self.message.wrong

    @property
    def place(self) -> str:
        """`homelab-k8s2: kubernetes/apps/app.sops.yaml:3`."""
        return f"{self.repository}{f': {self.file}' if self.file else ''}{f':{self.line}' if self.line else ''}"


def error(
    requirement: Requirement, repository: str, file: str, text: Message | str, line: int = 0, about: ObjectReference | None = None
) -> FileFinding:
    """A finding that breaks something."""
    return _finding(Severity.ERROR, requirement, repository, file, text, line, about)


def warning(
    requirement: Requirement, repository: str, file: str, text: Message | str, line: int = 0, about: ObjectReference | None = None
) -> FileFinding:
    """A finding that will break something one day, or hides something."""
    return _finding(Severity.WARNING, requirement, repository, file, text, line, about)


def _finding(
    severity: Severity, requirement: Requirement, repository: str, file: str, text: Message | str, line: int, about: ObjectReference | None
) -> FileFinding:
    safe = message(text).by_part(redacted)
    return FileFinding(repository=repository, file=file, line=line, requirement=requirement, severity=severity, message=safe, object=about)
