"""From a kubeconfig to a client of its cluster, for any way of logging in."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from urllib3.exceptions import HTTPError

from flux.addresses import address_of, is_loopback
from flux.message import Message
from flux.secret_shapes import without_tokens
from flux.short_text import one_line, trim_middle
from live.access.embedding import embedded
from live.access.target import Target
from live.client.client_library import ApiClient, ConfigException, Configuration, load_kube_config_from_dict
from live.errors import KubeconfigError

_MALFORMED = (ConfigException, ValueError, KeyError, TypeError, AttributeError, OSError, HTTPError)
"""How the client library fails at an entry that is missing or malformed. Only its own calls are watched for it."""

_PROXIES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY")
"""Where the client library looks for a proxy; the first of them that is set counts."""


def connect(target: Target) -> tuple[ApiClient, str]:
    """A client, and what an exec plugin complained about: the client library only logs that, and goes on without credentials.

    Raises:
        KubeconfigError: the kubeconfig names a file that cannot be read, or a login that the client cannot do.
    """
    settings = Configuration()
    settings.retries = False  # a closed port should say so at once and once; waiting is the caller's
    # Given as data: the client would merge several files in its own way, which is not kubectl's.
    part = embedded(target.reached, target.config_file)
    if "://" not in target.server:  # to kubectl, too, that is an address; the client looks for the certificates of https:// alone
        part["clusters"][0]["cluster"]["server"] = f"{target.reached.address.scheme}://{target.server}"
    with _captured_log() as complaints:
        try:
            load_kube_config_from_dict(part, target.context, client_configuration=settings)
        except _MALFORMED:
            raise _cannot_use(target) from None
    if is_loopback(target.reached.address.host):
        settings.proxy = None  # as kubectl does, whatever HTTPS_PROXY says
    if proxy := target.reached.cluster.text("proxy-url"):
        settings.proxy, settings.no_proxy = proxy, None  # the client reads no kubeconfig for it
    if str(settings.proxy or "").lower().startswith("socks"):
        raise _behind_socks(target)
    try:
        made = ApiClient(settings)
    except _MALFORMED:
        raise (_cannot_use(target) if _is_usable(settings.proxy) else _behind_a_wrong_proxy(target)) from None
    return made, "; ".join(trim_middle(one_line(without_tokens(text)), 300) for text in complaints if "kube-config" not in text)


def _cannot_use(target: Target) -> KubeconfigError:
    """No word of the client: it quotes whole entries."""
    told = Message(
        f"the client cannot use {target}, because an entry is missing or malformed",
        "Nothing could be read.",
        f"See how kubectl reads it. Run: {target.kubectl('cluster-info')}",
    )
    return KubeconfigError(target.config_file, told)


def _is_usable(proxy: str | None) -> bool:
    address = address_of(proxy) if proxy else None
    return proxy is None or (address is not None and address.scheme in ("http", "https"))


def _behind_a_wrong_proxy(target: Target) -> KubeconfigError:
    """The address is not shown: a password may be in it."""
    of_environment = next((name for name in _PROXIES if os.environ.get(name)), "")
    is_written = bool(target.reached.cluster.text("proxy-url"))
    told = Message(
        f"{'has a `proxy-url` that ' if is_written else ''}is not the address of a proxy",
        "The client could not reach the server.",
        "Write it as http://<host>:<port>, or reach the server without a proxy.",
    )
    return KubeconfigError(target.config_file if is_written else of_environment, told)


def _behind_socks(target: Target) -> KubeconfigError:
    """urllib3 speaks SOCKS only with PySocks, which is not among the requirements."""
    told = Message(
        f"reaches {target.server} through a SOCKS proxy, which is not supported",
        "Nothing could be read.",
        "Use an http:// proxy (`proxy-url`, HTTPS_PROXY), or reach the server without a proxy.",
    )
    return KubeconfigError(target.config_file, told)


@contextmanager
def _captured_log() -> Iterator[list[str]]:
    """What is logged to the root logger meanwhile, instead of having it printed."""
    texts: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            texts.append(record.getMessage())

    root, keeper = logging.getLogger(), Keep()
    root.addHandler(keeper)
    try:
        yield texts
    finally:
        root.removeHandler(keeper)
