"""Readers that judge nothing, or one value."""

import gzip
import io
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from unittest.mock import patch

from flux.keys.key_services import KEY_SERVICES, fault_of_key_service
from flux.keys.known_hosts import fault_of_known_hosts, knows, lines_for
from flux.release.tarball import tree_files
from gitops.check.follow.kustomize_process import BuildOutput, BuildProcess
from gitops.new.address import address
from gitops.new.existing_catalog import known_repository
from gitops.pulumi_backend import backend
from gitops.stack_file import plain_values, text_at

FILES = ("Pulumi.yaml", "Pulumi.fixture.yaml", "catalog.yaml", "credentials.json")


@contextmanager
def looked_into() -> Iterator[Callable[[str], None]]:
    """Files of a project, as commands look something up in them."""
    with tempfile.TemporaryDirectory() as name, chdir(name), patch.dict("os.environ", {"PULUMI_HOME": name}):
        folder = Path(name)

        def read(text: str) -> None:
            for file in FILES:
                (folder / file).write_bytes(text.encode(errors="surrogatepass"))
            text_at(plain_values("fixture", folder), "cluster", "context")
            known_repository(folder / "catalog.yaml", address("https://git.test/a.git"), "./apps")
            backend()

        yield read


@contextmanager
def files_of_an_artifact() -> Iterator[Callable[[str], None]]:
    """The tar of an artifact with manifests, which is compressed here so that damage reaches what reads it."""

    def read(text: str) -> None:
        tree_files(gzip.compress(text.encode("latin-1", errors="replace"), compresslevel=1))

    yield read


def tar_of(files: Mapping[str, str]) -> str:
    """A tar as text: a character for each byte."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content.encode()))
    return buffer.getvalue().decode("latin-1")


@contextmanager
def key_service() -> Iterator[Callable[[str], None]]:
    """What logs in to each key service."""

    def read(text: str) -> None:
        for service in KEY_SERVICES:
            fault_of_key_service(service, text)

    yield read


@contextmanager
def known_hosts() -> Iterator[Callable[[str], None]]:
    """Keys of SSH servers, and which of them is whose."""

    def read(text: str) -> None:
        fault_of_known_hosts(text)
        for url in ("ssh://git@git.test/a", "ssh://git@git.test:2222/a", "ssh://git@[::1]:22/a", text[:200]):
            knows(text, url)
            lines_for(text, url)

    yield read


class NothingBuilt(BuildProcess):
    """kustomize is somebody else's, and takes longer than all of ours: what it was given comes back."""

    def __init__(self, files: Mapping[str, bytes], _directory: str, _budget: object = None) -> None:
        self._text = b"\n---\n".join(files.values()).decode(errors="replace")

    def output(self) -> BuildOutput:
        return BuildOutput(objects=self._text) if len(self._text) % 3 else BuildOutput(error=self._text)
