"""What looks like a secret, and therefore never stands in a message, not even as a misspelt name.

Messages are made of names and of values that their makers found harmless. This is the last door behind all of them: somebody may
have pasted a key or a token where a name belongs.
"""

import itertools
import re

HIDDEN = "<looks like a secret>"
_SHAPES = re.compile(
    r"AGE-SECRET-KEY-[A-Z0-9-]{12,}|-----BEGIN [A-Z ]+-----.*|\bgh[pousr]_\w{8,}|\bgithub_pat_\w+|\bglpat-[\w-]+|\bxox[abprs]-[\w-]+"
    r"|\bAKIA[0-9A-Z]{12,}|\beyJ[\w-]{10,}[\w.-]*|(?<=://)[^\s/@:]*:[^\s/@]*(?=@)",
    re.DOTALL,
)
_RUN = re.compile(r"[A-Za-z0-9+=_-]{20,}")
_PUBLIC = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}|age1[02-9ac-hj-np-z]+|age1pq1[02-9ac-hj-np-z]+")
"""Commits, digests of artifacts, fingerprints of certificates and age recipients are public, and messages compare them."""


def redacted(text: str) -> str:
    """`text` without what looks like a key, a token, or a password in a URL."""
    return _RUN.sub(lambda run: HIDDEN if _is_random(run[0]) else run[0], _SHAPES.sub(HIDDEN, text))


def looks_like_a_secret(name: str) -> bool:
    """Whether a name that somebody wrote has the shape of a key or a token."""
    return redacted(name) != name or "\n" in name or re.search(r"[0-9a-f]{20,}", name) is not None


def _is_random(run: str) -> bool:
    """Digits among letters of both cases, or in one long word, or a case that keeps changing: nobody's name is like that."""
    if _PUBLIC.fullmatch(run):
        return False
    digits = sum(letter.isdigit() for letter in run)
    both_cases = run != run.lower() and run != run.upper()
    if both_cases and digits >= 2:
        return True
    if any(len(word) >= 20 and sum(letter.isdigit() for letter in word) >= 3 for word in re.split(r"[-_]", run)):
        return True
    changes = sum(first.isupper() != second.isupper() for first, second in itertools.pairwise(run))
    return changes > len(run) * 0.4
