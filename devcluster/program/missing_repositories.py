"""Whether the demo's Gitea has every repository that the stack names.

Someone who plays with the demo adds some to the stack's files and to Gitea; `make demo-down` removes the latter, and the next demo lacks
them.
"""

import os
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from devcluster.gitea.sample_repositories import Samples
from devcluster.messages.errors import DevclusterError
from devcluster.messages.shell_commands import CLONE, ShellCommands
from devcluster.program.pulumi_stack import STACK
from devcluster.program.waiting_for_flux import WAIT_SECONDS
from gitops.errors import CommandError
from gitops.stack_sources import StackRepository, git_sources

FILES = (f"Pulumi.{STACK}.yaml", "catalog.yaml")
"""What a person changes to play; those that exist."""
ADDRESSES = ("GITOPS_DEV_GITEA_SSH", "GITOPS_DEV_GITEA_HTTPS", "GITOPS_DEV_GITEA_HTTP")
"""The variables that hold where the organisation of the demo's Gitea is."""


def refuse_missing_repositories(samples: Samples, environment: Mapping[str, str]) -> None:
    """Raise DevclusterError when the stack names a repository that the demo's Gitea does not have. What else is wrong, Pulumi says."""
    try:
        with _variables(environment):
            sources = git_sources(STACK)
    except CommandError:
        return
    addresses = [environment[name] for name in ADDRESSES]
    if missing := missing_repositories(sources, addresses, samples.names()):
        raise _refusal(missing, changed_files(), samples.home.commands)


def missing_repositories(sources: Collection[StackRepository], addresses: Collection[str], there: Collection[str]) -> dict[str, bool]:
    """The repositories that `sources` name below `addresses`, without those that are there → whether a credential reads them.

    Gitea takes Foo and foo for the same.
    """
    known, named = {name.lower() for name in there}, dict[str, bool]()
    for source in sources:
        for address in addresses:
            name = source.url.removeprefix(f"{address}/").removesuffix(".git")
            if source.url.startswith(f"{address}/") and name.lower() not in known:
                named[name] = named.get(name, False) or source.has_credential
    return dict(sorted(named.items()))


def changed_files() -> list[str]:
    """Those of FILES that differ from the last commit; none where git does not say."""
    command = ["git", "diff", "--name-only", "HEAD", "--", *FILES]
    return subprocess.run(command, cwd=CLONE, capture_output=True, text=True, check=False).stdout.split()


def _refusal(missing: Mapping[str, bool], changed: Sequence[str], commands: ShellCommands) -> DevclusterError:
    first = next(iter(missing))
    named = f"a repository that the demo's Gitea does not have: {first}"
    if len(missing) > 1:
        named = f"{len(missing)} repositories that the demo's Gitea does not have: {', '.join(missing)}"
    where = f"{' and '.join(changed)}, changed since the last commit, " if changed else f"stack {STACK} "
    back = f" Or restore the shipped files, and keep yours aside: git stash push {' '.join(changed)}" if changed else ""
    create = commands.repository(first, private=missing[first])
    return DevclusterError(
        f"{where}{'name' if len(changed) > 1 else 'names'} {named}",
        f"Flux could not fetch {'it' if len(missing) == 1 else 'them'}, and the demo would wait {WAIT_SECONDS:.0f} s for nothing.",
        f"Create {'it' if len(missing) == 1 else 'each'} with `{create}`, then run `{commands.up}` again.{back}",
    )


@contextmanager
def _variables(environment: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
