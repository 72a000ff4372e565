import pytest

from gitops.errors import CommandError
from gitops.new.address import address, same_repository


@pytest.mark.parametrize(
    ("written", "base", "repository", "host"),
    [
        ("https://github.com/you/homelab", "https://github.com/you", "homelab", "github"),
        ("https://git.example.org/a/b/homelab.git/", "https://git.example.org/a/b", "homelab", "git"),
        ("https://git.example.org/homelab", "https://git.example.org", "homelab", "git"),
        ("git@github.com:you/homelab.git", "ssh://git@github.com/you", "homelab", "github"),
        ("ssh://git@192.168.1.5:2222/you/Home.Lab", "ssh://git@192.168.1.5:2222/you", "Home.Lab", "git"),
        ("ssh://git@[::1]:2222/you/homelab", "ssh://git@[::1]:2222/you", "homelab", "git"),
        ("http://localhost:3000/you/homelab", "http://localhost:3000/you", "homelab", "git"),
    ],
)
def test_an_address_is_taken_apart_as_the_catalog_writes_it(written: str, base: str, repository: str, host: str) -> None:
    found = address(written)
    assert (found.base, found.repository, found.host_name) == (base, repository, host)
    assert found.url == f"{base}/{repository}.git"


def test_a_repositorys_name_becomes_one_that_kubernetes_allows() -> None:
    assert address("https://github.com/you/My_Home.Lab").object_name == "my-home-lab"
    assert address("https://github.com/you/__").object_name == "repository"


@pytest.mark.parametrize(
    "written",
    [
        "homelab", "ftp://git.example.org/you/homelab", "https://", "https://git.example.org", "https://[::1/homelab",
        "https://git.example.org:port/homelab", "https://token@git.example.org/you/homelab", "ssh://git:pass@git.example.org/you/homelab",
        "https://git.example.org/you/homelab?token=abc", "oci://ghcr.io/you/homelab", "",
    ],
)  # fmt: skip
def test_what_flux_could_not_fetch_is_refused_without_being_repeated(written: str) -> None:
    with pytest.raises(CommandError) as caught:
        address(written)
    assert "token" not in str(caught.value).replace("`token`", "")
    assert "pass@" not in str(caught.value)


def test_two_spellings_of_one_repository_are_the_same() -> None:
    assert same_repository("https://Git.example.org/you/homelab.git", "https://git.example.org/you/homelab/")
    assert not same_repository("https://git.example.org/you/homelab", "ssh://git@git.example.org/you/homelab")
