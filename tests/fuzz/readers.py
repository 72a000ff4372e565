"""The readers, and what each of them is given."""

import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml
from rich.console import Console

from flux.errors import FluxInputError
from flux.release import artifact
from flux.release.artifact_reference import parse_reference
from flux.release.distribution import distribution_of
from flux.release.docker_login import DockerLoginError, docker_login
from flux.release.tarball import TarballError
from flux.signature.policy import RejectedError
from gitops.check.findings.judging import judge
from gitops.check.follow import kustomize_build
from gitops.check.repository.tree import Tree
from gitops.errors import CommandError
from gitops.forges.gitea import Gitea
from gitops.status.collect import collect
from gitops.status.table import print_table
from live.access.embedding import embedded
from live.access.kubeconfig import merged
from live.access.kubeconfig_parser import parse
from live.errors import KubeconfigError, LiveError
from stacks.offline import load_settings_offline
from stacks.reading.record_file import RecordFile, read_record
from stacks.words.problems import Problem, StackProblems, shown
from tests.any_server import Answer, any_server
from tests.engine import REPOSITORY
from tests.fuzz import signatures
from tests.fuzz.examples import (
    ANSWER,
    CONFIG_MAP,
    CONTROLLERS,
    CREATION_RULES,
    DEPLOYMENT,
    INDEX,
    KEY_GROUPS,
    KINDS,
    KNOWN_HOSTS,
    KUBECONFIG,
    KUSTOMIZATION,
    LAYER,
    MANIFEST,
    OBJECTS,
    RECORD,
    SECRET,
)
from tests.fuzz.inputs import every_single_change
from tests.fuzz.small_readers import NothingBuilt, files_of_an_artifact, key_service, known_hosts, looked_into, tar_of
from tests.gitops.api_server import write_kubeconfig
from tests.gitops.check.samples import facts, sealed
from tests.manifests import manifests_directory
from tests.security.odd_servers import DEPLOYMENTS, DISCOVERY, FORGE_TOKEN, GIT, KEY, Cluster
from tests.security.odd_servers import REPOSITORY as A_REPOSITORY
from tests.stack_files import files_in, read_once

EXAMPLES = REPOSITORY / "docs" / "examples"
Read = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One door."""

    examples: tuple[str, ...]
    """Texts that are taken as they are, to be damaged."""
    opened: Callable[[], Any]
    """A context in which it reads: `with reader.opened() as read`; `read(text)` raises `refuses`, or nothing."""
    refuses: tuple[type[Exception], ...] = ()
    every_change: bool = False
    """Whether every value of each example is also replaced by each of `inputs.VALUES`, taken away, and called otherwise."""

    @property
    def changes(self) -> Iterator[str]:
        """All of those."""
        for example in self.examples if self.every_change else ():
            yield from every_single_change(example)


@contextmanager
def _stack(*, damaged: str) -> Iterator[Read]:
    """The two files of a stack, of which one is damaged, as `gitops check` and `gitops doctor` read them."""
    with tempfile.TemporaryDirectory() as name, files_in(Path(name)):
        folder = Path(name)
        stack, catalog = (EXAMPLES / "Pulumi.example.yaml").read_text(), (EXAMPLES / "catalog.yaml").read_text()
        with (
            patch.dict("os.environ", {"GITOPS_FLUX_MANIFESTS": str(manifests_directory())}),
            patch("stacks.choosing.installation.read_distribution", read_once),
            patch("pulumi.log.warn"),
            patch("pulumi.log.info"),
        ):

            def read(text: str) -> None:
                _write(folder / "Pulumi.fixture.yaml", text if damaged == "stack" else stack)
                _write(folder / "catalog.yaml", text if damaged == "catalog" else catalog)
                try:
                    load_settings_offline("fixture")
                except StackProblems as error:
                    if not all(line.isprintable() for line in shown(error.problems).split("\n")):
                        raise AssertionError("a message acts on the terminal") from error
                    raise

            yield read


@contextmanager
def _kubeconfig() -> Iterator[Read]:
    def read(text: str) -> None:
        found = parse(text, shown="KUBECONFIG")
        yaml.safe_dump(embedded(merged([found, found], "KUBECONFIG").reached(found.current_context), "KUBECONFIG"))

    yield read


@contextmanager
def _record() -> Iterator[Read]:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "record.yaml"

        def read(text: str) -> None:
            _write(file, text)
            problems: list[Problem] = []
            read_record(RecordFile(file, "checked/fixture.yaml"), problems)
            if problems:
                raise StackProblems(problems)

        yield read


@contextmanager
def _repository(file: str) -> Iterator[Read]:
    """A repository in which one file is damaged, judged as a whole."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        others = {"apps/a.yaml": CONFIG_MAP, "vars/a.yaml": CONFIG_MAP.replace("name: a", "name: b"), ".sops.yaml": CREATION_RULES}
        for path, content in others.items():
            _write(folder / path, content)

        def read(text: str) -> None:
            _write(folder / file, text)
            found = judge(facts({}), lambda names: {each: Tree(each, folder, [*others, file]) for each in names}).findings
            assert all(finding.text for finding in found)

        with patch.object(kustomize_build, "BuildProcess", NothingBuilt):
            yield read


