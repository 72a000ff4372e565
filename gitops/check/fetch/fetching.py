"""Many repositories at once, with a word about how far it is."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TextIO

from gitops.check.fetch.clone import Checkout, NotFetchedError, Source, check_out
from gitops.check.findings.finding import Finding, Kind, error, warning
from gitops.check.repository.tree import Tree
from gitops.messages import trim

AT_ONCE = 6
SILENT_SECONDS = 2.0
HEARTBEAT_SECONDS = 20.0


HINTS = (
    (
        "Host key verification failed",
        "The server's key is not the one in `knownHosts`, so Flux would refuse it, too: compare it with what the host publishes",
    ),
    ("Permission denied (publickey", "The server does not know the key: register its public half there, with read access"),
    ("certificate", "The server's certificate is signed by nobody who is trusted here: give the host, or the credential, its `ca`"),
    ("Authentication failed", "The server refuses the login: renew the password or token"),
    ("could not read Username", "The server does not take what the credential holds: renew its password or token"),
    ("find remote ref", "There is no such branch or tag: mend `ref`, of which Flux takes master where nothing is said"),
)
"""What git says → what a person can do."""

HINTS_FOR_THE_PERSON = (
    (
        "Host key verification failed",
        "Your own known_hosts has another key for this server, or none, which says nothing about Flux: compare `knownHosts` of the host "
        "with what it publishes, and let your ssh know it, too",
    ),
    ("could not read Username", "The server wants a login, and there is none: give the source a `credential`, and its secret here"),
    *HINTS,
)
"""The same, where it was fetched as this person."""


class Fetcher:
    """Checks out sources by name, each once; what could not be fetched becomes a finding, and the others go on."""

    def __init__(self, sources: Mapping[str, Source], folder: Path, progress: TextIO, width: int = 120) -> None:
        self._sources, self._folder = sources, folder
        self._progress = FetchProgress(progress, width)
        self.checkouts: dict[str, Checkout] = {}
        self.findings: list[Finding] = []

    def __call__(self, names: list[str]) -> dict[str, Tree]:
        """Name → tree of those that could be fetched."""
        wanted = [name for name in names if name not in self.checkouts]
        if not wanted:
            return {}
        with self._progress.of(wanted), ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            running = {pool.submit(check_out, self._sources[name], self._folder / name): name for name in wanted}
            for future in as_completed(running):
                name = running[future]
                try:
                    self.checkouts[name] = future.result()
                except NotFetchedError as problem:
                    self.findings.append(self._not_fetched(self._sources[name], str(problem)))
                self._progress.finished(name)
        return {name: self.checkouts[name].tree for name in wanted if name in self.checkouts}

    @staticmethod
    def _not_fetched(source: Source, problem: str) -> Finding:
        if problem.startswith("asks"):
            return warning(Kind.NOT_CHECKED, source.name, "", f"was not checked: it {problem}; look at it yourself, or pin a tag")
        whose = "with the stack's credential" if source.access.own else "as you (the stack's credential is not at hand, or it has none)"
        hints = HINTS if source.access.own else HINTS_FOR_THE_PERSON
        hint = next((f" {advice}." for said, advice in hints if said in problem), "")
        text = f"could not be fetched, so nothing of it was checked: {problem.rstrip('.')}. It was tried {whose}.{hint}"
        return error(Kind.NOT_CHECKED, source.name, "", text)


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
                print(f"\r\033[K{trim(text, self._width - 1)}", end="", file=self._stream, flush=True)
            else:
                print(text, file=self._stream, flush=True)
        if said and self._terminal:
            print("\r\033[K", end="", file=self._stream, flush=True)
