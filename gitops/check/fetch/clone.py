"""Checking out what source-controller would: one commit of a repository, and which of its files it leaves out."""

import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flux.known_secrets import KnownSecrets
from gitops.check.fetch.git_login import Access, git_environment
from gitops.check.fetch.git_process import LARGEST_OUTPUT, Deadline, NotEndedError, NotStartedError, run_git
from gitops.check.repository.documents import text
from gitops.check.repository.tree import Tree
from gitops.git_isolation import RAW, for_content
from gitops.messages import LONGEST_SAID, one_line, redact, trim_middle

SECONDS = 180.0
"""How long one repository may take."""
MOST_FILES, LARGEST_CHECKOUT_GIB = 200_000, 4
"""Of one commit."""
_LARGEST_LIST = 200 * MOST_FILES
"""Of their names, modes and sizes."""
_LINK = "120000"
"""The mode of a symbolic link in git."""
_MOST_OF_A_FILE = 1024**2
"""Of a .sourceignore."""
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NAME = re.compile(r"(?!.*\.\.)[^-+:*?\[~^\\\s\x00-\x1f\x7f][^:*?\[~^\\\s\x00-\x1f\x7f]*")
"""What git takes as a name (git-check-ref-format), so that none is read as an option or as a rule for several."""
NO_SUCH_REF, NO_SUCH_COMMIT = "find remote ref", "not our ref"
"""In what git says where the server answers, and does not have what was asked for."""
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
"""What source-controller leaves out by default (https://fluxcd.io/flux/components/source/gitrepositories, Default
exclusions); where somebody did, only the files of version control."""


class NotFetchedError(Exception):
    """A repository that could not be checked out; the text is one sentence, without secrets."""

    def __init__(self, problem: str, *, said: str = "", asks_too_much: bool = False) -> None:
        """`said`: what git said, which ends the sentence; `asks_too_much`: git was not asked, because only Flux could answer."""
        self.said, self.asks_too_much = said, asks_too_much
        super().__init__(f"{problem}: {said}" if said else problem)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A GitRepository or an OCIRepository to check out."""

    name: str
    url: str
    spec: Mapping[str, Any]
    access: Access
    kind: str = "GitRepository"
    declared_at: tuple[str, str, int] | None = None
    """Repository, file and line, of one that Git itself declares; None for one of the stack."""


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """A repository at one commit, or an artifact of a registry by its digest."""

    commit: str
    tree: Tree


def check_out(source: Source, folder: Path, deadline: Deadline | None = None) -> Checkout:
    """Fetch one commit of `source` into `folder`, which is new, and list its files.

    Raises:
        NotFetchedError: git said no or did not end in time, the source asks for a range of versions, or its `ref` is no name of git's.
    """
    reference = dict(source.spec.get("ref") or {})
    commit = text(reference, "commit")
    branch = f"refs/heads/{text(reference, 'branch') or DEFAULT_BRANCH}"
    named = text(reference, "name") or (f"refs/tags/{text(reference, 'tag')}" if text(reference, "tag") else branch)
    if text(reference, "semver") and not (commit or text(reference, "name")):
        raise NotFetchedError("asks for a version range (ref.semver), which only source-controller resolves", asks_too_much=True)
    if not (_COMMIT.fullmatch(commit) if commit else _NAME.fullmatch(named) and _NAME.fullmatch(branch)):
        problem = "asks for what git cannot fetch: `ref` is neither a commit nor the name of a branch or tag"
        raise NotFetchedError(problem, asks_too_much=True)
    with tempfile.TemporaryDirectory(prefix="gitops-check-") as secrets:
        git = _Git(source, folder, Deadline(SECONDS, deadline))
        fetching, content = git_environment(source.access, Path(secrets)), for_content()
        _made(folder, git)
        refused: NotFetchedError | None = None
        try:
            git(fetching, "fetch", "--quiet", "--depth", "1", "--no-tags", "--", source.url, commit or named)
        except NotFetchedError as error:
            if not commit:
                raise
            refused = error
        try:
            if refused:
                git(fetching, "fetch", "--quiet", "--no-tags", "--", source.url, branch)  # a server that hands out no single commit
            listed = git(content, "ls-tree", "-r", "-z", "--long", commit or "FETCH_HEAD", largest=_LARGEST_LIST)
        except NotFetchedError:
            if refused and NO_SUCH_COMMIT in refused.said:
                raise refused from None
            raise
        _refuse_bombs(listed)
        git(content, "checkout", "--quiet", "--detach", commit or "FETCH_HEAD")
        found = git(content, "rev-parse", "HEAD").strip()
        tree = _tree(source, folder, git, Path(secrets))
    return Checkout(commit=found, tree=tree)


def missing_revision(source: Source, said: str) -> tuple[str, str] | None:
    """`("tag", "v9.9.9")`: what the server does not have, if that is why git could not fetch it, as it says."""
    reference = dict(source.spec.get("ref") or {})
    commit, branch = text(reference, "commit"), text(reference, "branch")
    if commit and NO_SUCH_COMMIT in said:
        return "commit", commit
    if NO_SUCH_REF not in said:
        return None
    if commit:
        return ("branch", branch) if branch else None  # else nobody said that there is one
    named = ((called, text(reference, key)) for called, key in (("ref", "name"), ("tag", "tag")))
    return next(((called, name) for called, name in named if name), ("branch", branch or DEFAULT_BRANCH))


def _refuse_bombs(listed: str) -> None:
    """Raise NotFetchedError for a commit that would fill the disk: what is in it once may be named a billion times."""
    files = _listed(listed)
    if len(files) > MOST_FILES:
        raise NotFetchedError(f"has more than {MOST_FILES:,} files")
    sizes = (each.partition("\t")[0].split()[-1] for each in files)  # of a submodule, it is -
    if sum(int(size) for size in sizes if size.isdigit()) > LARGEST_CHECKOUT_GIB * 1024**3:
        raise NotFetchedError(f"has more than {LARGEST_CHECKOUT_GIB} GiB of files")


def as_if_committed(source: Source, files: Path) -> Tree:
    """The files of a folder, as if they were a commit of `source`; the folder is this program's own, and becomes a repository.

    Raises:
        NotFetchedError: git said no or did not end in time.
    """
    with tempfile.TemporaryDirectory(prefix="gitops-check-") as scratch:
        git, content = _Git(source, files, Deadline(SECONDS)), for_content()
        _made(files, git)
        git(content, "add", "--all", "--force", "--", ".")
        return _tree(source, files, git, Path(scratch))


def _made(folder: Path, git: "_Git") -> None:
    """An empty repository in `folder`."""
    git(for_content(), "init", "--quiet", str(folder))
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "attributes").write_text(RAW, encoding="utf-8")


def _tree(source: Source, folder: Path, git: "_Git", scratch: Path) -> Tree:
    """What is in the index."""
    content = for_content()
    modes = dict(_with_mode(entry) for entry in _listed(git(content, "ls-files", "-z", "--stage")))
    files, links = list(modes), [file for file, mode in modes.items() if mode == _LINK]
    ignored = _listed(git(content, "ls-files", "-z", "--cached", "--ignored", *_ignoring(source, folder, files, scratch)))
    return Tree(source.name, folder, files, ignored, links=links)


def files_left_out(source: Source, folder: Path, files: list[str], deadline: Deadline) -> list[str]:
    """Of the files in `folder`, which is no repository of git, those that source-controller leaves out."""
    with tempfile.TemporaryDirectory(prefix="gitops-check-") as scratch:
        git, content = _Git(source, Path(scratch), deadline), for_content()
        git(content, "init", "--quiet", "--bare", "bare")
        where = (f"--git-dir={scratch}/bare", f"--work-tree={folder}")
        return _listed(git(content, *where, "ls-files", "-z", "--others", "--ignored", *_ignoring(source, folder, files, Path(scratch))))


def _ignoring(source: Source, folder: Path, files: list[str], scratch: Path) -> list[str]:
    """Git's own arguments for the patterns of a source: git and source-controller read them alike."""
    own = _patterns(text(dict(source.spec), "ignore"))
    in_files = any(_patterns(_content(folder / file)) for file in files if file.rpartition("/")[2] == ".sourceignore")
    defaults = scratch / "ignored"
    defaults.write_text("\n".join(_VERSION_CONTROL if own or in_files else _DEFAULT_IGNORED) + "\n", encoding="utf-8")
    return [f"--exclude-from={defaults}", "--exclude-per-directory=.sourceignore", *(f"--exclude={line}" for line in own)]


