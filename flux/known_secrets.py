"""The secrets that a run knows, masked exactly, in whatever form a text repeats them.

They are registered where they are read, and every door by which a text leaves asks here (`flux.secret_shapes`, `gitops.terminal`,
`stacks.words.log`). They lie neither in a global nor in a cache: `secrets_of_this_run` opens a registry and drops it at the end of its
`with`. A context variable carries it, because doors such as `str(problem)` take no argument, and a parameter could be forgotten in
one of them. What runs outside of a `with`, a test for instance, knows no secret of another run; a thread of its own is started
in a copy of the context (`copy_context`), as it does not inherit the variable.
"""

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 6
"""A shorter secret stands in ordinary words, which would become unreadable; and an attacker who may guess finds it anyway."""
SHORTEST_LINE = 16
"""Of a secret of several lines: shorter ones stand elsewhere, too."""
_FRAME = re.compile(r"-----(BEGIN|END) [^-]*-----")


class KnownSecrets:
    """Secrets to be masked. Shows none of them itself."""

    def __init__(self, *secrets: str | None) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._adding = threading.Lock()
        self.add(*secrets)

    def __repr__(self) -> str:
        return f"KnownSecrets({len(self._forms)} forms)"

    def add(self, *secrets: str | None) -> None:
        """Mask these, too; what is shorter than `SHORTEST` is left to its context and its shape."""
        new = {form for secret in secrets if secret for form in _forms(secret) if len(form) >= SHORTEST} - self._forms
        if not new:
            return
        with self._adding:
            self._forms = self._forms | new  # another set: `masked` looks at the one that it began with
            self._pattern = None

    def _compiled(self) -> re.Pattern[str] | None:
        """The pattern of all forms, made when a text is to be masked: made at each secret, many secrets would take quadratic time."""
        with self._adding:
            if self._pattern is None and self._forms:
                longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
                self._pattern = re.compile("|".join(re.escape(form) for form in longest_first))
            return self._pattern

    def masked(self, text: str) -> str:
        """`text` with `***` in place of each known secret. What is left of two halves can be one again, so until none is found."""
        # Most texts hold none. To find that out takes no pattern, which takes 0.1 s to make of a kubeconfig's keys.
        while any(form in text for form in self._forms) and (pattern := self._compiled()) is not None:
            text = pattern.sub(MASK, text)
        return text


_of_this_run: ContextVar[KnownSecrets | None] = ContextVar("known_secrets", default=None)


@contextmanager
def secrets_of_this_run() -> Iterator[KnownSecrets]:
    """Open a registry that ends with the `with`; inside of another one, that one."""
    if (known := _of_this_run.get()) is not None:
        yield known
        return
    token = _of_this_run.set(KnownSecrets())
    try:
        yield _of_this_run.get() or KnownSecrets()
    finally:
        _of_this_run.reset(token)


def keep_secret(*secrets: str | None) -> None:
    """Register what was just read with this run, if one is open."""
    if (known := _of_this_run.get()) is not None:
        known.add(*secrets)


def masked(text: str) -> str:
    """`text` without the secrets that this run knows."""
    known = _of_this_run.get()
    return text if known is None else known.masked(text)


def _forms(secret: str) -> Iterator[str]:
    """As it is, on one line, escaped as in JSON and in `repr`, quoted for a URL, in base64 by itself and within a longer text."""
    bare = secret.strip()
    if len(bare) < SHORTEST:
        return
    lines = [line.strip() for line in bare.splitlines()]
    telling = [line for line in lines if len(line) >= SHORTEST_LINE and not _FRAME.fullmatch(line)] if len(lines) > 1 else []
    for text in {secret, bare, *telling}:
        yield from {text, " ".join(text.split()), json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]}
        yield from {quote(text), quote(text, safe=""), quote_plus(text), re.sub("%..", lambda code: code[0].lower(), quote(text, safe=""))}
        yield from _in_base64(text.encode(errors="surrogatepass"))


def _in_base64(content: bytes) -> Iterator[str]:
    """The letters of base64 that `content` alone decides, for each of the three places where it may begin in what was encoded."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + content).decode()
        beginning = (0, 2, 3)[before]
        whole = encoded.rstrip("=")
        alone = whole[beginning:] if (before + len(content)) % 3 == 0 else whole[beginning:-1]
        yield from (alone, alone.replace("+", "-").replace("/", "_"))
    whole = base64.b64encode(content).decode()
    yield from (whole, whole.replace("+", "-").replace("/", "_"))
