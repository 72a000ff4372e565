"""A secret that a run knows is masked exactly, in every form in which a program repeats it, and for as long as the run lasts."""

import base64
import json
import string
import threading
from contextvars import copy_context
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.known_secrets import MASK, SHORTEST, KnownSecrets, keep_secret, masked, secrets_of_this_run
from flux.secret_shapes import redacted, without_tokens
from flux.visible_text import visible

PRINTABLE = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=SHORTEST, max_size=60)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
KEY = "\n".join(
    ["-----BEGIN " + "OPENSSH PRIVATE KEY-----", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU", "AAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz", "-----END -----"]
)


def test_a_known_secret_is_masked() -> None:
    assert KnownSecrets("hunter2").masked("git said hunter2, twice: hunter2") == "git said ***, twice: ***"


@pytest.mark.parametrize(
    "form",
    [
        lambda secret: base64.b64encode(secret.encode()).decode(),
        lambda secret: base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
        lambda secret: base64.b64encode(f"u:{secret}".encode()).decode(),
        lambda secret: base64.b64encode(f"us:{secret}".encode()).decode(),
        lambda secret: base64.b64encode(f"user:{secret}\n".encode()).decode(),
        quote,
        quote_plus,
        lambda secret: quote(secret, safe=""),
        lambda secret: quote(secret, safe="").lower(),
        json.dumps,
        repr,
        lambda secret: " ".join(secret.split()),
    ],
)
def test_every_form_in_which_a_program_repeats_it_is_masked(form: "type[str]") -> None:
    secret = 'correct horse/battery?"staple"  \N{LATIN SMALL LETTER E WITH ACUTE}'.lower()
    said = form(secret)

    shown = KnownSecrets(secret).masked(f"it said {said} and ended")

    assert MASK in shown
    assert not {said[start : start + 10] for start in range(len(said) - 9)} & {shown[start : start + 10] for start in range(len(shown) - 9)}


def test_a_line_of_a_key_is_masked_and_the_frame_of_all_keys_is_not() -> None:
    known = KnownSecrets(KEY)

    assert known.masked(f"error at {KEY.splitlines()[1]}") == "error at ***"
    assert known.masked(" ".join(KEY.split())) == MASK
    assert known.masked("-----END -----") == "-----END -----"


@pytest.mark.parametrize("short", ["", "a", "flux", "12345", "  abc  "])
def test_what_is_too_short_to_be_a_secret_masks_no_word(short: str) -> None:
    assert KnownSecrets(short, None).masked(f"say {short} to fluxcd 123456") == f"say {short} to fluxcd 123456"


def test_the_registry_shows_none_of_its_secrets() -> None:
    assert "hunter2" not in repr(KnownSecrets("hunter2"))
    assert "hunter2" not in str(KnownSecrets("hunter2"))


def test_a_run_forgets_its_secrets_when_it_ends_even_by_an_error() -> None:
    def fail() -> None:
        with secrets_of_this_run():
            keep_secret("hunter2")
            assert masked("hunter2") == MASK
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert masked("hunter2") == "hunter2"


def test_outside_of_a_run_nothing_is_kept() -> None:
    keep_secret("hunter2")

    assert masked("hunter2") == "hunter2"
    with secrets_of_this_run():
        assert masked("hunter2") == "hunter2", "a run knows a secret of what came before it"


def test_a_run_within_a_run_is_the_same_run() -> None:
    with secrets_of_this_run() as outer:
        with secrets_of_this_run() as inner:
            keep_secret("hunter2")
        assert inner is outer
        assert masked("hunter2") == MASK, "what is shown after the inner one ended shows its secrets"


def test_a_thread_in_a_copy_of_the_context_tells_the_run_what_it_reads() -> None:
    with secrets_of_this_run():
        thread = threading.Thread(target=copy_context().run, args=(keep_secret, "hunter2"))
        thread.start()
        thread.join()

        assert masked("hunter2") == MASK


@given(secret=PRINTABLE, before=ANY, after=ANY)
def test_wherever_a_known_secret_stands_no_door_shows_it(secret: str, before: str, after: str) -> None:
    with secrets_of_this_run():
        keep_secret(secret)
        for door in (masked, without_tokens, redacted):
            shown = door(f"{before}{secret}{after}")
            assert secret not in shown
            assert secret not in visible(shown)


@pytest.mark.thorough
@given(secrets=st.lists(PRINTABLE, min_size=1, max_size=4), parts=st.lists(ANY, min_size=5, max_size=5), order=st.permutations(range(4)))
def test_several_secrets_among_and_within_each_other_are_all_masked(secrets: list[str], parts: list[str], order: list[int]) -> None:
    chosen = [secrets[index % len(secrets)] for index in order]
    text = "".join(part + secret for part, secret in zip(parts, [*chosen, ""], strict=True))

    shown = KnownSecrets(*secrets).masked(text)

    assert not [secret for secret in secrets if secret in shown]


@pytest.mark.thorough
@given(secret=st.text(string.printable, min_size=SHORTEST, max_size=80), before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_base64_of_what_holds_a_secret_gives_none_of_its_letters_away(secret: str, before: bytes, after: bytes) -> None:
    if len(secret.strip()) < SHORTEST:
        return
    encoded = base64.b64encode(before + secret.strip().encode() + after).decode()

    assert len(KnownSecrets(secret).masked(encoded)) < len(encoded)
