"""A login goes to whom it is meant for."""

from typing import Any

import pytest

from flux.object_reference import reference_of
from tests.flux.rules.plans import Body, an, git, oci, said

SECRETS = {
    "office": frozenset({"address"}),
    "office-login": frozenset({"address", "username", "password"}),
    "read": frozenset({"username", "password"}),
    "deploy": frozenset({"identity", "known_hosts"}),
    "login": frozenset({".dockerconfigjson"}),
}


def charts(url: str = "https://charts.test", **spec: Any) -> Body:
    kind: dict[str, Any] = {"type": "oci"} if url.startswith("oci://") else {}
    return an("HelmRepository", "charts", url=url, **kind, **spec)


@pytest.mark.parametrize("name", ["office", "office-login"])
def test_the_password_of_a_proxy_is_not_for_the_git_server_nor_for_the_chart_index(name: str) -> None:
    told = (
        f"names Secret/{name}, which is for a proxy: it holds an address. Flux would send the proxy's login to the server, and use "
        "no proxy. Name the server's credential here"
    )
    there = {"name": name}
    for url in ("https://git.test/r.git", "http://git.test/r.git"):
        assert said(git(url=url, secretRef=there), secrets=SECRETS) == [
            f"GitRepository/flux-system/homelab spec.secretRef: {told}, and the proxy in proxySecretRef."
        ]
    for url in ("https://charts.test", "oci://r.test/charts"):
        assert said(charts(url, secretRef=there), secrets=SECRETS) == [f"HelmRepository/flux-system/charts spec.secretRef: {told}."]


def test_what_a_catalog_entry_makes_is_told_by_the_keys_of_the_entry() -> None:
    body = git(url="https://git.test/r.git", secretRef={"name": "office"})
    (told,) = said(body, secrets=SECRETS, entry_keys={reference_of(body): {"proxySecretRef": "proxy"}})
    assert told.endswith("Name the server's credential here, and the proxy in `proxy`.")


def test_a_proxy_beside_a_credential_is_right_and_over_ssh_the_missing_key_is_told_alone() -> None:
    assert said(git(secretRef={"name": "read"}, proxySecretRef={"name": "office-login"}), secrets=SECRETS) == []
    (sentence,) = said(git(url="ssh://git@git.test/r.git", secretRef={"name": "office-login"}), secrets=SECRETS)
    assert "but no identity" in sentence


def fetched(*bodies: Body, server: str) -> list[str]:
    return said(*bodies, secrets=SECRETS, registries={"login": server})


LOGIN: dict[str, Any] = {"secretRef": {"name": "login"}}


def test_a_login_of_another_registry_is_none() -> None:
    told = (
        'names Secret/login, the login for "ghcr.io", but the registry is "quay.test". Flux would pull without a login. Name a '
        "credential whose server is that registry."
    )
    bodies = (
        oci(url="oci://quay.test/tiny", **LOGIN),
        charts("oci://quay.test/charts", **LOGIN),
        an("ImageRepository", "app", image="quay.test/app", **LOGIN),
    )
    assert fetched(*bodies, server="ghcr.io") == [
        f"OCIRepository/flux-system/tiny spec.secretRef: {told}",
        f"HelmRepository/flux-system/charts spec.secretRef: {told}",
        f"ImageRepository/flux-system/app spec.secretRef: {told}",
    ]


@pytest.mark.parametrize(
    ("registry", "server", "fits"),
    [
        ("ghcr.io", "ghcr.io", True),
        ("r.test:5000", "r.test:5000", True),
        ("r.test:5000", "r.test", False),
        ("r.test", "r.test:5000", False),
        ("r.test:443", "r.test", True),
        ("R.test", "r.test", True),
        ("sub.r.test", "r.test", False),
        ("docker.io", "https://index.docker.io/v1/", True),
        ("registry-1.docker.io", "https://index.docker.io/v1/", True),
        ("notdocker.io", "https://index.docker.io/v1/", False),
        ("ghcr.io", "https://index.docker.io/v1/", False),
    ],
)
def test_host_and_port_are_compared(registry: str, server: str, fits: bool) -> None:
    for body in (oci(url=f"oci://{registry}/tiny", **LOGIN), an("ImageRepository", "app", image=f"{registry}/app", **LOGIN)):
        assert (fetched(body, server=server) == []) is fits


def test_an_image_without_a_registry_is_docker_hubs() -> None:
    for image in ("library/nginx", "nginx"):
        assert fetched(an("ImageRepository", "app", image=image, **LOGIN), server="https://index.docker.io/v1/") == []
        assert len(fetched(an("ImageRepository", "app", image=image, **LOGIN), server="ghcr.io")) == 1


def test_nothing_is_said_of_a_login_whose_registry_is_unknown_nor_of_an_index() -> None:
    elsewhere: dict[str, Any] = {"secretRef": {"name": "brought-by-git"}}
    assert fetched(oci(**elsewhere), an("ImageRepository", "app", namespace="other", image="r.test/a", **LOGIN), server="ghcr.io") == []
    (sentence,) = fetched(charts(**LOGIN), server="ghcr.io")
    assert "a registry login, which a chart index does not use" in sentence
