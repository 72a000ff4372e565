"""From a kubeconfig to a client of its cluster, whatever way of logging in it asks for."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from kubernetes import client as api
from kubernetes import config as kubernetes_config
from kubernetes.config.config_exception import ConfigException
from urllib3.exceptions import HTTPError

from gitops.errors import CommandError
from gitops.messages import one_line, redact, trim
from live.kubeconfig import Target
from live.loopback import is_loopback


def connect(target: Target) -> tuple[api.ApiClient, str]:
    """A client, and what an exec plugin complained about: the client library only logs that, and goes on without credentials."""
    settings = api.Configuration()
    settings.retries = False  # a closed port should say so at once and once; waiting is the caller's
    with _captured_log() as complaints:
        try:
            kubernetes_config.load_kube_config(target.config_file, target.context, client_configuration=settings)
            if is_loopback(urlsplit(settings.host).hostname or ""):
                settings.proxy = None  # as kubectl does, whatever HTTPS_PROXY says
            made = api.ApiClient(settings)
        except ConfigException as error:
            raise _unusable(target, str(error)) from None
        except (ValueError, KeyError, TypeError, AttributeError, OSError, HTTPError) as error:
            raise _unusable(target, type(error).__name__) from None
    return made, "; ".join(trim(one_line(redact(text)), 300) for text in complaints if "kube-config" not in text)


def _unusable(target: Target, why: str) -> CommandError:
    # Only these texts of the client are known to name no more than a path; others quote whole entries.
    shown = one_line(why) if why.startswith("File does not exist: ") or why.isidentifier() else "an entry is missing or malformed"
    return CommandError(
        f"The client cannot use {target}: {shown}. So nothing could be read. See what kubectl makes of it: {target.kubectl('cluster-info')}"
    )


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