def _patterns(written: str) -> list[str]:
    """The lines that are patterns: without any, source-controller takes its default exclusions."""
    return [line for line in written.splitlines() if line.strip() and not line.startswith("#")]


def _content(file: Path) -> str:
    with suppress(OSError), os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
        return opened.read(_MOST_OF_A_FILE).decode(errors="replace")
    return ""


def _with_mode(entry: str) -> tuple[str, str]:
    """A file and its mode, of a line of `git ls-files --stage`: mode, object and stage, a tab, and the name."""
    described, _, file = entry.partition("\t")
    return file, described.partition(" ")[0]


def _listed(output: str) -> list[str]:
    return [file for file in output.split("\0") if file]


class _Git:
    """git in one folder, until one deadline."""

    def __init__(self, source: Source, folder: Path, deadline: Deadline) -> None:
        self._source, self._folder, self._deadline = source, folder, deadline
        self._secrets = KnownSecrets(*source.access.secrets)

    def __call__(self, environment: Mapping[str, str], *arguments: str, largest: int = LARGEST_OUTPUT) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            done = run_git(arguments, self._folder, environment, self._deadline, largest=largest)
        except FileNotFoundError:
            raise NotFetchedError("git is not on PATH; install it from your distribution") from None
        except NotStartedError:
            problem = "asks for what git cannot be given: `ref` or `ignore` is too long, or is no text"
            raise NotFetchedError(problem, asks_too_much=True) from None
        except NotEndedError as error:
            raise NotFetchedError(str(error)) from None
        if done.returncode != 0:
            raise NotFetchedError("git says", said=self._last_line(done.stderr.decode(errors="replace")))
        return os.fsdecode(done.stdout)  # names of files have any bytes

    def _last_line(self, said: str) -> str:
        # The last lines of git's own are advice for all cases; the line before tells which one it is.
        advice = ("Please make sure", "and the repository exists", "fatal: Could not read from remote repository")
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        telling = [line for line in lines if not line.startswith(advice)] or lines or ["nothing"]
        # Of the access itself: this runs in a thread of its own, which does not see the secrets of the run.
        return trim_middle(redact(one_line(self._secrets.masked(telling[-1]))), LONGEST_SAID)
