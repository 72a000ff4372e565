"""Many repositories at once, with a word about how far it is."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from flux.message import Message
from flux.visible_text import visible
from gitops.check import requirements
from gitops.check.fetch.clone import NO_SUCH_COMMIT, NO_SUCH_REF, Checkout, NotFetchedError, Source, check_out, missing_revision
from gitops.check.fetch.git_login import KNOWN_HOSTS
from gitops.check.fetch.git_process import Deadline
from gitops.check.fetch.oci_artifact import pulled
from gitops.check.file_finding import FileFinding, error, warning
from gitops.check.repository.tree import Tree
from gitops.messages import trim
from gitops.terminal import clear_line, print_lines, rewrite_line

AT_ONCE = 6
ALL_SECONDS = 900.0
"""How long all repositories of a stack may take."""
SILENT_SECONDS = 2.0
HEARTBEAT_SECONDS = 20.0


HINTS = (
    (
        "Host key verification failed",
        "The server's key is not in `knownHosts`, so Flux would refuse it, too. Compare it with what the host publishes.",
    ),
    ("Permission denied (publickey", "The server does not know the key. Register its public half there, with read access."),
    ("certificate", "The server's certificate is not signed by a trusted CA. Set `ca` in the host or the credential."),
    ("Authentication failed", "The server refuses the login. Renew the password or token."),
    ("could not read Username", "The server does not accept the credential. Renew its password or token."),
    (NO_SUCH_REF, "The branch or tag does not exist. Correct `ref`; without one, Flux uses master."),
    (NO_SUCH_COMMIT, "The commit does not exist there. Correct `ref.commit`."),
)
"""What git says → what a person can do."""

HINTS_FOR_THE_PERSON = (
    (
        "Host key verification failed",
        "Your own known_hosts has another key for this server, or none. Add it there, or to `knownHosts` of the host, once you have "
        "compared it with what the host publishes.",
    ),
    (
        "Permission denied (publickey",
        "The server does not know your own key. Add it to your account there.",
    ),
    ("could not read Username", "The server requires a login. Give the source a `credential`, and set its secret here."),
    *HINTS,
)
"""The same, where it was fetched as this person."""
HINTS_WITH_KNOWN_HOSTS = (HINTS[0], *HINTS_FOR_THE_PERSON[1:])
"""The same, with the stack's known hosts besides: ssh then looked where Flux looks, too."""


@dataclass(frozen=True, kw_only=True)
class NotFetched:
    """Why the files of a source are missing."""

    what: str
    """What happened, worded to follow the name of the source."""
    said: str = ""
    """What git or the registry said of it."""
    missing: tuple[str, str] | None = None
    """`("tag", "v9.9.9")`: the revision that the server does not have, if that is why."""


