"""`gitops check` of this version beside that of another commit, on the same repositories: `python -m bench.check_time --before COMMIT`.

Every run is a process of its own, as a person starts it: loading Python, fetching with git, reading and judging. The contenders take
turns, and ratios are taken turn by turn: what slows the machine for a while slows both.
"""

import io
import os
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.console import Console

from bench.errors import BenchError
from bench.report import ratio
from bench.validation_time import manifests

CLONE = Path(__file__).parents[1]
ROOMS = ("components", "flux", "gitops", "live", "stacks", "__main__.py", "Pulumi.yaml")
GOAL = 1.2
HEADER = "| repositories | seconds before | seconds now | ratio of time | ratio of processor time |\n|---|---|---|---|---|"
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
"""The one of age's own documentation."""
_CIPHER = "ENC[AES256_GCM,data:bWFkZSB1cA==,iv:bWFkZSB1cA==,tag:bWFkZSB1cA==,type:str]"
_NOTHING_TIMED = "Nothing was measured."
_AUTHOR = {f"GIT_{who}_{what}": "bench@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Repositories of a stack."""

    repositories: int
    kustomizations: int
    """In each repository."""
    files: int
    """Of each Kustomization; every tenth is encrypted."""

    def __str__(self) -> str:
        count = self.repositories * self.kustomizations
        plural = "ies" if self.repositories > 1 else "y"
        return f"{self.repositories} repositor{plural}, {count} Kustomization{'s' if count > 1 else ''}, {count * self.files:,} files"


SAMPLES = (Sample(repositories=3, kustomizations=10, files=10), Sample(repositories=1, kustomizations=1, files=1000))


@dataclass(frozen=True)
class Taken:
    """Seconds of one run, with all that it started."""

    wall: float
    cpu: float


def main(
    before: Annotated[str, typer.Option(help="The commit to compare with.")],
    rounds: Annotated[int, typer.Option(min=1, help="How many times each version checks each sample.")] = 7,
) -> None:
    """Print a table for docs/security.md."""
    console = Console(highlight=False)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-check-") as made:
            folder = Path(made)
            programs = {"before": _program(folder, before), "now": _program(folder, None)}
            console.print(HEADER, soft_wrap=True)
            for number, sample in enumerate(SAMPLES):
                console.print(_line(sample, programs, folder / str(number), rounds), soft_wrap=True)
        console.print(f"Goal: at most {GOAL}.")
    except BenchError as error:
        Console(stderr=True, highlight=False).print(str(error), markup=False, soft_wrap=True)
        sys.exit(1)


def _program(folder: Path, commit: str | None) -> Path:
    """A copy of the program: of the files here, or of a commit."""
    target = folder / (commit or "here")
    target.mkdir()
    if commit is None:
        for room in ROOMS:
            source = CLONE / room
            shutil.copytree(source, target / room) if source.is_dir() else shutil.copy(source, target / room)
        return target
    done = subprocess.run(["git", "-C", str(CLONE), "archive", commit, *ROOMS], capture_output=True, check=False)
    if done.returncode:
        raise BenchError(f"there is no commit {commit}", _NOTHING_TIMED, "Name one: git log --oneline")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(target, filter="data")
    return target


def _line(sample: Sample, programs: Mapping[str, Path], folder: Path, rounds: int) -> str:
    environment = _environment(sample, folder)
    for program in programs.values():
        _lay_out(sample, program)
        _check(program, environment)  # once for bytecode
    taken: dict[str, list[Taken]] = {name: [] for name in programs}
    for turn in range(rounds):
        for name in list(programs)[:: 1 if turn % 2 else -1]:
            taken[name].append(_check(programs[name], environment))
    wall = ratio([each.wall for each in taken["now"]], [each.wall for each in taken["before"]])
    cpu = ratio([each.cpu for each in taken["now"]], [each.cpu for each in taken["before"]])
    least = {name: min(each.wall for each in taken[name]) for name in taken}
    ratios = " | ".join(f"{each.median:.2f} ({each.least:.2f} to {each.most:.2f})" for each in (wall, cpu))
    return f"| {sample} | {least['before']:.2f} | {least['now']:.2f} | {ratios} |"


def _check(program: Path, environment: Mapping[str, str]) -> Taken:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    command = [sys.executable, "-m", "gitops", "check", "--stack", "bench", "--no-record"]
    done = subprocess.run(
        command, cwd=program, env={**environment, "PYTHONPATH": str(program)}, capture_output=True, text=True, check=False
    )
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode or "0 errors" not in done.stdout:
        wrong = f"`gitops check` in {program} ends with {done.returncode}: {(done.stderr or done.stdout).strip()[-600:]}"
        raise BenchError(wrong, _NOTHING_TIMED, "Compare with a commit that reads the same files.")
    return Taken(wall, after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime)


def _lay_out(sample: Sample, program: Path) -> None:
    git = {
        _repository(number): {"url": _url(number), "spec": {"interval": "1h", "ref": {"branch": "main"}}}
        for number in range(sample.repositories)
    }
    kustomizations = {
        f"app-{number}-{each}": {
            "spec": {
                "sourceRef": {"kind": "GitRepository", "name": _repository(number)},
                "path": f"./apps/{each}",
                "interval": "1h",
                "prune": True,
                "decryption": {"provider": "sops"},
            }
        }
        for number in range(sample.repositories)
        for each in range(sample.kustomizations)
    }
    config = {
        "environment": "production",
        "cluster": {"name": "bench", "context": "bench", "server": "https://192.0.2.1:6443", "caSha256": "0" * 64},
        "flux": {"manifests": "./manifests/v2.9.4"},
        "age": {"keys": {"2026-11": {"origin": "supplied", "recipient": RECIPIENT}}},
        "age-2026-11": {"secure": "v1:closed"},
        "use": ["base"],
        "onDestroy": "keepWorkloads",
    }
    (program / "catalog.yaml").write_text(yaml.safe_dump({"git": git, "kustomizations": kustomizations}))
    (program / "Pulumi.bench.yaml").write_text(yaml.safe_dump({"config": {f"gitops:{key}": value for key, value in config.items()}}))
    shutil.copytree(manifests(), program / "manifests" / "v2.9.4", dirs_exist_ok=True)


def _environment(sample: Sample, folder: Path) -> dict[str, str]:
    """The sample's repositories in `folder`, and an environment in which git finds them under their URLs."""
    settings = ""
    for number in range(sample.repositories):
        work = folder / _repository(number)
        for path, text in _files(sample, number):
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_text(text)
        for arguments in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "-m", "bench"]):
            subprocess.run(["git", "-C", str(work), *arguments], check=True, env={**os.environ, **_AUTHOR})
        settings += f'[url "{work}"]\n  insteadOf = {_url(number)}\n'
    (folder / "gitconfig").write_text(settings)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITOPS_", "PULUMI_", "GIT_", "PYTHON"))}
    return kept | {"GIT_CONFIG_GLOBAL": str(folder / "gitconfig")}


