"""What the check has to say about a file."""

from dataclasses import dataclass, field
from enum import StrEnum

from flux.message import Message, message
from flux.object_reference import ObjectReference


class Severity(StrEnum):
    """Whether the cluster is, or would be, broken by it."""

    ERROR = "error"
    WARNING = "warning"


class Kind(StrEnum):
    """Stable names of what can be found; docs/check.md explains each."""

    UNREADABLE = "unreadable"
    NEEDS_REMOVED_KEY = "needs-removed-key"
    NOT_DECRYPTED = "not-decrypted"
    ENCRYPTED_METADATA = "encrypted-metadata"
    PLAIN_SECRET = "plain-secret"  # noqa: S105 (a name)
    NOT_ENCRYPTED = "not-encrypted"
    ENCRYPTED_ONE_BY_ONE = "encrypted-one-by-one"
    NO_RULE = "no-rule"
    RULE_ENCRYPTS_METADATA = "rule-encrypts-metadata"
    RULE_LEAVES_PLAIN = "rule-leaves-plain"
    RULE_LACKS_NEWEST_KEY = "rule-lacks-newest-key"
    OWNED_BY_STACK = "owned-by-stack"
    SUBSTITUTES_ITS_OWN = "substitutes-its-own"
    SUBSTITUTES_FROM_NOWHERE = "substitutes-from-nowhere"
    MISSING_PATH = "missing-path"
    NOT_YAML = "not-yaml"
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, kw_only=True, order=True)
class FileFinding:
    """One thing that is wrong, as `flux.finding.Finding` for files. Never holds a value that is, or could be, secret."""

    repository: str
    """Name of the source."""
    file: str
    """From the repository's root; empty for the repository as a whole."""
    line: int
    """From 1; 0 for the file as a whole."""
    kind: Kind
    severity: Severity
    message: Message
    object: ObjectReference | None = field(default=None, compare=False)
    """The object in the file that it is about; None: the file, or all that is in it."""

    @property
    def rule(self) -> str:
        """The name of what found it, as findings of `flux.rules` have one."""
        return self.kind.value

    @property
    def text(self) -> str:
        """All parts of the message on one line."""
        return str(self.message) if self.message.consequence or self.message.fix else self.message.wrong

    @property
    def place(self) -> str:
        """`homelab-k8s2: kubernetes/apps/app.sops.yaml:3`."""
        return f"{self.repository}{f': {self.file}' if self.file else ''}{f':{self.line}' if self.line else ''}"


def error(kind: Kind, repository: str, file: str, text: Message | str, line: int = 0, about: ObjectReference | None = None) -> FileFinding:
    """A finding that breaks something."""
    return _finding(Severity.ERROR, kind, repository, file, text, line, about)


def warning(
    kind: Kind, repository: str, file: str, text: Message | str, line: int = 0, about: ObjectReference | None = None
) -> FileFinding:
    """A finding that will break something one day, or hides something."""
    return _finding(Severity.WARNING, kind, repository, file, text, line, about)


def _finding(
    severity: Severity, kind: Kind, repository: str, file: str, text: Message | str, line: int, about: ObjectReference | None
) -> FileFinding:
    return FileFinding(repository=repository, file=file, line=line, kind=kind, severity=severity, message=message(text), object=about)
