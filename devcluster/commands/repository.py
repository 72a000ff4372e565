"""`repository`: one more repository on the Gitea of an embedded cluster, which Flux may read as it reads the samples."""

import re
from pathlib import Path
from shlex import quote

from devcluster.commands.homes import host_name, is_bare, running
from devcluster.embedded_cluster import Devcluster
from devcluster.gitea.chart_package import read_tree
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
    files = {} if empty else files_of(source) if source else {"README.md": f"# {name}\n".encode()}
    cluster = running(directory)
    commit = cluster.samples.create(name, files, private=private)
    bare = is_bare(cluster.home)
    count = f"{len(files)} file{'' if len(files) == 1 else 's'}"
    begin = f"with {count}, main at {commit[:8]}" if files else "without a commit"
    work = f"clone {cluster.samples.url(name)}" if files else f"push {cluster.samples.url(name)} HEAD:main"
    return f"""\
Created the {"private " if private else ""}repository {ORGANISATION}/{name} {begin}.

{"To work on it:       " if files else "To push your clone:  "}{cluster.home.commands.env}; git {work}
In the catalog:      {catalog_line(name, private=private, bare=bare)}
                     {_under(bare=bare)}{_login(cluster) if private else ""}"""


def catalog_line(name: str, *, private: bool = False, bare: bool = False) -> str:
    """The entry of the catalog's section `git`, in the catalog of the demo, or in the one that `gitops new` writes for a bare cluster."""
    group = "base" if bare else "apps"
    return f"{name}: {{from: {host_name(bare=bare)}/{name}, {f'credential: {CREDENTIAL}, ' if private else ''}groups: [{group}]}}"


def _under(*, bare: bool) -> str:
    if bare:
        return "under `git`; `gitops new` writes the entry of the first repository, and the host git, itself"
    return "under `git`; replace apps by a group that the stack uses"


def _login(cluster: Devcluster) -> str:
    """What a stack needs to fetch what is private; the demo's has it."""
    samples = cluster.samples
    if not is_bare(cluster.home):
        return f"\nFlux logs in with:    {CREDENTIAL}, which stack dev has"
    return f"""
In the stack file:   gitops:credentials: {{{CREDENTIAL}: {{type: basic, username: {samples.reader}}}}}
Its token:           pulumi config set --secret gitops:{CREDENTIAL}-password < {quote(str(samples.read_token))}"""


def files_of(source: Path) -> dict[str, bytes]:
    """Every file below `source`, but for what git keeps of its own. Raises DevclusterError when there is none."""
    if not source.is_dir():
        raise DevclusterError(
            f"{source} is not a directory", "No repository was created.", "With --from, name the directory with the files to push."
        )
    files = read_tree(source)
    if not files:
        raise DevclusterError(
            f"{source} contains no files", "No repository was created.", "Add a file, or omit --from to push only a README.md."
        )
    return files


def _refuse_name(name: str) -> None:
    if not NAME.fullmatch(name) or name.endswith((".git", ".wiki", ".")):
        raise DevclusterError(
            f"{name!r} cannot be the name of a repository",
            "Gitea would refuse it.",
            "Use only letters, digits and . _ -, and begin with a letter or digit.",
        )