@contextmanager
def _oci_manifest() -> Iterator[Read]:
    reference = parse_reference(f"registry.example.org/flux-manifests:v2.9.4@sha256:{'0' * 64}")

    def read(text: str) -> None:
        manifests = iter([text.encode(errors="surrogatepass"), json.dumps(MANIFEST).encode()])
        artifact._files(reference, lambda kind, _digest, largest: (next(manifests) if kind == "manifests" else LAYER)[:largest])

    yield read


@contextmanager
def _release() -> Iterator[Read]:
    def read(text: str) -> None:
        distribution_of({"gotk-components.yaml": text.encode(errors="surrogatepass")}, shown="v2.9.4", version="v2.9.4")

    yield read


@contextmanager
def _docker_config() -> Iterator[Read]:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "config.json"

        def read(text: str) -> None:
            _write(file, text)
            with patch("flux.release.docker_login.subprocess.run", side_effect=OSError):
                docker_login("registry.example.org", file)

        yield read


@contextmanager
def _api_server(path: str) -> Iterator[Read]:
    """A cluster whose API server answers with the damaged text at one path, as `gitops status` reads and shows it."""
    with any_server() as server, tempfile.TemporaryDirectory() as name:
        cluster = Cluster(server)
        kubeconfig = write_kubeconfig(Path(name) / "config", f"http://{server.address}")

        def read(text: str) -> None:
            cluster.answers[path] = Answer(body=text.encode(errors="surrogatepass"))
            output = io.StringIO()
            print_table(collect(kubeconfig, None), Console(file=output, width=120))
            if not all(line.isprintable() for line in output.getvalue().split("\n")):
                raise AssertionError("a row acts on the terminal")

        yield read


@contextmanager
def _forge(kind: type[Gitea]) -> Iterator[Read]:
    with any_server() as server:
        forge = kind(f"http://{server.address}", FORGE_TOKEN)

        def read(text: str) -> None:
            server.answer = lambda _: Answer(body=text.encode(errors="surrogatepass"), headers={"X-Total-Count": "1"})
            forge.deploy_keys(A_REPOSITORY)

        yield read
        forge.close()


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode(errors="surrogateescape" if text.isascii() else "surrogatepass"))


