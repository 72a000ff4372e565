"""Pushing file trees with the real git: the same files make the same commit, and unchanged files make none."""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from devcluster.messages.errors import DevclusterError

AUTHOR = {"NAME": "Devcluster", "EMAIL": "devcluster@localhost", "DATE": "2026-01-01T00:00:00Z"}
NO_OBJECT = "0" * 40
"""Instead of an object's name: the path leaves the index."""


class Publisher:
    """One repository on a Git server, written to over HTTP through a bare clone that is kept in `clone`."""

    def __init__(self, url: str, authorization: httpx.BasicAuth, clone: Path) -> None:
        """Push to `url` as whom `authorization` says."""
        self._url = url
        self._clone = clone
        header = next(authorization.auth_flow(httpx.Request("GET", url))).headers["Authorization"]
        # In the environment, not in the arguments, which every user of the machine can read.
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(clone),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: {header}",
            **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in AUTHOR.items()},
        }

    def publish(self, files: Mapping[str, bytes], message: str, *, part: str | None = None) -> str:
        """Make `main` hold `files` and return its commit; nothing is pushed when it holds them already.

        `part` names a set of files that is published on its own: files of its previous publication that are missing now are
        removed, and an unchanged set is left alone even if its files on `main` were changed since. All other files stay.
        """
        if not self._clone.exists():
            self._git("init", "--quiet", "--bare", "--initial-branch=main", str(self._clone))
        head = self._fetch()
        wanted = self._tree(files)
        published = self._resolve(f"refs/published/{part}") if part else None
        if head and published == wanted:
            return head
        tree = self._overlaid(head, wanted, gone=sorted(set(self._paths(published)) - set(files)))
        if not head or self._git("rev-parse", f"{head}^{{tree}}") != tree:
            head = self._commit(tree, head, message)
            self._git("push", "--quiet", self._url, f"{head}:refs/heads/main")
            self._git("update-ref", "refs/heads/main", head)
        if part:
            self._git("update-ref", f"refs/published/{part}", wanted)
        return head

    def read(self, path: str) -> bytes | None:
        """The content of `path` on `main`; None when it is not there."""
        head = self._fetch() if self._clone.exists() else None
        if not head or path not in self._paths(head):
            return None
        return self._run("cat-file", "blob", f"{head}:{path}").stdout

    def history(self) -> list[str]:
        """The commits of `main`, the newest first."""
        head = self._fetch() if self._clone.exists() else None
        return self._git("rev-list", head).splitlines() if head else []

    def _fetch(self) -> str | None:
        found = self._git("ls-remote", self._url, "refs/heads/main").partition("\t")[0]
        if found and self._resolve("refs/heads/main") != found:
            self._git("fetch", "--quiet", self._url, "+refs/heads/main:refs/heads/main")
        return found or None

    def _tree(self, files: Mapping[str, bytes]) -> str:
        with tempfile.TemporaryDirectory(dir=self._clone) as scratch:
            work = Path(scratch) / "files"
            work.mkdir()
            for path, content in files.items():
                (work / path).parent.mkdir(parents=True, exist_ok=True)
                (work / path).write_bytes(content)
            place = {"GIT_INDEX_FILE": str(Path(scratch) / "index"), "GIT_WORK_TREE": str(work)}
            self._git("-c", "core.bare=false", "add", "--force", "--all", ".", extra=place)
            return self._git("write-tree", extra=place)

    def _overlaid(self, head: str | None, wanted: str, gone: Sequence[str]) -> str:
        with tempfile.TemporaryDirectory(dir=self._clone) as scratch:
            index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
            if head:
                self._git("read-tree", head, extra=index)
            lines = [f"0 {NO_OBJECT}\t{path}" for path in gone] + self._git("ls-tree", "-r", wanted).splitlines()
            self._run("update-index", "--index-info", extra=index, stdin="\n".join([*lines, ""]).encode())
            return self._git("write-tree", extra=index)

    def _commit(self, tree: str, parent: str | None, message: str) -> str:
        return self._git("commit-tree", tree, *(("-p", parent) if parent else ()), "-m", message)

    def _paths(self, tree: str | None) -> list[str]:
        return self._git("ls-tree", "-r", "--name-only", tree).splitlines() if tree else []

    def _resolve(self, reference: str) -> str | None:
        done = self._run("rev-parse", "--quiet", "--verify", reference, check=False)
        return done.stdout.decode().strip() or None

    def _git(self, *arguments: str, extra: Mapping[str, str] | None = None) -> str:
        return self._run(*arguments, extra=extra).stdout.decode().strip()

    def _run(
        self, *arguments: str, extra: Mapping[str, str] | None = None, stdin: bytes = b"", check: bool = True
    ) -> "subprocess.CompletedProcess[bytes]":
        environment = self._environment | {"GIT_DIR": str(self._clone)} | dict(extra or {})
        directory = (extra or {}).get("GIT_WORK_TREE")
        done = subprocess.run(["git", *arguments], env=environment, cwd=directory, input=stdin, capture_output=True, check=False)
        if check and done.returncode != 0:
            last = (done.stderr.decode(errors="replace").strip() or "it printed nothing").splitlines()[-1]
            raise DevclusterError(
                f"`git {arguments[0]}` for {self._url} failed: {last}",
                "Its files were not pushed, so Flux has nothing to apply.",
                "Run the command again.",
            )
        return done