def _files(sample: Sample, repository: int) -> Iterator[tuple[str, str]]:
    rule = {"path_regex": r"\.sops\.yaml$", "encrypted_regex": "^(data|stringData)$", "age": RECIPIENT}
    yield ".sops.yaml", yaml.safe_dump({"creation_rules": [rule]})
    for each in range(sample.kustomizations):
        for number in range(sample.files):
            name = f"app-{repository}-{each}-{number}"
            if number % 10:
                yield f"apps/{each}/{number}.yaml", yaml.safe_dump_all([_deployment(name), _service(name)])
            else:
                yield f"apps/{each}/{number}.sops.yaml", yaml.safe_dump(_secret(name))


def _deployment(name: str) -> dict[str, object]:
    container = {"name": "app", "image": f"registry.example.org/{name}:v1.2.3", "args": [f"--flag-{each}=value" for each in range(20)]}
    pod = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], "serviceAccountName": name}}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": name}}, "template": pod}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "default"}, "spec": spec}


def _service(name: str) -> dict[str, object]:
    spec = {"selector": {"app": name}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "default"}, "spec": spec}


def _secret(name: str) -> dict[str, object]:
    sops = {"age": [{"recipient": RECIPIENT, "enc": "made up"}], "mac": _CIPHER, "version": "3.11.0"}
    data = {f"key-{each}": _CIPHER for each in range(5)}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "default"}, "data": data, "sops": sops}


def _repository(number: int) -> str:
    return f"repository-{number}"


def _url(number: int) -> str:
    return f"https://git.example.org/{_repository(number)}.git"


if __name__ == "__main__":
    typer.run(main)
