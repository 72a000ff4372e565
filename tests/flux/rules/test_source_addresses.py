"""An address names a server that could be connected to, in the form that Flux reads, without a login."""

from typing import Any

import pytest

from tests.flux.rules.plans import Body, an, git, oci, said

NO_SERVER = "has no valid host or port. Flux could not connect. "
AFTER_THE_SCHEME = "Write host or host:port after ://, with an IPv6 address in brackets, like https://[fd00::1]:3000."


@pytest.mark.parametrize(
    "body",
    [
        git(url="https://[::1"),
        git(url="https://git.test:99999/app.git"),
        git(url="ssh://git@[::1:22/app.git", secretRef={"name": "elsewhere"}),
        git(url="http://git.test:0/app.git"),
        an("HelmRepository", "charts", interval="1h", url="https://charts.test:port"),
        oci(url="oci://[fd00::1/tiny"),
        oci(url="oci:///tiny"),
    ],
    ids=lambda body: body["spec"]["url"],
)
def test_a_url_without_a_server_is_refused_in_every_kind_of_source(body: Body) -> None:
    (told,) = said(body)
    assert told.endswith(f"spec.url: {NO_SERVER}{AFTER_THE_SCHEME}")


@pytest.mark.parametrize("url", ["https://[fd00::1]:3000/app.git", "https://git.test:65535/app.git", "http://localhost:3000/app.git"])
def test_a_url_with_a_server_is_taken(url: str) -> None:
    assert said(git(url=url)) == []


def bucket(endpoint: str, name: str = "models", **spec: Any) -> Body:
    return an("Bucket", name, interval="1h", bucketName="models", endpoint=endpoint, **spec)


def test_the_endpoint_of_a_bucket_is_host_and_port() -> None:
    assert said(bucket("s3.test"), bucket("minio.test:9000", "minio"), bucket("[fd00::1]:9000", "local")) == []
    (port,) = said(bucket("s3.test:99999"))
    assert port.endswith(f"spec.endpoint: {NO_SERVER}Write host or host:port.")
    (url,) = said(bucket("https://s3.test"))
    assert url.endswith(
        "spec.endpoint: is a URL, not host and port. Flux would refuse to fetch. Write host or host:port; for http://, add insecure: true."
    )


def test_the_endpoint_of_a_bucket_at_azure_is_a_url() -> None:
    assert said(bucket("https://account.blob.core.windows.net", provider="azure")) == []
    (told,) = said(bucket("https://[account", provider="azure"))
    assert told.endswith(f"spec.endpoint: {NO_SERVER}{AFTER_THE_SCHEME}")


def image(name: str) -> Body:
    return an("ImageRepository", "app", interval="1h", image=name)


@pytest.mark.parametrize("name", ["podinfo", "stefanprodan/podinfo", "ghcr.io/a/b", "localhost:5000/a", "[::1]:5000/a"])
def test_the_registry_of_an_image_is_host_and_port(name: str) -> None:
    assert said(image(name)) == []


def test_a_registry_that_is_not_host_and_port_is_refused() -> None:
    (told,) = said(image("registry.test:99999/app"))
    assert told.endswith(f"spec.image: {NO_SERVER}Write host/path or host:port/path.")


def test_an_address_as_scp_writes_it_is_given_back_as_a_url() -> None:
    assert said(git(url="git@github.com:org/repo.git")) == [
        'GitRepository/flux-system/homelab spec.url: "git@github.com:org/repo.git" is in the short form of scp, not a URL. The API '
        "server would refuse the GitRepository. Write ssh://git@github.com/org/repo.git."
    ]


def test_the_colon_of_scp_inside_a_url_is_no_port() -> None:
    keys = {"deploy": frozenset({"identity", "known_hosts"})}
    assert said(git(url="ssh://git@github.com:org/repo.git", secretRef={"name": "deploy"}), secrets=keys) == [
        'GitRepository/flux-system/homelab spec.url: "ssh://git@github.com:org/repo.git" has a colon after the host, as in the '
        "short form of scp. Flux would read a port after it. Write ssh://git@github.com/org/repo.git."
    ]


@pytest.mark.parametrize(
    "url", ["ssh://git@git.test:2222/org/repo.git", "ssh://git.test/org/repo", "ssh://git@[::1]:22/r", "ssh://git@git.test:22"]
)
def test_a_port_is_a_port(url: str) -> None:
    assert said(git(url=url, secretRef={"name": "elsewhere"})) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://bot:hunter2@git.test/repo.git",
        "http://bot:hunter2@git.test:3000/repo.git",
        "https://ghp0123456789hunter2ABCDEFGHIJ@git.test/r",
    ],
)
def test_a_password_in_a_url_is_refused_and_not_repeated(url: str) -> None:
    (sentence,) = said(git(url=url))
    assert sentence == (
        "GitRepository/flux-system/homelab spec.url: holds a password. Everyone who can read the GitRepository, the preview or the "
        "state would see it. Remove it from the URL, and name a Secret with username and password in secretRef."
    )


def test_an_at_sign_or_colon_later_in_a_url_is_no_password() -> None:
    assert said(git(url="https://git.test/org/a:b@c.git"), an("HelmRepository", "h", url="https://user@charts.test:8443")) == []


def test_a_registry_has_names_in_lower_case_only() -> None:
    def of(url: str) -> list[str]:
        return said(an("HelmRepository", "charts", url=url, type="oci"))

    assert of("oci://R.test/org/charts") == of("oci://r.test/org/${NAME}") == []
    assert of("oci://R.test/Org/charts") == [
        "HelmRepository/flux-system/charts spec.url: has capital letters in its path. Registries have names in lower case only: Flux would "
        "refuse to fetch. Write oci://R.test/org/charts."
    ]
    (told,) = said(an("ImageRepository", "app", image="r.test/Org/app"))
    assert told.endswith("Write r.test/org/app.")
