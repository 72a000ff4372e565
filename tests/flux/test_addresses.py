"""What a URL says of a server, and an apiVersion of its group."""

import pytest

from flux.addresses import address_of
from flux.kinds import api_group


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("ssh://git@git.test/a.git", 22),
        ("http://git.test/a.git", 80),
        ("https://git.test/a.git", 443),
        ("oci://r.test/a", 443),
        ("https://git.test:8443/a.git", 8443),
        ("socks5://proxy.test", None),
    ],
)
def test_a_url_without_a_port_means_that_of_its_scheme(url: str, port: int | None) -> None:
    address = address_of(url)

    assert address is not None
    assert address.port_or_default == port


def test_the_group_of_an_api_version_is_what_stands_before_the_slash() -> None:
    assert [api_group(each) for each in ("source.toolkit.fluxcd.io/v1", "v1", "")] == ["source.toolkit.fluxcd.io", "", ""]
