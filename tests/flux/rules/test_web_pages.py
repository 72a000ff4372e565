"""Addresses that were copied from a browser."""

import pytest

from tests.flux.rules.plans import an, git, said

CLONED = (
    "https://git.test/org/fleet.git",
    "https://git.test/org/fleet",
    "https://gitlab.test/group/sub/fleet.git",
    "https://git.test/org/tree",
    "https://git.test/tree/fleet",
    "https://git.test/src/branch/main.git",
    "https://dev.azure.test/org/project/_git/fleet",
    "https://git.test/${ORG}/fleet/tree/main",
    "https://bitbucket.org/org/src.git",
    "https://git.test/org/fleet/src/main",
    "https://github.com/org/fleet.git/",
    "https://gitlab.com/org/group/fleet",
)
PAGES = (
    "https://git.test/org/fleet/src/branch/main",
    "https://git.test/org/fleet/src/commit/0123456/apps",
    "https://git.test/org/fleet.git/tree/main",
    "https://git.test/org/fleet/blob/main/README.md",
    "https://git.test/org/fleet/-/tree/main",
    "https://git.test/org/fleet/-/commits",
    "https://git.test/org/fleet?ref=main",
    "https://git.test/org/fleet.git#readme",
    "https://bitbucket.org/org/fleet/src/main/",
    "https://bitbucket.org/org/fleet/branch/main",
    "https://github.com/org/fleet/releases/tag/v1",
    "https://www.github.com/org/fleet/pulls",
    "https://codeberg.org/org/fleet/issues",
)
INDEXES = (
    "https://charts.test",
    "https://charts.test/stable/",
    "https://org.github.io/charts",
    "https://raw.githubusercontent.test/org/charts/main",
    "https://github.com/org/charts/releases/download/v1",
    "https://git.test/api/packages/org/helm",
    "https://registry.test/chartrepo/library",
    "https://${REGISTRY}/index.yaml",
)
NO_INDEXES = {
    "https://charts.test/index.yaml": "Write https://charts.test.",
    "https://git.test/org/-/packages": "Write https://git.test/api/packages/org/helm.",
    "https://git.test:3000/org/-/packages/helm/app": "Write https://git.test:3000/api/packages/org/helm.",
    "https://github.com/org/charts.git": "Write where the index is, often https://org.github.io/charts.",
    "https://ghcr.io": "Write oci://ghcr.io.",
    "https://1234.dkr.ecr.eu-west-1.amazonaws.com/charts": "Write oci://1234.dkr.ecr.eu-west-1.amazonaws.com/charts.",
    "https://europe-docker.pkg.dev/org/charts": "Write oci://europe-docker.pkg.dev/org/charts.",
    "https://hub.docker.com/r/bitnamicharts/redis": "Write oci://registry-1.docker.io/bitnamicharts.",
    "https://gitlab.com/org/charts/-/packages": "Write https://gitlab.com/api/v4/projects/<ID>/packages/helm/<channel>.",
    "https://github.com/orgs/Org/packages": "Write oci://ghcr.io/org, with the directory of the charts.",
    "https://github.com/org/charts/pkgs/container/web": "Write oci://ghcr.io/org, with the directory of the charts.",
    "https://charts.test/app-1.2.0.tgz": "Write the URL without the file.",
}


def test_what_git_clones_is_no_web_page() -> None:
    assert [url for url in CLONED if said(git(url=url))] == []


def test_the_page_of_a_repository_is_told_with_the_repository() -> None:
    for url in PAGES:
        (told,) = said(git(url=url))
        repository = f"{url[: url.index('/org/')]}/org/fleet.git"
        assert f"Flux would find no Git repository there. Write {repository}, and the branch in ref." in told, url


def test_an_address_of_azure_devops_ends_without_git() -> None:
    (told,) = said(git(url="https://dev.azure.com/org/project/_git/fleet?version=GBmain"))

    assert "is a web page of the repository" in told
    assert told.endswith("Write https://dev.azure.com/org/project/_git/fleet, and the branch in ref.")


def test_an_owner_is_no_repository() -> None:
    (told,) = said(git(url="https://github.com/org/"))

    assert told.endswith(
        "names an owner, but no repository. Flux would find no Git repository there. Write https://github.com/org/<repository>.git."
    )


def test_the_directory_of_an_index_is_no_web_page() -> None:
    assert [url for url in INDEXES if said(an("HelmRepository", "charts", url=url))] == []


def test_what_has_no_index_is_told_with_what_has() -> None:
    for url, fix in NO_INDEXES.items():
        (told,) = said(an("HelmRepository", "charts", url=url))
        assert told.endswith(fix), told


@pytest.mark.parametrize("url", ["https://ghp_" + "a1B2" * 9 + "@git.test/org/fleet/tree/main"])
def test_a_url_that_holds_a_secret_is_not_repeated(url: str) -> None:
    assert not [told for told in said(git(url=url)) if "ghp_" in told]
