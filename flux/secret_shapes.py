"""What looks like a secret: whatever shows a text that a person wrote, or that another program said, asks here.

Two questions, as a mistake costs differently. *Hiding* passes whole messages: what is public (commits, digests, recipients, names)
must stay readable. It masks the secrets that the run knows, exactly; then what has the form of a token, or stands where secrets do;
then runs of letters that are no name. *Showing* decides whether one value is repeated at all: where there is a doubt,
the message does without it. What must and must not show is the table of tests/security/test_redaction.py.
"""

import re
from collections.abc import Iterator

from flux.known_secrets import masked
from flux.random_text import LONG_RUN, changes_case_often, is_random, is_random_base64, many_digits
from flux.secret_patterns import (
    ASSIGNED,
    AUTH,
    BEHIND_ITS_WORD,
    FIELD,
    IN_A_HEADER,
    IN_A_QUERY,
    LOGIN_IN_URL,
    OPTION,
    PEM,
    PLAIN_USER,
    PRIVATE_KEY_IN_BASE64,
    PUBLIC,
    QUOTED_FIELD,
    TOKEN_IN_URL,
    TOKENS,
    WEBHOOKS,
)

HIDDEN = "<looks like a secret>"
_PLACES = (WEBHOOKS, IN_A_HEADER, QUOTED_FIELD, ASSIGNED, IN_A_QUERY, AUTH, OPTION, BEHIND_ITS_WORD, FIELD)
"""Each keeps what stands before the secret, its first group."""
_PLACED = re.compile(r"(?i)-----BEGIN|pass|pwd|token|secret|key|auth|basic|bearer|[?&]|hooks?")
"""One of these is in every text of which a place tells something: most texts have none, and are read once."""
_PEM = re.compile(PEM, re.DOTALL)
_TOKEN = re.compile("|".join(TOKENS))
_IN_A_VALUE = re.compile(
    r"AGE-SECRET-KEY|-----BEGIN|\beyJ|AKIA[0-9A-Z]{8}|\b(gh[opsur]_|github_pat_|glpat-|xox[a-z]-|sk-|hf_)|"
    r"https?://[^/\s]*@|://[^/\s:]*:[^/\s]*@|^[^/\s:@]+:[^/\s@]+@|[?&][^=\s?&]{0,60}(token|key|secret|password|sig)[^=\s?&]{0,60}=",
    re.IGNORECASE,
)
"""No two parts of an alternative can take the same sign for long: a text of megabytes takes as many steps."""
_RUN = re.compile(rf"[A-Za-z0-9+=]{{{LONG_RUN},}}")
_RUN_WITH_DASHES = re.compile(rf"[A-Za-z0-9+=_-]{{{LONG_RUN},}}")
_JUDGED = re.compile(
    rf"(?P<public>{PUBLIC.pattern})|(?<![\w./+-])(?P<base64>[A-Za-z0-9+/]{{24,}}={{0,2}})(?![\w/+-]|\.\w)|(?P<run>{_RUN_WITH_DASHES.pattern})"
)
_HASH_IN_A_NAME, _EXTENSION = re.compile(r"(?<![A-Za-z0-9])[0-9a-f]{32}$"), re.compile(r"\.(?:ya?ml|json|tgz|tar|gz|zip|txt|log)\b")
_HEX = re.compile(rf"[0-9a-f]{{{LONG_RUN},}}")
_ACCESS_TOKEN = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent)-[\w-]{18,}|"
    r"xox[abeoprs]-[\w-]{18,}|xapp-\d-[\w-]{18,}|hv[bsr]\.[\w-]{20,}|dckr_[po]at_[\w-]{20,}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{40,}|"
    r"pul-[0-9a-f]{40}\b|AIza[\w-]{35}|d[op][opr]_v1_[0-9a-f]{40,}|(?<![\w-])eyJ[\w-]{16,}\.eyJ[\w-]{16,}\.[\w-]{16,})"
)
_WHOLE_PRIVATE_KEY = re.compile(
    rf"(?i:AGE-SECRET-KEY-(?:PQ-)?1[02-9ac-hj-np-z]{{10,}})|(?:{PRIVATE_KEY_IN_BASE64})[A-Za-z0-9+/_-]{{10,}}|"
    r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----[^-]{0,400}?[A-Za-z0-9+/]{40}"
)
_PRIVATE_KEY = re.compile(r"(?i:AGE-SECRET-KEY-|PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d)|" + PRIVATE_KEY_IN_BASE64)


