"""A Secret for each type of credential, as Flux's documentation has it, and the sources that name them."""

import json
from typing import Any

from tests.gitops.adopt import prepared
from tests.keys import certificate, elliptic_key, host_key, pem, public_pem, rsa_key

Body = dict[str, Any]
_LOGIN = {"username": "you", "password": "not-a-real-password"}
CREDENTIALS: dict[str, dict[str, str]] = {
    "ssh-key": {"identity": prepared.IDENTITY, "known_hosts": f"git.test {host_key()}"},
    "app-installed": {"githubAppID": "1", "githubAppInstallationID": "2", "githubAppPrivateKey": pem(rsa_key())},
    "bearer-token": {"bearerToken": "not-a-real-token"},
    "registry-login": {"__dockerconfigjson": json.dumps({"auths": {"registry.test": _LOGIN}})},
    "basic-login": {**_LOGIN, "ca__crt": certificate()},
    "proxy-login": {"address": "http://proxy.test:3128", **_LOGIN},
    "tls-client": {"tls__crt": certificate("a"), "tls__key": pem(elliptic_key("a"))},
    "bucket-key": {"accesskey": "not-a-real-id", "secretkey": "not-a-real-key"},
    "webhook-token": {"token": "not-a-real-token"},
    "tls-authority": {"ca__crt": certificate("b")},
    "public-keys": {"cosign__pub": public_pem(elliptic_key("cosign")), "mistaken__asc": pem(rsa_key())},
}
"""Name → entries, with two underscores for each dot."""


def sources() -> list[Body]:
    https = {"url": "https://git.test/you/code.git"}
    charts = {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "HelmRepository"}
    registry = {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "OCIRepository"}
    return [
        prepared.source("one", secretRef={"name": "ssh-key"}),
        prepared.source("two", secretRef={"name": "app-installed"}, provider="github", url="https://github.com/you/code"),
        prepared.source("three", secretRef={"name": "bearer-token"}, proxySecretRef={"name": "proxy-login"}, **https),
        prepared.source("four", secretRef={"name": "tls-client"}, **https),
        {
            **charts,
            "metadata": {"name": "five", "namespace": "flux-system"},
            "spec": {
                "url": "https://charts.test",
                "secretRef": {"name": "basic-login"},
                "certSecretRef": {"name": "tls-authority"},
                "interval": "1h",
            },
        },
        {
            **registry,
            "metadata": {"name": "six", "namespace": "flux-system"},
            "spec": {
                "url": "oci://registry.test/you/manifests",
                "secretRef": {"name": "registry-login"},
                "interval": "1h",
                "ref": {"tag": "v1"},
                "verify": {"provider": "cosign", "secretRef": {"name": "public-keys"}},
            },
        },
        {
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "Bucket",
            "metadata": {"name": "seven", "namespace": "flux-system"},
            "spec": {"bucketName": "a", "endpoint": "minio.test", "secretRef": {"name": "bucket-key"}, "interval": "1h"},
        },
        {
            "apiVersion": "notification.toolkit.fluxcd.io/v1",
            "kind": "Receiver",
            "metadata": {"name": "eight", "namespace": "flux-system"},
            "spec": {
                "type": "github",
                "secretRef": {"name": "webhook-token"},
                "resources": [{"kind": "GitRepository", "name": "one"}],
            },
        },
    ]
