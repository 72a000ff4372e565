"""The kubeconfig: reduced to the stack's context, and compared with the cluster that the stack names."""

import base64
import binascii
import hashlib
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from stacks.contract.stack import Cluster
from stacks.words.did_you_mean import nearest
from stacks.words.place import outside
from stacks.words.problems import Problem, StackProblems

_EMBEDDED = {
    "certificate-authority": "certificate-authority-data",
    "client-certificate": "client-certificate-data",
    "client-key": "client-key-data",
}


def kubeconfig_of_cluster(text: str, cluster: Cluster, *, shown: str, folder: Path | None) -> str:
    """Return the part of the kubeconfig `text` that reaches `cluster`, with files embedded.

    The part, because the whole would put credentials of other clusters into the state; embedded, because the state is also
    read where those files are not. `shown` is how messages call the kubeconfig, `folder` what its file names are relative to.
    Raises StackProblems when the context is missing, or when server or CA are not those that the stack pins: with another
    cluster's kubeconfig a preview stays green.
    """
    try:
        whole = yaml.load(text, Loader=yaml.CSafeLoader)
        contexts = {item["name"]: item["context"] for item in whole["contexts"]}
        clusters = {item["name"]: item["cluster"] for item in whole["clusters"]}
        users = {item["name"]: item["user"] for item in whole["users"]}
    except (yaml.YAMLError, KeyError, TypeError):
        raise StackProblems(
            [Problem(outside(shown), "is not a kubeconfig, so no cluster can be reached with it. `kubectl config view --raw` prints one")]
        ) from None
    if cluster.context not in contexts:
        raise StackProblems(
            [
                Problem(
                    outside("gitops:cluster.context"),
                    f"{shown} has no context {cluster.context!r}, so it is unknown which cluster would be changed"
                    f"{nearest(cluster.context, contexts)}",
                )
            ]
        )
    context = contexts[cluster.context]
    reached = _with_files_embedded(clusters.get(context.get("cluster"), {}), folder, shown)
    user = _with_files_embedded(users.get(context.get("user"), {}), folder, shown)
    _compare(reached, cluster, shown)
    part = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": cluster.context,
        "contexts": [{"name": cluster.context, "context": context}],
        "clusters": [{"name": context.get("cluster"), "cluster": reached}],
        "users": [{"name": context.get("user"), "user": user}],
    }
    return yaml.safe_dump(part, sort_keys=True)


def has_context(text: str, context: str) -> bool:
    """Whether the kubeconfig `text` has the context."""
    try:
        return any(item["name"] == context for item in yaml.load(text, Loader=yaml.CSafeLoader)["contexts"])
    except (yaml.YAMLError, KeyError, TypeError):
        return False


def _with_files_embedded(entry: dict[str, Any], folder: Path | None, shown: str) -> dict[str, Any]:
    embedded = dict(entry)
    for file_key, data_key in _EMBEDDED.items():
        if file_key not in embedded:
            continue
        file = (folder or Path()) / embedded.pop(file_key)
        try:
            embedded[data_key] = base64.b64encode(file.read_bytes()).decode()
        except OSError as error:
            text = f"names {file} as {file_key}, which cannot be read ({error.strerror}); without it the cluster cannot be reached"
            raise StackProblems([Problem(outside(shown), text)]) from None
    return embedded


def _compare(reached: dict[str, Any], cluster: Cluster, shown: str) -> None:
    problems = []
    if cluster.server is not None and str(reached.get("server", "")).rstrip("/") != cluster.server.rstrip("/"):
        problems.append(
            Problem(
                outside("gitops:cluster.server"),
                f"the stack is for {cluster.server}, but context {cluster.context!r} of {shown} reaches {reached.get('server')}: "
                f"another cluster would have been changed. Choose that cluster's kubeconfig or stack",
            )
        )
    fingerprints = ca_fingerprints(str(reached.get("certificate-authority-data", "")))
    if cluster.ca_sha256 is not None and cluster.ca_sha256 not in fingerprints:
        problems.append(
            Problem(
                outside("gitops:cluster.caSha256"),
                f"the stack pins the CA {cluster.ca_sha256}, but context {cluster.context!r} of {shown} trusts "
                f"{' and '.join(fingerprints) or 'none'}: another cluster would have been changed. "
                f"If the cluster was given a new CA, write its fingerprint into the stack file",
            )
        )
    if problems:
        raise StackProblems(problems)


def ca_fingerprints(certificate_authority_data: str) -> list[str]:
    """SHA-256 of the DER form of each certificate in a kubeconfig's `certificate-authority-data`."""
    try:
        text = base64.b64decode(certificate_authority_data).decode()
        return [hashlib.sha256(ssl.PEM_cert_to_DER_cert(block)).hexdigest() for block in _certificates(text)]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return []


def _certificates(text: str) -> Iterable[str]:
    for rest in text.split(ssl.PEM_HEADER)[1:]:
        yield f"{ssl.PEM_HEADER}{rest.split(ssl.PEM_FOOTER)[0]}{ssl.PEM_FOOTER}"