READERS: Mapping[str, Reader] = {
    "stack file": Reader(
        examples=((EXAMPLES / "Pulumi.example.yaml").read_text(),),
        opened=lambda: _stack(damaged="stack"),
        refuses=(StackProblems, FluxInputError),
        every_change=True,
    ),
    "catalog": Reader(
        examples=((EXAMPLES / "catalog.yaml").read_text(),),
        opened=lambda: _stack(damaged="catalog"),
        refuses=(StackProblems, FluxInputError),
        every_change=True,
    ),
    "files looked into": Reader(
        examples=tuple((EXAMPLES / name).read_text() for name in ("Pulumi.example.yaml", "catalog.yaml")), opened=looked_into
    ),
    "key service": Reader(
        examples=("aws_access_key_id: a\naws_secret_access_key: b\n", '{"type": "external_account"}'), opened=key_service
    ),
    "kubeconfig": Reader(examples=(KUBECONFIG, yaml.safe_dump(json.loads(KUBECONFIG))), opened=_kubeconfig, refuses=(KubeconfigError,)),
    "record": Reader(examples=(RECORD,), opened=_record, refuses=(StackProblems,)),
    "SOPS file": Reader(
        examples=(sealed("a.yaml", SECRET, ["current", "person"]), sealed("a.yaml", SECRET, ["current", "pgp"]), SECRET),
        opened=lambda: _repository("apps/a.sops.yaml"),
    ),
    "SOPS file in JSON": Reader(
        examples=(json.dumps(yaml.safe_load(sealed("a.yaml", SECRET, ["current"]))),), opened=lambda: _repository("apps/a.sops.json")
    ),
    "dotenv file": Reader(examples=(sealed("a.env", "A=b\nC=d\n", ["current"]),), opened=lambda: _repository("apps/s.env")),
    ".sops.yaml": Reader(examples=(CREATION_RULES, KEY_GROUPS), opened=lambda: _repository(".sops.yaml")),
    "kustomization.yaml": Reader(examples=(KUSTOMIZATION,), opened=lambda: _repository("apps/kustomization.yaml")),
    "objects in Git": Reader(
        examples=(CONFIG_MAP, SECRET, f"{CONFIG_MAP}---\n{SECRET}", *(file.read_text() for file in OBJECTS)),
        opened=lambda: _repository("apps/odd.yaml"),
    ),
    "API server: objects": Reader(examples=(ANSWER,), opened=lambda: _api_server(GIT), refuses=(LiveError,)),
    "API server: kinds": Reader(examples=(KINDS,), opened=lambda: _api_server(DISCOVERY[1]), refuses=(LiveError,)),
    "API server: controllers": Reader(examples=(CONTROLLERS,), opened=lambda: _api_server(DEPLOYMENTS), refuses=(LiveError,)),
    "Gitea: deploy keys": Reader(examples=(json.dumps([KEY, KEY | {"id": 2}]),), opened=lambda: _forge(Gitea), refuses=(CommandError,)),
    "OCI manifest": Reader(examples=(json.dumps(MANIFEST), json.dumps(INDEX)), opened=_oci_manifest, refuses=(FluxInputError,)),
    "files of an artifact": Reader(
        examples=(tar_of({"apps/a.yaml": "a: 1\n", "./b/c.yaml": "b: 2\n", "README.md": ""}),),
        opened=files_of_an_artifact,
        refuses=(TarballError,),
    ),
    "signatures: tag": Reader(
        examples=(signatures.LISTS[signatures.TAG],),
        opened=lambda: signatures.signatures_in_a_registry(signatures.TAG),
        refuses=(RejectedError, FluxInputError),
    ),
    "signatures: referrers": Reader(
        examples=(signatures.LISTS[signatures.REFERRERS],),
        opened=lambda: signatures.signatures_in_a_registry(signatures.REFERRERS),
        refuses=(RejectedError, FluxInputError),
    ),
    "Sigstore bundle": Reader(
        examples=(signatures.KEYLESS, signatures.KEYED),
        opened=signatures.bundle_of_sigstore,
        refuses=(RejectedError, FluxInputError),
    ),
    "transparency log": Reader(examples=(signatures.ENTRY,), opened=signatures.entry_of_a_log, refuses=(RejectedError, FluxInputError)),
    "Flux release": Reader(examples=(DEPLOYMENT,), opened=_release, refuses=(FluxInputError,)),
    "known_hosts": Reader(
        examples=(KNOWN_HOSTS,),
        opened=known_hosts,
    ),
    "Docker's config": Reader(
        examples=(
            json.dumps(
                {"auths": {"registry.example.org": {"auth": "YTpi"}}, "credsStore": "a", "credHelpers": {"registry.example.org": "b"}}
            ),
        ),
        opened=_docker_config,
        refuses=(DockerLoginError,),
    ),
}
