"""A kubeconfig as typed, frozen values. No value of it is ever quoted, but for names and servers."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from flux.close_names import close_to
from flux.listing import suggestion
from flux.message import Message
from flux.secret_shapes import redacted
from live.access.server_address import ServerAddress, server_address
from live.errors import KubeconfigError

UNUSABLE = "No cluster can be reached with it."
_Entry = TypeVar("_Entry", bound="NamedEntry")


@dataclass(frozen=True, kw_only=True)
class NamedEntry:
    """One named entry of a kubeconfig."""

    name: str
    fields: Mapping[str, Any] = field(repr=False)
    """Its content, as it was read; null means empty."""
    folder: Path | None = None
    """What its file names are relative to; None: the working directory."""

    def text(self, key: str) -> str:
        """A text of it; empty if it is missing."""
        value = self.fields.get(key)
        return value if isinstance(value, str) else ""

    def path(self, key: str) -> Path | None:
        """A file that it names."""
        name = self.text(key)
        return (self.folder or Path()) / name if name else None


@dataclass(frozen=True, kw_only=True)
class Context(NamedEntry):
    """A cluster and a user by name."""

    @property
    def cluster(self) -> str:
        """Name of the cluster; empty for none."""
        return self.text("cluster")

    @property
    def user(self) -> str:
        """Name of the user; empty for none."""
        return self.text("user")

    @property
    def namespace(self) -> str:
        """Where commands look that name no namespace; empty for `default`."""
        return self.text("namespace")


@dataclass(frozen=True, kw_only=True)
class KubeconfigCluster(NamedEntry):
    """Where an API server is, and how to know it."""

    @property
    def server(self) -> str:
        """As it is written."""
        return self.text("server")

    @property
    def is_verified(self) -> bool:
        """Whether the server has to prove that it is the right one."""
        return self.fields.get("insecure-skip-tls-verify") is not True

    def address(self, shown: str) -> ServerAddress:
        """Host and port of the server.

        Raises:
            KubeconfigError: there is none, or it is not a URL.
        """
        trusts = any(self.text(key) for key in ("certificate-authority", "certificate-authority-data"))
        found = server_address(self.server, encrypted=trusts or not self.is_verified)
        if found is None:
            what = "is not the URL of a server" if self.server else "is required but missing"
            whose = f"cluster {redacted(self.name)}" if self.name else "the context's cluster, which has no name,"
            told = Message(f"the `server` of {whose} {what}", UNUSABLE, "Write one such as https://10.0.0.1:6443.")
            raise KubeconfigError(shown, told)
        return found


@dataclass(frozen=True, kw_only=True)
class User(NamedEntry):
    """How a user logs in."""

    def logs_in_by(self, *ways: str) -> str | None:
        """The first of these fields that is set."""
        return next((way for way in ways if self.fields.get(way)), None)


@dataclass(frozen=True, kw_only=True)
class ResolvedContext:
    """A context with the cluster and the user that it names."""

    context: Context
    cluster: KubeconfigCluster
    user: User
    address: ServerAddress


@dataclass(frozen=True, kw_only=True)
class Kubeconfig:
    """The content of one file, or of several that were merged."""

    shown: str
    """What messages call it: a path, a variable, a secret key."""
    current_context: str = ""
    contexts: Mapping[str, Context] = field(default_factory=dict)
    clusters: Mapping[str, KubeconfigCluster] = field(default_factory=dict)
    users: Mapping[str, User] = field(default_factory=dict)

    def reached(self, context: str) -> ResolvedContext:
        """What `context` leads to. A context may lack cluster and user; those that it names must exist.

        Raises:
            KubeconfigError: the context, cluster or user does not exist, or the server is not a URL.
        """
        if context not in self.contexts:
            raise KubeconfigError(self.shown, self.without_context(context))
        chosen = self.contexts[context]
        cluster = self._named("cluster", self.clusters, chosen) or KubeconfigCluster(name="", fields={})
        user = self._named("user", self.users, chosen) or User(name="", fields={})
        return ResolvedContext(context=chosen, cluster=cluster, user=user, address=cluster.address(self.shown))

    def without_context(self, name: str) -> Message:
        """The message for a context that does not exist."""
        close = close_to(name, self.contexts)
        known = ", ".join(redacted(each) for each in self.contexts) or "none"
        meant = suggestion(map(redacted, close))
        return Message(f"has no context {redacted(name)}", "It is unknown which cluster is meant.", meant or f"Its contexts: {known}.")

    def _named(self, kind: str, entries: Mapping[str, _Entry], context: Context) -> _Entry | None:
        name = context.text(kind)
        if name and name not in entries:
            wrong = f"context {redacted(context.name)} names {kind} {redacted(name)}, which does not exist"
            raise KubeconfigError(
                self.shown, Message(wrong, UNUSABLE, f"Add the {kind}, or choose another context: kubectl config get-contexts")
            )
        return entries.get(name)


def merged(kubeconfigs: Sequence[Kubeconfig], shown: str) -> Kubeconfig:
    """One kubeconfig of several, as kubectl merges: of what two of them have, the first one's counts, and as a whole."""
    return Kubeconfig(
        shown=shown,
        current_context=next((each.current_context for each in kubeconfigs if each.current_context), ""),
        contexts=_first_of_each(each.contexts for each in kubeconfigs),
        clusters=_first_of_each(each.clusters for each in kubeconfigs),
        users=_first_of_each(each.users for each in kubeconfigs),
    )


def _first_of_each(entries: Iterable[Mapping[str, _Entry]]) -> dict[str, _Entry]:
    every: dict[str, _Entry] = {}
    for of_one in entries:
        every = {**of_one, **every}
    return every


def listed_files(variable: str) -> list[Path]:
    """The files that a value of KUBECONFIG lists."""
    return [Path(part) for part in variable.split(os.pathsep) if part]
