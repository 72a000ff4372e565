"""Checking out what source-controller would: one commit of a repository, and which of its files it leaves out."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitops.check.fetch.git_login import Access, git_environment
from gitops.check.repository.documents import text
from gitops.check.repository.tree import Tree
from gitops.messages import one_line, redact

SECONDS = 180
"""How long one git command may take."""
DEFAULT_BRANCH = "master"
"""What Flux takes when a GitRepository says nothing (source-controller, git.DefaultBranch)."""
_VERSION_CONTROL = (".git/", ".gitignore", ".gitmodules", ".gitattributes")
_DEFAULT_IGNORED = (
    *_VERSION_CONTROL,
    *("*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip"),
    *(".github/", ".circleci/", ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml"),
    *("cloudbuild.yaml", "codeship-services.yml", "codeship-steps.yml"),
    *("**/.goreleaser.yml", "**/.goreleaser.brew.yml", "**/.sops.yaml", "**/.flux.yaml"),
)
"""What source-controller leaves out where nobody wrote patterns (https://fluxcd.io/flux/components/source/gitrepositories, Default
exclusions); where somebody did, only the files of version control."""


class NotFetchedError(Exception):
    """A repository that could not be checked out; the text is one sentence, without secrets."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A GitRepository to check out."""

    name: str
    url: str
    spec: Mapping[str, Any]
    access: Access


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """A repository at one commit."""

    commit: str
    tree: Tree


def check_out(source: Source, folder: Path) -> Checkout:
    """Fetch one commit of `source` into `folder`, which is new, and list its files.

    Raises:
        NotFetchedError: git said no, did not end, or the source asks for a range of versions.
    """
    reference = dict(source.spec.get("ref") or {})
    if text(reference, "semver") and not (text(reference, "commit") or text(reference, "name")):
        raise NotFetchedError("asks for a version range (ref.semver), which only source-controller resolves")
    with tempfile.TemporaryDirectory(prefix="gitops-check-") as secrets:
        git = _Git(source, folder, git_environment(source.access, Path(secrets)))
        git("init", "--quiet", str(folder))
        commit = text(reference, "commit")
        branch = f"refs/heads/{text(reference, 'branch') or DEFAULT_BRANCH}"
        named = text(reference, "name") or (f"refs/tags/{text(reference, 'tag')}" if text(reference, "tag") else branch)
        try:
            git("fetch", "--quiet", "--depth", "1", "--no-tags", "--", source.url, commit or named)
        except NotFetchedError:
            if not commit:
                raise
            git("fetch", "--quiet", "--no-tags", "--", source.url, branch)  # a server that hands out no single commit
        git("checkout", "--quiet", "--detach", commit or "FETCH_HEAD")
        found = git("rev-parse", "HEAD").strip()
        files = _listed(git("ls-files", "-z"))
        ignored = _listed(git("ls-files", "-z", "--cached", "--ignored", *_ignoring(source, files, Path(secrets))))
    return Checkout(commit=found, tree=Tree(source.name, folder, files, ignored))


def _ignoring(source: Source, files: list[str], scratch: Path) -> list[str]:
    """Git's own arguments for the patterns of a source: git and source-controller read them alike."""
    own = text(dict(source.spec), "ignore").splitlines()
    in_files = any(file.rpartition("/")[2] == ".sourceignore" for file in files)
    defaults = scratch / "ignored"
    defaults.write_text("\n".join(_VERSION_CONTROL if own or in_files else _DEFAULT_IGNORED) + "\n", encoding="utf-8")
    written = [f"--exclude={line}" for line in own if line.strip() and not line.startswith("#")]
    return [f"--exclude-from={defaults}", "--exclude-per-directory=.sourceignore", *written]


def _listed(output: str) -> list[str]:
    return [file for file in output.split("\0") if file]


class _Git:
    """git in one folder, in one environment."""

    def __init__(self, source: Source, folder: Path, environment: Mapping[str, str]) -> None:
        self._source, self._folder, self._environment = source, folder, dict(environment)

    def __call__(self, *arguments: str) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            done = subprocess.run(
                ["git", *arguments],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise NotFetchedError("git is not on PATH; install it from your distribution") from None
        except subprocess.TimeoutExpired:
            raise NotFetchedError(f"git did not finish within {SECONDS} s") from None
        if done.returncode != 0:
            raise NotFetchedError(f"git says: {self._last_line(done.stderr.decode(errors='replace'))}")
        return os.fsdecode(done.stdout)  # names of files have any bytes

    def _last_line(self, said: str) -> str:
        # The last lines of git's own are advice for all cases; the line before tells which one it is.
        advice = ("Please make sure", "and the repository exists", "fatal: Could not read from remote repository")
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        telling = [line for line in lines if not line.startswith(advice)] or lines or ["nothing"]
        last = redact(one_line(telling[-1]))
        for secret in self._source.access.secrets:
            last = last.replace(secret, "…")
        return last
