"""How a forge's REST API is asked: over one connection, as the owner of a token, and within bounds.

Never over http but on this machine, never on to another address when the answer is a redirection, and no answer longer than
`LARGEST_ANSWER` is read: the server may be anyone's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from flux.addresses import address_of, is_loopback
from flux.known_secrets import keep_secret
from flux.message import Message
from gitops.errors import CommandError
from gitops.messages import LONGEST_SAID, one_line, redact, trim_middle

SECONDS = 30.0
LARGEST_ANSWER = 8 * 1024 * 1024
MOST_PAGES = 200


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a forge said."""

    status: int
    headers: Mapping[str, str]
    """Their names in lower case."""
    document: Any
    """None when it is not JSON."""

    @property
    def is_success(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    @property
    def is_redirection(self) -> bool:
        """3xx."""
        return 300 <= self.status < 400

    @property
    def said(self) -> str:
        """Its own words, on one line and without secrets."""
        words = self.document.get("message") if isinstance(self.document, dict) else None
        return trim_middle(redact(one_line(str(words or httpx.codes.get_reason_phrase(self.status)))), LONGEST_SAID)


class ForgeClient:
    """One API at one address, which `forge_url` has approved."""

    def __init__(self, kind: str, url: str, api: str, headers: Mapping[str, str]) -> None:
        """`url` is how people call it, `api` where its API is, `headers` say who asks."""
        self._kind, self._url = kind, url
        address = address_of(api)
        host = address.host if address else ""
        self._client = httpx.Client(
            base_url=api,
            headers={"User-Agent": "gitops", **headers},
            timeout=SECONDS,
            follow_redirects=False,
            # a proxy of the environment is for the network, not for this machine
            mounts={f"all://{f'[{host}]' if ':' in host else host}": None} if is_loopback(host) else None,
        )

    def close(self) -> None:
        """Give up the connections."""
        self._client.close()

    def ask(self, method: str, path: str, *, query: Mapping[str, int] | None = None, body: Mapping[str, Any] | None = None) -> Answer:
        """One request.

        Raises:
            CommandError: the forge cannot be reached, or says more than it should.
        """
        try:
            with self._client.stream(method, path, params=query, json=body) as response:
                content = bytearray()
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > LARGEST_ANSWER:
                        raise self._too_much()
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status_code, headers=headers, document=_json(bytes(content)))
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def _unreachable(self, error: httpx.HTTPError) -> CommandError:
        said = trim_middle(redact(one_line(str(error))), LONGEST_SAID) or type(error).__name__
        private = " To trust a private CA: export SSL_CERT_FILE=FILE" if "CERTIFICATE" in said.upper() else ""
        return CommandError(
            Message(
                f"{self._kind} at {self._url} cannot be reached: {said}",
                "Earlier changes remain; you can run the command again.",
                f"Check the address: --api-url.{private}",
            )
        )

    def _too_much(self) -> CommandError:
        return CommandError(
            Message(
                f"{self._url} answers with more than {LARGEST_ANSWER} bytes",
                f"The API of {self._kind} never answers with that much.",
                "Check the address: --api-url",
            )
        )


def usable_token(token: str | None, variables: str, consequence: str, fix: str) -> str:
    """The token of an environment variable; `variables` is how messages call it.

    Raises:
        CommandError: it is not set, or could not be a token.
    """
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        what = "is not set" if not token else "contains a character that no token can have"
        raise CommandError(Message(f"The environment variable {variables} {what}", consequence, fix))
    keep_secret(token)
    return token


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
