"""How a forge's REST API is asked: over one connection, as the owner of a token, and within bounds.

Never over http but on this machine, never on to another address when the answer is a redirection, and no answer that is larger than
`LARGEST_ANSWER` or takes longer than `ANSWER_SECONDS`: the server may be anyone's.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from flux.addresses import address_of, is_loopback
from flux.bounded_documents import Bounds, UnreadableError, json_value
from flux.environment import trusted_authorities
from flux.http_client import http_client
from flux.known_secrets import keep_secret
from flux.message import Message
from flux.time_limit import TimeLimitError, within
from gitops.errors import CommandError
from gitops.messages import LONGEST_SAID, one_line, redact, trim_middle

SECONDS = 30.0
"""How long a forge may say nothing."""
ANSWER_SECONDS = 60.0
LISTING_SECONDS = 180.0
LARGEST_ANSWER = Bounds(size=8 * 1024 * 1024, levels=50)
MOST_VALUES = 500_000
"""Of one answer."""
MOST_PAGES = 200
_NUMBER = re.compile(r"[0-9]{1,10}")


def as_said(words: str) -> str:
    """A forge's words on one line, short and without secrets."""
    return trim_middle(redact(one_line(words)), LONGEST_SAID)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a forge said."""

    status: int
    headers: Mapping[str, str]
    """Their names in lower case."""
    document: Any
    """None when it is not JSON, or too deep."""

    @property
    def is_success(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    @property
    def is_redirection(self) -> bool:
        """3xx."""
        return 300 <= self.status < 400

    def number(self, header: str) -> int | None:
        """The number in a header; None where there is none, or none that could be meant."""
        written = self.headers.get(header, "")
        return int(written) if _NUMBER.fullmatch(written) else None

    @property
    def said(self) -> str:
        """Its own words, on one line and without secrets."""
        words = self.document.get("message") if isinstance(self.document, dict) else None
        return as_said(str(words or httpx.codes.get_reason_phrase(self.status)))


class ForgeClient:
    """One API at one address, which `forge_url` has approved."""

    def __init__(self, kind: str, url: str, api: str, headers: Mapping[str, str]) -> None:
        """`url` is how people call it, `api` where its API is, `headers` say who asks."""
        self._kind, self._url = kind, url
        address = address_of(api)
        host = address.host if address else ""
        try:
            self._client = http_client(
                base_url=api,
                # Compressed answers are not asked for: a bound holds for what arrives, not for what comes of it.
                headers={"User-Agent": "gitops", "Accept-Encoding": "identity", **headers},
                timeout=SECONDS,
                follow_redirects=False,
                verify=trusted_authorities(),
                # a proxy of the environment is for the network, not for this machine
                mounts={f"all://{f'[{host}]' if ':' in host else host}": None} if is_loopback(host) else None,
            )
        except httpx.TransportError as error:
            raise self._unreachable(error) from None

    def close(self) -> None:
        """Give up the connections."""
        self._client.close()

    def ask(self, method: str, path: str, *, query: Mapping[str, int | str] | None = None, body: Mapping[str, Any] | None = None) -> Answer:
        """One request.

        Raises:
            CommandError: the forge cannot be reached, or says more than it should.
        """
        try:
            return within(ANSWER_SECONDS, lambda: self._received(method, path, query, body))
        except TimeLimitError:
            raise self._endless(f"takes longer than {ANSWER_SECONDS:.0f} s for an answer") from None
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def not_its_api(self, wrong: str, consequence: str = "Earlier changes remain; you can run the command again.") -> CommandError:
        """What to say of an answer that does not fit; `wrong`: `0.id: is missing`."""
        told = Message(f"{self._url} does not answer as {self._kind}'s API does ({wrong})", consequence, "Check the address: --api-url")
        return CommandError(told)

    def _received(self, method: str, path: str, query: Mapping[str, int | str] | None, body: Mapping[str, Any] | None) -> Answer:
        until = time.monotonic() + ANSWER_SECONDS
        with self._client.stream(method, path, params=query, json=body) as response:
            content = bytearray()
            for chunk in response.iter_raw():
                content += chunk
                if len(content) > LARGEST_ANSWER.size:
                    raise self._endless(f"answers with more than {LARGEST_ANSWER.size:,} bytes")
                if time.monotonic() > until:
                    raise TimeLimitError
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(status=response.status_code, headers=headers, document=_json(bytes(content)))

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

    def _endless(self, wrong: str) -> CommandError:
        return CommandError(Message(f"{self._url} {wrong}", f"No API of {self._kind} does.", "Check the address: --api-url"))


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
        return json_value(content, LARGEST_ANSWER, most_values=MOST_VALUES)
    except UnreadableError:
        return None
