"""What looks like a secret: whatever shows a text that somebody wrote, or that another program said, asks here.

Two questions, as a mistake costs differently. *Hiding* passes whole messages: what is public (commits, digests, recipients, names)
must stay readable, so it looks for shapes that nothing else has, and for runs of letters that nobody would name something.
*Showing* decides whether one value is repeated at all: where there is a doubt, the message does without it.
"""

import itertools
import re

HIDDEN = "<looks like a secret>"
LONG_RUN = 20
"""Letters and digits without a blank or a sign between them: names are shorter, tokens are not."""
_TOKENS = (
    r"AGE-SECRET-KEY-[A-Z0-9-]{12,}",
    r"\bgh[pousr]_\w{8,}",
    r"\bgithub_pat_\w+",
    r"\bglpat-[\w-]+",
    r"\bxox[abprs]-[\w-]+",
    r"\bAKIA[0-9A-Z]{12,}",
    r"\beyJ[\w-]{10,}[\w.-]*",
)
"""age, GitHub (twice), GitLab, Slack, AWS, JWT."""
_IN_A_MESSAGE = re.compile("|".join((*_TOKENS, r"-----BEGIN [A-Z ]+-----.*")), re.DOTALL)
_LOGIN_IN_URL = re.compile(r"(?<=://)([^\s/@:'\"]*):[^\s/@'\"]*(?=@)")
_IN_A_VALUE = re.compile(
    r"AGE-SECRET-KEY|-----BEGIN|\beyJ|AKIA[0-9A-Z]{8}|\b(gh[opsur]_|github_pat_|glpat-|xox[a-z]-|sk-|hf_)|"
    r"https?://[^/\s]*@|://[^/\s]*:[^/\s]*@|^[^/\s@]+:[^/\s@]+@|[?&][^=\s]*(token|key|secret|password|sig)[^=\s]*=",
    re.IGNORECASE,
)
_RUN = re.compile(rf"[A-Za-z0-9+=]{{{LONG_RUN},}}")
_RUN_WITH_DASHES = re.compile(rf"[A-Za-z0-9+=_-]{{{LONG_RUN},}}")
_HEX = re.compile(rf"[0-9a-f]{{{LONG_RUN},}}")
_PUBLIC = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}|age1[02-9ac-hj-np-z]+|age1pq1[02-9ac-hj-np-z]+")
"""Commits, digests of artifacts, fingerprints of certificates and age recipients are public, and messages compare them."""
_ACCESS_TOKEN = re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{18,}|xox[abprs]-[\w-]{18,})")
_PRIVATE_KEY = re.compile(r"(?i)AGE-SECRET-KEY-|PRIVATE KEY-----")


def holds_private_key(text: str | None) -> bool:
    """Whether somebody wrote a private key there, of age or in PEM, with whatever around it."""
    return text is not None and _PRIVATE_KEY.search(text) is not None


def holds_access_token(text: str) -> bool:
    """Whether somebody wrote an access token there whose form says what it is: of GitHub, GitLab or Slack."""
    return _ACCESS_TOKEN.search(text) is not None


def without_tokens(text: str) -> str:
    """`text` without keys, tokens of a known form, and passwords in URLs. For what another program said, in words of its own."""
    return _IN_A_MESSAGE.sub(HIDDEN, _LOGIN_IN_URL.sub(r"\1:…", text))


def redacted(text: str) -> str:
    """`text` also without what looks like a key or a token of no known form. For messages of this program, the last door."""
    return _RUN_WITH_DASHES.sub(lambda run: HIDDEN if _is_random(run[0]) else run[0], without_tokens(_LOGIN_IN_URL.sub(HIDDEN, text)))


def looks_like_a_secret(name: str) -> bool:
    """Whether a name that somebody wrote has the shape of a key or a token."""
    return redacted(name) != name or "\n" in name or _HEX.search(name) is not None


def could_be_secret(value: str) -> bool:
    """Whether a value could be a key, a token or a URL with a password, so that no message repeats it."""
    return bool(_IN_A_VALUE.search(value) or _RUN.search(value)) or any(_is_mixed(run) for run in _RUN_WITH_DASHES.findall(value))


def name_could_be_secret(name: str) -> bool:
    """As `could_be_secret`, of the name of a field: those of Flux are long, and have capitals inside."""
    runs = _RUN_WITH_DASHES.findall(name)
    return bool(_IN_A_VALUE.search(name)) or any(_is_mixed(run) or _changes_case_often(run) for run in runs)


def _is_random(run: str) -> bool:
    """Digits among letters of both cases, or in one long word, or a case that keeps changing: nobody's name is like that."""
    if _PUBLIC.fullmatch(run):
        return False
    if run != run.lower() and run != run.upper() and sum(letter.isdigit() for letter in run) >= 2:
        return True
    return any(len(word) >= LONG_RUN and _many_digits(word) for word in re.split(r"[-_]", run)) or _changes_case_often(run)


def _is_mixed(run: str) -> bool:
    """Digits among letters, as in a UUID; a date or a year between dashes is not among letters."""
    return _many_digits("".join(word for word in re.split(r"[-_]", run) if not word.isdigit()))


def _many_digits(run: str) -> bool:
    return sum(letter.isdigit() for letter in run) >= 3


def _changes_case_often(run: str) -> bool:
    return sum(first.isupper() != second.isupper() for first, second in itertools.pairwise(run)) > len(run) * 0.4
