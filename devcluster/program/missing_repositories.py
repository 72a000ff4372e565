"""Whether the demo's Gitea has every repository that the stack names.

Who plays with the demo adds some to the stack's files and to Gitea; `make demo-down` removes the latter, and the next demo lacks them.
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
from gitops.stack_sources import git_urls

FILES = (f"Pulumi.{STACK}.yaml", "catalog.yaml")
"""What a person changes to play; those that there are."""
ADDRESSES = ("GITOPS_DEV_GITEA_SSH", "GITOPS_DEV_GITEA_HTTPS", "GITOPS_DEV_GITEA_HTTP")
"""The variables that hold where the organisation of the demo's Gitea is."""


def refuse_missing_repositories(samples: Samples, environment: Mapping[str, str]) -> None:
    """Raise DevclusterError when the stack names a repository that the demo's Gitea does not have. What else is wrong, Pulumi says."""
    try:
        with _variables(environment):
            urls = git_urls(STACK)
    except CommandError:
        return
    addresses = [environment[name] for name in ADDRESSES]
    if missing := missing_repositories(urls.values(), addresses, samples.names()):
        raise _refusal(missing, changed_files(), samples.home.commands)


def missing_repositories(urls: Collection[str], addresses: Collection[str], there: Collection[str]) -> list[str]:
    """The repositories that `urls` name below `addresses`, without those that are there. Gitea takes Foo and foo for the same."""
    named = {url.removeprefix(f"{address}/").removesuffix(".git") for url in urls for address in addresses if url.startswith(f"{address}/")}
    known = {name.lower() for name in there}
    return sorted(name for name in named if name.lower() not in known)


def changed_files() -> list[str]:
    """Those of FILES that differ from the last commit; none where git cannot tell."""
    command = ["git", "diff", "--name-only", "HEAD", "--", *FILES]
    return subprocess.run(command, cwd=CLONE, capture_output=True, text=True, check=False).stdout.split()


def _refusal(missing: Sequence[str], changed: Sequence[str], commands: ShellCommands) -> DevclusterError:
    named = f"a repository that the demo's Gitea does not have: {missing[0]}"
    if len(missing) > 1:
        named = f"{len(missing)} repositories that the demo's Gitea does not have: {', '.join(missing)}"
    where = f"{' and '.join(changed)}, changed since the last commit, " if changed else f"stack {STACK} "
    back = f" To restore the shipped files instead, and keep yours aside: git stash push {' '.join(changed)}" if changed else ""
    return DevclusterError(
        f"{where}{'name' if len(changed) > 1 else 'names'} {named}",
        f"Flux could not fetch {'it' if len(missing) == 1 else 'them'}, and the demo would wait {WAIT_SECONDS:.0f} s for nothing.",
        f"Make {'it' if len(missing) == 1 else 'each'}, then run {commands.up} again: {commands.repository(missing[0])}{back}",
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
