"""A Flux release: the objects of its install manifests, the same whichever layout they came in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flux.bounded_documents import Bounds, UnreadableError, content_of, decoded, documents
from flux.errors import FluxInputError
from flux.kinds import COMPONENT_LABEL, VERSION_LABEL
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE, reference_of
from flux.release.artifact_reference import MANIFESTS
from flux.release.manifest_form import has_its_form

COMPONENTS = (
    "source-controller",
    "kustomize-controller",
    "helm-controller",
    "notification-controller",
    "image-reflector-controller",
    "image-automation-controller",
    "source-watcher",
)
DEFAULT_COMPONENTS = COMPONENTS[:4]

CLUSTER_SCOPED_KINDS = frozenset({"Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding"})
_VERSION = re.compile(r"^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$")
_NOT_INSTALLED_FILES = frozenset({"kustomization.yaml", "gotk-sync.yaml"})
A_FILE = Bounds(size=16 * 1024**2)
"""What is read of one file of a release. All of one are 1 MiB, and 50,000 values."""
_NAME_ONE = "Name a directory with gotk-components.yaml, or with the files of manifests.tar.gz."


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """The manifests of one Flux release, all components, as the release's own files say them but for what depends on the layout.

    Objects stand in a fixed order, have their namespace, and carry the labels that the flux CLI relies on.
    """

    version: str
    objects: list[dict[str, Any]]

    def definitions(self) -> Iterator[dict[str, Any]]:
        """The CustomResourceDefinitions."""
        return (body for body in self.objects if body["kind"] == "CustomResourceDefinition")

    def api_version(self, kind: str) -> str | None:
        """`group/version` in which this release stores `kind`; None when no CRD of it has that kind."""
        for definition in self.definitions():
            spec = definition["spec"]
            if spec["names"]["kind"] == kind:
                stored = next(version["name"] for version in spec["versions"] if version["storage"])
                return f"{spec['group']}/{stored}"
        return None


def component_of(body: dict[str, Any]) -> str | None:
    """The component that an object belongs to; None for what all share (RBAC, network policies, quota)."""
    name: str | None = body["metadata"].get("labels", {}).get(COMPONENT_LABEL)
    return name if name in COMPONENTS else None


def read_distribution(directory: Path, version: str | None = None, *, inside: Path | None = None) -> Distribution:
    """Read the install manifests in `directory`: an unpacked release. See `distribution_of`.

    The directory's name gives the version if it is `vX.Y.Z` and nothing else does. `inside`: where everything that is read must
    lie, links followed.
    Raises FluxInputError as `distribution_of`, and when the directory is missing or a file of it cannot be read.
    """
    if not directory.is_dir():
        raise _refused(f"names {directory}, which is not a directory", "There is nothing to install.", _NAME_ONE)
    listed = sorted(directory.glob("*.yaml"))
    for each in (directory, *listed):
        if inside is not None and not each.resolve().is_relative_to(inside.resolve()):
            wrong = f"names {each}, which a link places outside this repository"
            raise _refused(wrong, "What is installed would depend on the machine.", "Commit the files themselves, or write an artifact.")
    files = {file.name: _content(file) for file in listed}
    named = directory.name if _VERSION.match(directory.name) else None
    return distribution_of(files, shown=str(directory), version=version, fallback=named)


def distribution_of(files: Mapping[str, bytes], *, shown: str, version: str | None, fallback: str | None = None) -> Distribution:
    """The install manifests of one release, out of its files by name; messages call them `shown`.

    Both of Flux's layouts are understood: one file with everything (`gotk-components.yaml`, `install.yaml`) and the
    release's `manifests.tar.gz` with one file per component. The version is `version`, else that of the labels, else `fallback`.

    Raises FluxInputError when the files hold no Flux controller, or do not say their version.
    """
    return _distribution_of(tuple(sorted(files.items())), shown, version, fallback)


@lru_cache(maxsize=4)  # the stacks of a fleet, and both sides of a comparison, mostly install the same release
def _distribution_of(files: tuple[tuple[str, bytes], ...], shown: str, version: str | None, fallback: str | None) -> Distribution:
    found = [
        (Path(name).stem, body)
        for name, content in files
        if name not in _NOT_INSTALLED_FILES
        for body in _documents(content, f"{shown}/{name}")
        if body["kind"] != "Namespace"
    ]
    if not any(body["kind"] == "Deployment" for _, body in found):
        wrong = f"names {shown}, which holds no Deployment of a Flux controller"
        raise _refused(wrong, "These are not Flux's install manifests.", _NAME_ONE)
    told = version or _version_in_labels(found) or fallback
    if told is None:
        raise _refused(
            f"names {shown}, whose Flux version is unknown",
            f"Neither a label {VERSION_LABEL} nor the directory's name states it.",
            "Rename the directory to the version, such as v2.9.4.",
        )
    objects = [_same_in_both_layouts(stem, body, told) for stem, body in found]
    return Distribution(version=told, objects=sorted(objects, key=reference_of))


def _content(file: Path) -> bytes:
    try:
        if not file.is_file():
            raise _refused(f"names {file}, which is not a regular file", "It cannot be installed.", "Unpack the release again.")
        return content_of(file, A_FILE)
    except OSError as error:
        wrong = f"names {file}, which cannot be read ({error.strerror})"
        raise _refused(wrong, "It cannot be installed.", "Make it a readable file.") from None


def _documents(content: bytes, shown: str) -> Iterator[dict[str, Any]]:
    try:
        for body, line in documents(decoded(content, A_FILE), A_FILE):
            if not isinstance(body, dict) or "kind" not in body or not isinstance(body.get("metadata"), dict):
                continue
            if not has_its_form(body):
                wrong = f"names {shown}:{line}, which is not a valid {body['kind']}"
                raise _refused(wrong, "It cannot be installed.", "Unpack the release again.")
            yield body
    except UnreadableError as error:
        place = f"{shown}:{error.line}" if error.line else shown
        raise _refused(f"names {place}, which {error.wrong}", "It cannot be installed.", "Unpack the release again.") from None


def _version_in_labels(found: list[tuple[str, dict[str, Any]]]) -> str | None:
    versions = {body["metadata"].get("labels", {}).get(VERSION_LABEL) for _, body in found} - {None}
    if len(versions) > 1:
        wrong = f"names objects of several Flux versions ({', '.join(sorted(versions))})"
        raise _refused(wrong, "It is unclear which one would be installed.", "Keep the files of one release.")
    return versions.pop() if versions else None


def _same_in_both_layouts(file_stem: str, body: dict[str, Any], version: str) -> dict[str, Any]:
    body = {key: value for key, value in body.items() if key != "status"}
    metadata = {key: value for key, value in body["metadata"].items() if key != "creationTimestamp"}
    if body["kind"] not in CLUSTER_SCOPED_KINDS:
        metadata["namespace"] = FLUX_NAMESPACE
    labels = flux_labels(version)
    component = metadata.get("labels", {}).get(COMPONENT_LABEL) or (file_stem if file_stem in COMPONENTS else None)
    if component:
        labels[COMPONENT_LABEL] = component
    metadata["labels"] = {**metadata.get("labels", {}), **labels}
    body["metadata"] = metadata
    if body["kind"] == "Deployment":
        body["spec"] = _labelled_pods(body["spec"], labels)
    return body


def _labelled_pods(spec: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    template = spec["template"]
    metadata = {**template["metadata"], "labels": {**template["metadata"].get("labels", {}), **labels}}
    return {**spec, "template": {**template, "metadata": metadata}}


def flux_labels(version: str) -> dict[str, str]:
    """The labels by which `flux uninstall`, `flux check` and `flux version` find an installation."""
    return {
        "app.kubernetes.io/instance": FLUX_NAMESPACE,
        "app.kubernetes.io/part-of": "flux",
        VERSION_LABEL: version,
    }


def namespace_object(version: str) -> dict[str, Any]:
    """The Namespace that the flux CLI would make, whichever layout the manifests came in."""
    labels = {
        **flux_labels(version),
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/warn-version": "latest",
    }
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": FLUX_NAMESPACE, "labels": labels}}


def _refused(wrong: str, consequence: str, fix: str) -> FluxInputError:
    return FluxInputError(Message(wrong, consequence, fix), MANIFESTS)
