import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gitops.new.yaml_text import after_a_key, scalar


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\u2028\u2029\x85"), min_size=1))
def test_any_text_is_read_as_it_was_written_also_within_braces(text: str) -> None:
    assert yaml.safe_load(f"{{a: {scalar(text)}, b: 1}}") == {"a": text, "b": 1}


def test_what_people_write_without_quotes_has_none() -> None:
    for text in ("admin@homelab", "https://192.168.1.10:6443", "./clusters/homelab", "ghcr.io/fluxcd/flux-manifests:v2.9.4"):
        assert scalar(text) == text
    assert [scalar(text) for text in ("true", "1234", "2026-11-01", "2026-99-99", "@", "-")] == [
        '"true"',
        '"1234"',
        '"2026-11-01"',
        '"2026-99-99"',
        '"@"',
        '"-"',
    ]


@pytest.mark.parametrize(
    "text", ["[git.test]:2222 ssh-ed25519 AAAA", "git.test ssh-ed25519 AAAA", "@revoked git.test ssh-rsa AAAA", "# none"]
)
def test_a_line_of_known_hosts_is_read_as_it_was_written(text: str) -> None:
    assert yaml.safe_load(f"knownHosts: {after_a_key(text)}") == {"knownHosts": text}
    assert after_a_key("git.test ssh-ed25519 AAAA") == "git.test ssh-ed25519 AAAA"
