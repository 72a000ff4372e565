"""What the check has to say about a file."""

from dataclasses import dataclass
from enum import StrEnum


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
class Finding:
    """One thing that is wrong. Never holds a value that is, or could be, secret."""

    repository: str
    """Name of the source."""
    file: str
    """From the repository's root; empty for the repository as a whole."""
    line: int
    """From 1; 0 for the file as a whole."""
    kind: Kind
    severity: Severity
    text: str
    """What is wrong; what it causes; what to do."""

    @property
    def place(self) -> str:
        """`homelab-k8s2: kubernetes/apps/app.sops.yaml:3`."""
        return f"{self.repository}{f': {self.file}' if self.file else ''}{f':{self.line}' if self.line else ''}"


def error(kind: Kind, repository: str, file: str, text: str, line: int = 0) -> Finding:
    """A finding that breaks something."""
    return Finding(repository=repository, file=file, line=line, kind=kind, severity=Severity.ERROR, text=text)


def warning(kind: Kind, repository: str, file: str, text: str, line: int = 0) -> Finding:
    """A finding that will break something one day, or hides something."""
    return Finding(repository=repository, file=file, line=line, kind=kind, severity=Severity.WARNING, text=text)
