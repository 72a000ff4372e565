"""How plain git, as `gitops check` runs it, logs in with a credential of the stack. Secrets are never shown, nor in `repr`."""

from collections.abc import Callable
from dataclasses import dataclass, field

ReadField = Callable[[str], str | None]
"""Field of the credential's secrets (`password`) → its value, when it is at hand."""


@dataclass(frozen=True, kw_only=True)
class SshKeyLogin:
    """With a private key."""

    private_key: str = field(repr=False)
    passphrase: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class HttpHeaderLogin:
    """With a header of HTTP."""

    authorization: str = field(repr=False)
    """Its value: `Basic …`, `Bearer …`."""
    secrets: tuple[str, ...] = field(repr=False)
    """What of it must never be shown, in every form."""


@dataclass(frozen=True, kw_only=True)
class ClientCertificateLogin:
    """With a certificate over TLS."""

    certificate: str
    private_key: str = field(repr=False)


PlainGitLogin = SshKeyLogin | HttpHeaderLogin | ClientCertificateLogin