def holds_private_key(text: str | None) -> bool:
    """Whether the text holds a private key, of age, in PEM, of PGP (each also in base64) or of PuTTY, with whatever around it."""
    return text is not None and _PRIVATE_KEY.search(text) is not None


def whole_secrets(text: str) -> Iterator[re.Match[str]]:
    """The private keys and access tokens in `text`, which may be anything: of a mere beginning, as in an explanation, there is none."""
    for pattern in (_WHOLE_PRIVATE_KEY, _ACCESS_TOKEN):
        yield from pattern.finditer(text)


def holds_access_token(text: str) -> bool:
    """Whether the text holds an access token whose form says what it is, such as one of GitHub, or a JWT."""
    return _ACCESS_TOKEN.search(text) is not None


def without_tokens(text: str) -> str:
    """`text` without the run's secrets, without keys and tokens of a known form, and without what stands where secrets do.

    For what another program said, in words of its own.
    """
    return masked(_TOKEN.sub(HIDDEN, TOKEN_IN_URL.sub(rf"\1{HIDDEN}", LOGIN_IN_URL.sub(_login, _without_places(masked(text))))))


def redacted(text: str) -> str:
    """`text` also without what looks like a key or a token of no known form. For messages of this program, the last door."""
    return masked(_JUDGED.sub(_judged, without_tokens(LOGIN_IN_URL.sub(HIDDEN, masked(text)))))


def looks_like_a_secret(name: str) -> bool:
    """Whether a name has the shape of a key or a token."""
    return redacted(name) != name or "\n" in name or _HEX.search(name) is not None


def could_be_secret(value: str) -> bool:
    """Whether a value could be a key, a token or a URL with a password, so that no message repeats it."""
    return bool(_IN_A_VALUE.search(value) or _RUN.search(value)) or any(_is_mixed(run) for run in _RUN_WITH_DASHES.findall(value))


def name_could_be_secret(name: str) -> bool:
    """As `could_be_secret`, of the name of a field: those of Flux are long, and have capitals inside."""
    runs = _RUN_WITH_DASHES.findall(name)
    return bool(_IN_A_VALUE.search(name)) or any(_is_mixed(run) or changes_case_often(run) for run in runs)


def _without_places(text: str) -> str:
    if _PLACED.search(text) is None:
        return text
    text = _PEM.sub(HIDDEN, text)
    for place in _PLACES:
        text = place.sub(rf"\1{HIDDEN}", text)
    return text


def _login(login: re.Match[str]) -> str:
    """Whose login it is, where that is a name: GitHub takes a token as the user, too."""
    user = login[1]
    return f"{user}:…" if not user or PLAIN_USER.fullmatch(user) else f"{HIDDEN}:…"


def _judged(found: re.Match[str]) -> str:
    if found["public"]:
        return found[0]
    if found["base64"]:
        return HIDDEN if is_random_base64(found[0]) else _RUN_WITH_DASHES.sub(lambda run: HIDDEN if is_random(run[0]) else run[0], found[0])
    named = _HASH_IN_A_NAME.sub("", found[0]) if _EXTENSION.match(found.string, found.end()) else found[0]
    return HIDDEN if is_random(named) else found[0]


def _is_mixed(run: str) -> bool:
    """Digits among letters, as in a UUID; a date or a year between dashes is not among letters."""
    return many_digits("".join(word for word in re.split(r"[-_]", run) if not word.isdigit()))
