"""The certificate authority of a cluster: the fingerprints of its certificates identify the cluster."""

import binascii
import hashlib
import ssl
from collections.abc import Iterable

from live.access.embedding import content
from live.access.kubeconfig import KubeconfigCluster
from live.errors import KubeconfigError


def fingerprints(cluster: KubeconfigCluster) -> list[str]:
    """SHA-256 of the DER form of each certificate that the cluster's entry trusts; none where the machine's are trusted."""
    try:
        return fingerprints_of_pem(content(cluster, "certificate-authority", "").decode())
    except (KubeconfigError, UnicodeDecodeError):
        return []


def fingerprints_of_pem(text: str) -> list[str]:
    """The same of certificates in PEM; none where one of them is broken."""
    try:
        return [hashlib.sha256(ssl.PEM_cert_to_DER_cert(block)).hexdigest() for block in _certificates(text)]
    except (binascii.Error, ValueError):
        return []


def _certificates(text: str) -> Iterable[str]:
    for rest in text.split(ssl.PEM_HEADER)[1:]:
        yield f"{ssl.PEM_HEADER}{rest.split(ssl.PEM_FOOTER)[0]}{ssl.PEM_FOOTER}"
