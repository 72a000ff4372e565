"""What the stack file allows that is refused, kept or reported otherwise: each entry is a check that somebody switched off."""

from collections.abc import Iterator
from typing import Any

from gitops.compare.found_changes import Decision
from gitops.compare.own_words import coded
from gitops.compare.sentence import Sentence
from gitops.compare.stack_file_changes import acknowledged
from gitops.compare.stack_pair import Pair
from gitops.compare.value_text import text_of

_INSECURE, _TAKEN, _ACKNOWLEDGE, _RECORD = "insecureHosts", "removeTakenOver", "acknowledge", "checkRecord"
_KEYS = (_INSECURE, _TAKEN, _ACKNOWLEDGE, _RECORD)


def decisions_of_permissions(pair: Pair) -> Iterator[Decision]:
    """Those that come, with the reason that the file gives."""
    for kind, path, text in _sentences(pair) if all(map(pair.is_known, _KEYS)) else ():
        yield Decision(kind=kind, says=text, about=(".".join(path),), source=pair.source_of_fact(*path))


def _sentences(pair: Pair) -> Iterator[tuple[str, tuple[str, ...], Sentence]]:
    old, new = (_map(each) for each in pair.fact(_INSECURE))
    for host in [each for each in new if each not in old]:
        then = "anyone between them and the cluster can change what Flux applies"
        words = f"Sources may be fetched from {{}} without TLS: {then} (reason given in this change: {{}})"
        yield "insecure-host", (_INSECURE, host), coded(words, host, text_of(new[host]))
    if pair.fact(_TAKEN) == (False, True):
        then = "a later `pulumi destroy` also deletes objects that existed before this stack and were taken over"
        words = f"After the next `pulumi up`, {then}. Nothing is deleted now"
        yield "remove-taken-over", (_TAKEN,), coded(words)
    before, after = (acknowledged(each) for each in pair.fact(_ACKNOWLEDGE))
    for finding in [each for each in after if each not in before]:
        words = "`gitops check` no longer fails because of {} (reason given in this change: {})"
        yield "acknowledged", (_ACKNOWLEDGE, finding), coded(words, finding, after[finding])
    was, becomes = pair.fact(_RECORD)
    if was != becomes:
        words = "Another file says which age keys are needed: {} instead of {}"
        yield "record", (_RECORD,), coded(words, text_of(becomes or "the default"), text_of(was or "the default"))


def _map(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}
