"""Reading a kubeconfig: its contents or its path, the active context, and a TLS context from it."""

import base64
import binascii
import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

CLIENT_CERTIFICATE_KEYS = ("client-certificate", "client-key")


class KubeconfigError(Exception):
    """The kubeconfig cannot be used. Its text never quotes the kubeconfig, which holds credentials."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The API server that a kubeconfig's active context names, and how to be admitted there."""

    server: str
    namespace: str
    cluster: dict[str, Any] = field(repr=False)
    user: dict[str, Any] = field(repr=False)
    directory: Path

    def bearer_token(self) -> str:
        """The token to send, or nothing."""
        if token := self.user.get("token"):
            return str(token)
        if file := self.user.get("tokenFile"):
            return self._file(file, "tokenFile").decode().strip()
        return ""

    def tls(self) -> ssl.SSLContext:
        """A TLS context that trusts this cluster's CA alone."""
        if self.cluster.get("insecure-skip-tls-verify"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            authority = self._pem(self.cluster, "certificate-authority")
            context = ssl.create_default_context(cadata=authority.decode() if authority else None)
        certificate, key = (self._pem(self.user, name) for name in CLIENT_CERTIFICATE_KEYS)
        if certificate and key:
            _load_client_certificate(context, certificate + b"\n" + key)
        return context

    def _pem(self, section: dict[str, Any], name: str) -> bytes:
        if data := section.get(f"{name}-data"):
            try:
                return base64.b64decode(data, validate=True)
            except (binascii.Error, ValueError):
                raise KubeconfigError(f"kubeconfig: {name}-data is not base64") from None
        if file := section.get(name):
            return self._file(file, name)
        return b""

    def _file(self, file: str, name: str) -> bytes:
        try:
            return (self.directory / file).read_bytes()
        except OSError as error:
            raise KubeconfigError(f"kubeconfig: {name} names {file}, which cannot be read: {error.strerror}") from None


def _load_client_certificate(context: ssl.SSLContext, pem: bytes) -> None:
    # OpenSSL reads certificates from files alone; this one lives in memory and never touches a disk.
    descriptor = os.memfd_create("client-certificate")
    try:
        os.write(descriptor, pem)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
    except ssl.SSLError:
        raise KubeconfigError("kubeconfig: the client certificate and key do not belong together, or are no PEM") from None
    finally:
        os.close(descriptor)


def load(text_or_path: str) -> tuple[dict[str, Any], Path]:
    """The kubeconfig as a mapping, and the directory that relative paths in it start from."""
    directory = Path()
    path = _as_path(text_or_path)
    if path is not None:
        text_or_path = path.read_text()
        directory = path.parent.absolute()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        parsed = yaml.load(text_or_path, Loader=loader)  # noqa: S506 - CSafeLoader
    except yaml.YAMLError:
        raise KubeconfigError("kubeconfig: neither the contents of a kubeconfig (YAML or JSON) nor the path of an existing file") from None
    if not isinstance(parsed, dict):
        raise KubeconfigError("kubeconfig: neither the contents of a kubeconfig (YAML or JSON) nor the path of an existing file")
    return parsed, directory


def _as_path(text: str) -> Path | None:
    if "\n" in text or len(text) > os.pathconf("/", "PC_PATH_MAX"):
        return None
    path = Path(text).expanduser()
    return path if path.is_file() else None


def active_cluster(config: dict[str, Any], *, context: str = "", cluster: str = "") -> dict[str, Any]:
    """The cluster entry that `context` (or the current one) uses; empty when there is none."""
    used_context = _named(config, "contexts", "context", context or config.get("current-context", ""))
    return _named(config, "clusters", "cluster", cluster or used_context.get("cluster", ""))


def target(text_or_path: str, *, context: str = "", cluster: str = "", namespace: str = "") -> Target:
    """The API server to talk to. Raises KubeconfigError when the kubeconfig does not name one, or wants a login this cannot do."""
    config, directory = load(text_or_path)
    name = context or config.get("current-context", "")
    used_context = _named(config, "contexts", "context", name)
    if not used_context:
        known = ", ".join(sorted(str(entry.get("name")) for entry in config.get("contexts") or [])) or "none"
        raise KubeconfigError(f"kubeconfig: no context {name!r}; it has: {known}")
    used_cluster = active_cluster(config, context=name, cluster=cluster)
    server = used_cluster.get("server")
    if not server:
        raise KubeconfigError(f"kubeconfig: context {name!r} names a cluster without a server")
    user = _named(config, "users", "user", used_context.get("user", ""))
    for unsupported in ("exec", "auth-provider", "username"):
        if user.get(unsupported):
            raise KubeconfigError(
                f"kubeconfig: the user of context {name!r} logs in by {unsupported!r}, which the stand-in Kubernetes provider cannot do; "
                "use a client certificate or a token, or install the real plugin: pulumi plugin install resource kubernetes"
            )
    if used_cluster.get("proxy-url"):
        raise KubeconfigError(
            f"kubeconfig: the cluster of context {name!r} has a proxy-url, which the stand-in Kubernetes provider ignores"
        )
    return Target(
        server=server.rstrip("/"),
        namespace=namespace or used_context.get("namespace") or "default",
        cluster=used_cluster,
        user=user,
        directory=directory,
    )


def _named(config: dict[str, Any], section: str, key: str, name: str) -> dict[str, Any]:
    for entry in config.get(section) or []:
        if entry.get("name") == name:
            return entry.get(key) or {}
    return {}
