"""The cluster that the provider's kubeconfig leads to, what the stand-in cannot do of it, and a TLS context from it."""

import os
import ssl
from dataclasses import dataclass, field, replace
from pathlib import Path

from flux.message import Message
from live.access.embedding import content, token
from live.access.kubeconfig import Kubeconfig, KubeconfigCluster, User
from live.access.kubeconfig_parser import parse, read_files
from live.errors import KubeconfigError

SHOWN = "kubeconfig"
LOGINS_BEYOND_IT = ("exec", "auth-provider", "username")
NEITHER = Message(
    "is neither the contents of a kubeconfig (YAML or JSON) nor the path of an existing file",
    "No cluster can be reached with it.",
    "Print one with: kubectl config view --raw",
)


@dataclass(frozen=True, kw_only=True)
class KubeconfigTarget:
    """The API server that a kubeconfig's active context names, and how to be admitted there."""

    server: str
    namespace: str
    cluster: KubeconfigCluster
    user: User = field(repr=False)

    def bearer_token(self) -> str:
        """The token to send, or nothing. Raises KubeconfigError."""
        return token(self.user, SHOWN)

    def tls(self) -> ssl.SSLContext:
        """A TLS context that trusts this cluster's CA alone. Raises KubeconfigError."""
        if not self.cluster.is_verified:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            context = _trusting(content(self.cluster, "certificate-authority", SHOWN))
        certificate, key = (content(self.user, name, SHOWN) for name in ("client-certificate", "client-key"))
        if certificate and key:
            _load_client_certificate(context, certificate + b"\n" + key)
        return context


def _trusting(authority: bytes) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cadata=authority.decode() if authority else None)
    except (ssl.SSLError, UnicodeDecodeError, ValueError):
        told = Message("the certificate-authority is not a certificate in PEM", "The API server cannot be told from another.")
        raise KubeconfigError(SHOWN, told) from None


def _load_client_certificate(context: ssl.SSLContext, pem: bytes) -> None:
    # OpenSSL reads certificates from files alone; this one lives in memory and never touches a disk.
    descriptor = os.memfd_create("client-certificate")
    try:
        os.write(descriptor, pem)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
    except ssl.SSLError:
        told = Message("the client certificate and key do not belong together, or are not PEM", "No login is possible with them.")
        raise KubeconfigError(SHOWN, told) from None
    finally:
        os.close(descriptor)


def load(text_or_path: str) -> Kubeconfig:
    """The kubeconfig that the provider was given: its contents, or its path. Raises KubeconfigError."""
    path = _as_path(text_or_path)
    try:
        found = read_files([path], shown=SHOWN) if path else parse(text_or_path, shown=SHOWN)
    except KubeconfigError as error:
        raise error if path or "\n" in text_or_path else KubeconfigError(SHOWN, NEITHER) from None
    if found is None:
        raise KubeconfigError(SHOWN, NEITHER)
    return found


def _as_path(text: str) -> Path | None:
    if "\n" in text or len(text) > os.pathconf("/", "PC_PATH_MAX"):
        return None
    try:
        path = Path(text).expanduser()
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # no file has such a name
        return None


def active_cluster(config: Kubeconfig, *, context: str = "", cluster: str = "") -> KubeconfigCluster | None:
    """The cluster that `context` (or the current one) uses; None when there is none."""
    used_context = config.contexts.get(context or config.current_context)
    return config.clusters.get(cluster or (used_context.cluster if used_context else ""))


def target(text_or_path: str, *, context: str = "", cluster: str = "", namespace: str = "") -> KubeconfigTarget:
    """The API server to talk to. Raises KubeconfigError when the kubeconfig does not name one, or wants a login this cannot do."""
    config = load(text_or_path)
    name = context or config.current_context
    if cluster and name in config.contexts:
        used = config.contexts[name]
        config = replace(config, contexts={**config.contexts, name: replace(used, fields={**used.fields, "cluster": cluster})})
    reached = config.reached(name)
    if way := reached.user.logs_in_by(*LOGINS_BEYOND_IT):
        raise KubeconfigError(SHOWN, _beyond(f"the user of context {name!r} logs in by {way!r}", "cannot do"))
    if reached.cluster.text("proxy-url"):
        raise KubeconfigError(SHOWN, _beyond(f"the cluster of context {name!r} has a proxy-url", "ignores"))
    server = reached.cluster.server.rstrip("/")
    return KubeconfigTarget(
        server=server if "://" in server else f"{reached.address.scheme}://{server}",
        namespace=namespace or reached.context.namespace or "default",
        cluster=reached.cluster,
        user=reached.user,
    )


def _beyond(what: str, not_done: str) -> Message:
    return Message(
        f"{what}, which the stand-in Kubernetes provider {not_done}",
        "The API server cannot be reached with it.",
        "Use a client certificate or a token, or the real plugin. Run: pulumi plugin install resource kubernetes",
    )
