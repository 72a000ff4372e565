"""The author of a synced repository declares a GitRepository with a URL of their choice: no login goes to a server it is not for."""

import io
from pathlib import Path

import pytest

from gitops.check.fetch.clone import Source
from gitops.check.fetch.declared_sources import DeclaredSources
from gitops.check.fetch.fetching import Fetcher
from gitops.check.fetch.git_login import Access
from gitops.check.follow.declared_source import DeclaredSource

LOGIN = Access(own=True, settings={"http.https://git.test/a.git.extraHeader": "Authorization: x"})
STACK = {
    "a": Source(name="a", url="https://git.test/a.git", spec={"secretRef": {"name": "reader"}}, access=LOGIN),
    "b": Source(name="b", url="ssh://git@git.test:2222/b.git", spec={"secretRef": {"name": "key"}}, access=LOGIN),
    "c": Source(name="c", url="https://elsewhere.test/c.git", spec={"secretRef": {"name": "other"}}, access=LOGIN),
}
NEVER_ASKED = (
    "https://evil.test/a.git",
    "https://git.test.evil.test/a.git",
    "https://git.test@evil.test/a.git",
    "https://git.test\\@evil.test/a.git",
    "https://evil.test\\@git.test/a.git",
    "https://git.test:443@evil.test/a.git",
    "https://user:password@git.test/a.git",
    "https://git.test:8443/a.git",
    "http://git.test/a.git",
    "ssh://git@git.test/b.git",
    "ssh://git@git.test:22/b.git",
    "ssh://-oProxyCommand=id@git.test:2222/b.git",
    "ssh://git@-oProxyCommand=id/b.git",
    "git@git.test:a.git",
    "oci://git.test/a",
    "ext::sh -c id",
    "file:///etc",
    "/etc",
    "../a.git",
    "https://git.test/a.git#@evil.test",
    "https://git.test/a.git?x=@evil.test",
    "https://git.test/../../a.git",
    "https://git.test/%2e%2e/a.git",
    "https://git.test/--upload-pack=id",
    "https://git.test/a.git\nhttps://evil.test",
    "https://git.test/a b",
    "https://g\u0131t.test/a.git",
    "https://[::1]/a.git",
    "https://git.test:0/a.git",
    "https://git.test:99999999/a.git",
    "https:///a.git",
    "",
)


def asked_for(url: str, secret: str, namespace: str = "flux-system") -> tuple[str, Source | None, list[str]]:
    sent: list[str] = []
    fetcher = Fetcher({}, Path("unused"), io.StringIO())

    def access_of(to: str, name: str) -> Access:
        sent.append(f"{name} to {to}")
        return LOGIN

    spec = {"url": url, "secretRef": {"name": secret}}
    declared = DeclaredSource(namespace=namespace, name="it", spec=spec, repository="a", file="it.yaml", line=1)
    return DeclaredSources(STACK, access_of, fetcher).admit(declared), fetcher.sources.get(declared.key), sent


@pytest.mark.parametrize("url", NEVER_ASKED)
def test_nothing_is_asked_of_a_server_that_the_stack_does_not_fetch_from(url: str) -> None:
    why, source, sent = asked_for(url, "reader")

    assert why.startswith(("has a URL", "is on a server"))
    assert (source, sent) == (None, [])


@pytest.mark.parametrize("secret", ["key", "other", "nobody"])
def test_a_login_is_not_sent_to_another_server_of_the_stack(secret: str) -> None:
    _, source, sent = asked_for("https://git.test/private.git", secret)

    assert source is not None
    assert (source.access, sent) == (Access(), [])


def test_a_login_is_not_sent_for_a_secret_of_another_namespace() -> None:
    _, source, sent = asked_for("https://git.test/private.git", "reader", namespace="tenant")

    assert source is not None
    assert (source.access, sent) == (Access(), [])


@pytest.mark.parametrize("name", ["../../out", "a/../../out", "/etc/out"])
def test_no_name_chosen_in_git_leads_out_of_the_folder_of_the_check(name: str, tmp_path: Path) -> None:
    fetcher = Fetcher({}, tmp_path / "in", io.StringIO())
    fetcher.add(Source(name=name, url=str(tmp_path / "none.git"), spec={}, access=Access(), declared_at=("a", "it.yaml", 1)))

    assert fetcher([name]) == {}
    assert [each.name for each in tmp_path.iterdir()] == ["in"]