class Fetcher:
    """Checks out sources by name, each once; what could not be fetched becomes a finding, and the others go on."""

    def __init__(self, sources: Mapping[str, Source], folder: Path, progress: TextIO, width: int = 120) -> None:
        self.sources, self._folder = dict(sources), folder
        self._called: dict[str, str] = {}
        self._tried: set[str] = set()
        self._folders = 0
        self._progress = FetchProgress(progress, width)
        self._deadline = Deadline(ALL_SECONDS)
        self.checkouts: dict[str, Checkout] = {}
        self.findings: list[FileFinding] = []
        self.why_not: dict[str, NotFetched] = {}
        """Source → why its files are missing."""

    def add(self, source: Source) -> None:
        """One more source that may be asked for."""
        self.sources[source.name] = source

    def call(self, other: str, name: str) -> None:
        """Another name for a source."""
        self._called[other] = name

    def __call__(self, names: list[str]) -> dict[str, Tree]:
        """Name → tree of those that could be fetched."""
        meant = {name: self._called.get(name, name) for name in names}
        self._fetch([name for name in dict.fromkeys(meant.values()) if name not in self._tried])
        return {name: self.checkouts[source].tree for name, source in meant.items() if source in self.checkouts}

    def _fetch(self, wanted: list[str]) -> None:
        if not wanted:
            return
        self._tried.update(wanted)
        with self._progress.of(wanted), ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            try:  # from the first submit on: git may run before the last one returns
                running = {pool.submit(_checked_out, self.sources[name], self._new_folder(), self._deadline): name for name in wanted}
                for future in as_completed(running):
                    self._take(running[future], future)
            except BaseException:  # Ctrl-C: whatever runs is ended, and what waits does not start
                self._deadline.end()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _new_folder(self) -> Path:
        """One of its own for each, under no name that a repository chose."""
        self._folders += 1
        return self._folder / str(self._folders)

    def _take(self, name: str, future: "Future[Checkout]") -> None:
        try:
            self.checkouts[name] = future.result()
        except NotFetchedError as problem:
            self._not_fetched(self.sources[name], problem)
        self._progress.finished(name)

    def _not_fetched(self, source: Source, error: NotFetchedError) -> None:
        if error.asks_too_much:
            self.why_not[source.name] = NotFetched(what=str(error))
            told = Message(str(error), "It was not checked.", "Check it yourself, or pin a tag.")
            self.findings.append(warning(requirements.NOT_CHECKED, source.name, "", told))
            return
        whose = "the stack's credential" if source.access.own else f"your own credentials ({source.access.instead})"
        missing = missing_revision(source, error.said) if source.kind == "GitRepository" else None
        why = NotFetched(what=f"could not be fetched with {whose}", said=str(error).rstrip("."), missing=missing)
        self.why_not[source.name] = why
        self.findings.append(_finding(source, why))


def _finding(source: Source, why: NotFetched) -> FileFinding:
    hints = HINTS if source.access.own else HINTS_WITH_KNOWN_HOSTS if KNOWN_HOSTS in source.access.files else HINTS_FOR_THE_PERSON
    hint = next((advice for said, advice in hints if said in why.said), "")
    told = Message(f"{why.what}: {why.said}", "Nothing in it was checked.", hint)
    if source.declared_at is None:
        return error(requirements.NOT_CHECKED, source.name, "", told)
    # What is declared in Git may have a login that only the cluster has.
    repository, file, line = source.declared_at
    return warning(
        requirements.NOT_CHECKED,
        repository,
        file,
        replace(told, wrong=f"{source.kind} {source.name.removeprefix(f'{source.kind}/')} {told.wrong}"),
        line,
    )


def _checked_out(source: Source, folder: Path, deadline: Deadline) -> Checkout:
    return (check_out if source.kind == "GitRepository" else pulled)(source, folder, deadline)


class FetchProgress:
    """Says nothing for two seconds; then, on a terminal, one line that is rewritten, elsewhere a line now and then."""

    def __init__(self, stream: TextIO, width: int) -> None:
        self._stream, self._width, self._terminal = stream, width, stream.isatty()
        self._waiting: list[str] = []
        self._all = 0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def of(self, names: list[str]) -> "FetchProgress":
        """Begin with these."""
        self._waiting, self._all = list(names), len(names)
        return self

    def finished(self, name: str) -> None:
        """One less to wait for."""
        self._waiting.remove(name)

    def __enter__(self) -> None:
        self._ended.clear()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()

    def _beat(self) -> None:
        started, said = time.monotonic(), False
        pause = SILENT_SECONDS
        while not self._ended.wait(pause):
            said, pause = True, 1.0 if self._terminal else HEARTBEAT_SECONDS
            waiting = self._waiting[:]
            done = f"{self._all - len(waiting)} of {self._all} repositories fetched"
            text = f"{time.monotonic() - started:.0f} s: {done}; waiting for {', '.join(waiting)}"
            if self._terminal:
                rewrite_line(trim(visible(text), self._width - 1), self._stream)
            else:
                print_lines(visible(text), self._stream)
        if said and self._terminal:
            clear_line(self._stream)
