"""Pulling what source-controller would: the layer of an OCI artifact, and which of its files it leaves out."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from flux.errors import FluxInputError
from flux.release.artifact import pull_layer
from flux.release.artifact_reference import ArtifactReference, parse_reference
from flux.release.tarball import TarballError, tree_files
from gitops.check.fetch.clone import SECONDS, Checkout, NotFetchedError, Source, files_left_out
from gitops.check.fetch.git_process import Deadline
from gitops.check.repository.documents import text
from gitops.check.repository.tree import Tree

_SILENT_SECONDS = 15.0
_LOOK_SECONDS = 0.1
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_ONLY_IN_THE_CLUSTER = ("certSecretRef", "proxySecretRef", "insecure")
"""What the check does not do, and cannot fetch without."""
_Layer: TypeAlias = tuple[str, bytes]
"""The digest of an artifact, and its layer."""


def pulled(source: Source, folder: Path, deadline: Deadline | None = None) -> Checkout:
    """The files of an artifact in `folder`, which is new; its digest stands for the commit.

    Raises:
        NotFetchedError: the registry said no or did not end in time, or the source asks for what only the cluster can do.
    """
    spec = dict(source.spec)
    for key in _ONLY_IN_THE_CLUSTER:
        if spec.get(key):
            raise NotFetchedError(f"asks for {key}, which only source-controller does", asks_too_much=True)
    if (provider := text(spec, "provider") or "generic") != "generic":
        raise NotFetchedError(f"asks for a login of {provider}, which only the cluster has", asks_too_much=True)
    if text(spec, "layerSelector", "operation") == "copy":
        raise NotFetchedError("asks for a layer as it is (layerSelector.operation: copy), which holds no files", asks_too_much=True)
    reference, media_type = _reference(spec), text(spec, "layerSelector", "mediaType") or None
    until = Deadline(SECONDS, deadline)
    digest, layer = _ended(lambda: pull_layer(reference, media_type, source.access.registry, seconds=_SILENT_SECONDS), until)
    try:
        files = {path: content for path, content in tree_files(layer).items() if ".git" not in path.split("/")}
    except TarballError as error:
        raise NotFetchedError(f"{reference} cannot be unpacked: {error}") from None
    folder.mkdir(parents=True)
    for path, content in files.items():
        _put(folder / path, content)
    return Checkout(
        commit=digest.removeprefix("sha256:"), tree=Tree(source.name, folder, files, files_left_out(source, folder, list(files), until))
    )


def _reference(spec: dict[str, object]) -> ArtifactReference:
    ref = {key: text(spec, "ref", key) for key in ("tag", "semver", "digest")}
    if ref["semver"] and not ref["digest"]:
        raise NotFetchedError("asks for a version range (ref.semver), which only source-controller resolves", asks_too_much=True)
    named = f"@{ref['digest']}" if ref["digest"] else f":{ref['tag'] or 'latest'}"
    try:
        if ref["tag"] and not _TAG.fullmatch(ref["tag"]):
            raise NotFetchedError("asks for what no registry has: `ref.tag` is not a tag", asks_too_much=True)
        return parse_reference(f"{text(spec, 'url')}{named}")
    except FluxInputError:
        raise NotFetchedError("asks for what no registry has: `url` and `ref` do not name an artifact", asks_too_much=True) from None


def _put(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise NotFetchedError(f"holds a file that cannot be written here ({error.strerror})") from None


def _ended(work: Callable[[], _Layer], deadline: Deadline) -> _Layer:
    """The result of `work`, which is left to itself once the deadline is over: a read of a silent server cannot be ended."""
    done: list[_Layer] = []
    failed: list[FluxInputError] = []

    def run() -> None:
        try:
            done.append(work())
        except FluxInputError as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_LOOK_SECONDS)
        if why := deadline.why_over("the registry"):
            raise NotFetchedError(why)
    if done:
        return done[0]
    if not failed:
        raise NotFetchedError("the registry answered something that was not understood")
    cause = failed[0].__cause__
    raise NotFetchedError(f"the registry cannot be reached ({type(cause).__name__})" if cause else failed[0].message.wrong) from None
