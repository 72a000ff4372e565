"""One long text: what its author commits, and every reader looks at sign by sign, takes as many steps as it has signs."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from flux.addresses import is_host_and_port
from flux.keys.age_identity import recipient_of
from flux.minor_version import minor_of
from flux.patching.selectors import has_labels
from flux.release.wrong_flags import _wrong_value
from flux.schema.durations import suggestion
from flux.schema.mismatch import Mismatch
from flux.schema.served import _priority
from flux.schema.urls import about_url
from flux.secret_shapes import could_be_secret, redacted, whole_secrets, without_tokens
from gitops.check.follow.kustomization_fields import is_fetched, is_like_an_address
from gitops.check.follow.kustomize_build import is_only_variables
from gitops.check.follow.kustomize_errors import reason, shown_id
from gitops.check.repository.sops_file import _flat_groups

LENGTH = 200_000
DIGITS = "9" * 5_000


def age_key(text: str) -> None:
    with pytest.raises(ValueError, match=r"identity|key|recipient"):
        recipient_of(text)


def url(text: str) -> None:
    about_url(Mismatch(path=("spec", "url"), keyword="pattern", value=text, node={"type": "string", "pattern": "^(http|https|ssh)://.*$"}))


READERS: dict[str, tuple[Callable[[str], Any], tuple[str, ...]]] = {
    "a value of a Secret": (is_only_variables, ("${", "${A", "}", "${A}${")),
    "a selector of labels": (lambda text: has_labels(text, {}), (",", "a,", "a in (", "!", "a=")),
    "an entry of a kustomization.yaml": (
        lambda text: (is_fetched(text), is_like_an_address(text)),
        ("a.", "/", "a@", ":", "https://", "a.b/", ".git", "?", "git::"),
    ),
    "an error of kustomize": (lambda text: (reason(text), shown_id(text)), ("`", "[", "{", '"', "accumulating ", "a.", "/", ": ")),
    "an encrypted dotenv file": (
        lambda text: _flat_groups(f"sops_{text}"),
        (" ", "age__list_1__map_", "\n", "shamir_threshold\n", "sops_"),
    ),
    "a value that may be secret": (could_be_secret, ("a:", "?", "&token", "://", "?key", "?a=", "@", "http://a", "-", "eyJ")),
    "a stack file as a whole": (
        lambda text: list(whole_secrets(text)),
        ("-eyJaaaaaaaaaaaaaaaaa", "-----BEGIN PRIVATE KEY-----", "AGE-SECRET-KEY-1", "LS0tLS1CRUdJTiBQUklWQVRFIEtFWQ"),
    ),
    "a message": (redacted, ("a:", "?", "&token", "://", "key", "password", "-----BEGIN ", "{", "eyJ.", "a.", "token ")),
    "an error of a server": (without_tokens, ("a:", "?", "&token", "://", "key", "password", "-----BEGIN ", "{", "eyJ.", "a.")),
    "an age identity": (age_key, ("\n", " ", "age1", "-----BEGIN ", "A")),
    "a URL": (url, ("A", ".", "a.", "/", ":", "a@")),
    "an interval": (lambda text: suggestion(text, ["h", "m", "s"]), ("0", "1h ", " ", "and ", "1.")),
}
CASES = [pytest.param(read, piece, id=f"{name}: {piece!r}") for name, (read, pieces) in READERS.items() for piece in pieces]


@pytest.mark.parametrize("end", ["", " x"])
@pytest.mark.parametrize(("read", "piece"), CASES)
def test_a_text_of_one_piece_keeps_its_reader_busy(read: Callable[[str], Any], piece: str, end: str) -> None:
    started = time.process_time()
    read(piece * (LENGTH // len(piece)) + end)
    assert time.process_time() - started < 5, "its steps grow with the square of its length"


NUMBERS: dict[str, Callable[[], Any]] = {
    "the threshold of an encrypted dotenv file": lambda: _flat_groups(
        f"sops_age__list_0__map_recipient=a\nsops_shamir_threshold={DIGITS}\n"
    ),
    "a version": lambda: minor_of(f"v{DIGITS}.{DIGITS}.{DIGITS}"),
    "a version of a CRD": lambda: _priority(f"v{DIGITS}beta{DIGITS}"),
    "a port": lambda: is_host_and_port(f"host:{DIGITS}"),
    "a flag": lambda: [_wrong_value(kind, DIGITS) for kind in ("int", "uint16", "int32", "int64")],  # type: ignore[arg-type]
    "an interval": lambda: suggestion(f"{DIGITS}h", ["h"]),
}


@pytest.mark.parametrize("read", NUMBERS.values(), ids=NUMBERS)
def test_a_number_of_5000_digits_ends_its_reader(read: Callable[[], Any]) -> None:
    """Python refuses to convert one, with a ValueError that nobody expects."""
    read()


@pytest.mark.harmless
def test_what_is_read_reads_as_before() -> None:
    assert [is_only_variables(text) for text in ("", None, " ${A} ${B:=x}\n", "${A}b", "${A", "a}", "$${A}", 7)] == [
        *(True, True, True, False, False, False, False, False),
    ]
    assert [
        is_fetched(text) for text in ("./a", "a@b.yaml", "github.com/a/b", "HTTPS://a/b", "me@host:a", "git::https://a/b", "a.b/c.git")
    ] == [
        *(False, False, True, True, True, True, False),
    ]
    assert [is_like_an_address(text) for text in ("../a.b/c", "oci://a/b", "a.b/c.git", "a.b/c//d", "a/b?ref=c")] == [
        False,
        True,
        True,
        True,
        True,
    ]
    assert (
        reason("error: accumulating resources: accumulation err='merging x [a [b] c]: `patch: word` is wrong'") == "merging x …: … is wrong"
    )
    secret = ("https://u:p@host/", "ssh://u:p@host", "user:word@host", "https://x/?a=b&token=c", "https://x?api_key_id=c")
    assert all(map(could_be_secret, secret))
    assert not any(map(could_be_secret, ("https://host/a?b=c", "host:22", "git@host:a/b", "a:b", "?token&x=1")))
    assert (minor_of("v2.9.4"), minor_of("2.9"), minor_of("x")) == ((2, 9), (2, 9), None)
