"""The kinds of text in a credential, each with the sentence for one that is none. None of them is secret."""

from typing import Annotated

from pydantic import AfterValidator

from stacks.contract.text_kinds import Kind, wrong_text

_PRIVATE_KEY = (
    "holds a private key, but this file is no place for secrets: it would stand in Git and in the state in plain text. "
    "Take it out, make another key, and write the certificate alone"
)
_NO_CERTIFICATE = (
    "holds no certificate that can be read, so Flux would trust no server with it; write the PEM text that begins with BEGIN CERTIFICATE"
)


def _certificates(text: str) -> str:
    """One certificate or several, each of which can be read; never a private key."""
    from cryptography.x509 import load_pem_x509_certificates  # 0.1 s that a stack without certificates does not spend

    if "PRIVATE KEY" in text:
        raise wrong_text(_PRIVATE_KEY)
    try:
        load_pem_x509_certificates(text.encode())
    except ValueError:
        raise wrong_text(_NO_CERTIFICATE) from None
    return text


Certificates = Annotated[
    str,
    Kind(
        "PEM certificates",
        r"-----BEGIN CERTIFICATE-----",
        _NO_CERTIFICATE,
        ((r"PRIVATE KEY-----", _PRIVATE_KEY),),
        lines=True,
    ),
    AfterValidator(_certificates),
]
"""Certificates as PEM: one, or several after one another."""
GeneratedKeyName = Annotated[
    str,
    Kind(
        "name of a key",
        r"^(?!supplied$)[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$",
        'cannot name an SSH key: letters, digits, -, _ and . and at most 63 of them; write one like "2026-11"',
        ((r"^supplied$", 'is what `active` calls the key of the secret, so no generated key may; write a name like "2026-11"'),),
    ),
]
"""Name of a generated SSH key."""
ActiveKeyName = Annotated[
    str,
    Kind(
        "name of a key, or `supplied`",
        r"^[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$",
        "names no key, so Flux would have none; write one of `generated`, or supplied",
    ),
]
Number = Annotated[
    str,
    Kind(
        "number in quotes",
        r"^[0-9]+$",
        'is no number, so GitHub would not know the app; write the digits that the app\'s page shows, in quotes: "12345"',
    ),
]
HttpsUrl = Annotated[
    str,
    Kind(
        "https URL",
        r"^https://[^@/\s]+(/[^\s]*)?$",
        "is no https:// URL, so nothing could be asked there; write one like https://github.example.com/api/v3",
        ((r"^http://", "would send the app's credentials unencrypted; write https://"),),
    ),
]
RegistryServer = Annotated[
    str,
    Kind(
        "`host[:port]`",
        r"^(https://index\.docker\.io/v1/|(?!docker\.io$)[a-z0-9][-a-z0-9.]*(:[0-9]+)?)$",
        "is no registry's host, so Flux would not find the login; write host or host:port, without scheme and path: ghcr.io",
        (
            (
                r"^docker\.io$",
                "is not what Docker Hub's logins are looked up by, so Flux would pull as anybody; write https://index.docker.io/v1/",
            ),
            (r"^[a-z]+://", "has a scheme, but logins are looked up by host, so Flux would pull as anybody; write the host alone: ghcr.io"),
            (r"/", "has a path, but logins are looked up by host, so Flux would pull as anybody; write the host alone: ghcr.io"),
        ),
    ),
]
ProxyAddress = Annotated[
    str,
    Kind(
        "URL of a proxy",
        r"^(https?|socks5)://[^@/\s]+/?$",
        "is no address of a proxy that Flux takes, so it would fetch nothing; write http://host:port, https://… or socks5://…",
        (
            (
                r"^[a-z0-9]+://[^/@]*@",
                "holds a login, which everybody who reads this file would see; take it out, and write `username` beside it: "
                "the password is a secret of its own",
            ),
        ),
    ),
]
