"""`repository`: one more repository on the Gitea of an embedded cluster, which Flux may read as it reads the samples."""

import re
from pathlib import Path
from shlex import quote

from devcluster.commands.homes import host_name, is_bare, running
from devcluster.commands.pushed_files import files_of
from devcluster.embedded_cluster import Devcluster
from devcluster.gitea.gitea_server import ORGANISATION
from devcluster.messages.errors import DevclusterError

CREDENTIAL = "gitea-read"
"""What the dev stack calls the login with the token that reads private repositories."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def create(directory: Path, name: str, source: Path | None, *, private: bool = False, empty: bool = False) -> str:
    """Make it, with the files of `source`, with a README.md, or with nothing; what a person has to know of it."""
    _refuse_name(name)
    if source and empty:
        raise DevclusterError("--from and --empty contradict each other", "No repository was created.", "Use one of them.")
    files = {} if empty else _files(name, source)
    cluster = running(directory)
    commit = cluster.samples.create(name, files, private=private)
    bare = is_bare(cluster.home)
    count = f"{len(files)} file{'' if len(files) == 1 else 's'}"
    begin = f"with {count}, main at {commit[:8]}" if files else "without a commit"
    return f"""\
Created the {"private " if private else ""}repository {ORGANISATION}/{name} {begin}.

{_work(cluster, name) if files else _push(cluster, name)}
In the catalog:      {catalog_line(name, private=private, bare=bare)}
                     {"" if files else "if a stack is to fetch it; "}{_under(bare=bare)}{_login(cluster) if private else ""}"""


def _files(name: str, source: Path | None) -> dict[str, bytes]:
    if source is None:
        return {"README.md": f"# {name}\n".encode()}
    return files_of(source, "No repository was created.", "Add a file, or omit --from to push only a README.md.")


def _work(cluster: Devcluster, name: str) -> str:
    return f"To work on it:       {cluster.home.commands.env}; git clone {cluster.samples.url(name)}"


def _push(cluster: Devcluster, name: str) -> str:
    """The commands after which a plain `git push` in the clone is also one to this repository."""
    url = cluster.samples.url(name)
    return f"""\
To push your clone:  {cluster.home.commands.env}; git remote add origin {url} && git push --set-upstream origin HEAD
                     if it has a remote `origin`, first run: git remote rename origin upstream"""


def catalog_line(name: str, *, private: bool = False, bare: bool = False) -> str:
    """The entry of the catalog's section `git`, in the catalog of the demo, or in the one that `gitops new` writes for a bare cluster."""
    group = "base" if bare else "apps"
    return f"{name}: {{from: {host_name(bare=bare)}/{name}, {f'credential: {CREDENTIAL}, ' if private else ''}groups: [{group}]}}"


def _under(*, bare: bool) -> str:
    if bare:
        return "under `git`; `gitops new` writes the entry of the first repository, and the host git, itself"
    return "under `git`; stack dev uses group apps; for another stack, write a group that it uses"


def _login(cluster: Devcluster) -> str:
    """What a stack needs to fetch what is private; the demo's has it."""
    samples = cluster.samples
    if not is_bare(cluster.home):
        return f"\nFlux logs in with:   {CREDENTIAL}, which stack dev has"
    return f"""
In the stack file:   gitops:credentials: {{{CREDENTIAL}: {{type: basic, username: {samples.reader}}}}}
Its token:           pulumi config set --secret gitops:{CREDENTIAL}-password < {quote(str(samples.read_token))}"""


def _refuse_name(name: str) -> None:
    if not NAME.fullmatch(name) or name.endswith((".git", ".wiki", ".")):
        raise DevclusterError(
            f"{name!r} cannot be the name of a repository",
            "Gitea would refuse it.",
            "Use only letters, digits and . _ -, and begin with a letter or digit.",
        )
