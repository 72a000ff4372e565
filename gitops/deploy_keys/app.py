"""`gitops deploy-key`: reads arguments and prints. What it does is in the modules beside this one, loaded when it is needed."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gitops.help import DEPLOY_KEY, DEPLOY_KEY_LIST, DEPLOY_KEY_REGISTER, DEPLOY_KEY_RETIRE
from gitops.options import flag, option

if TYPE_CHECKING:
    from gitops.deploy_keys.cluster import DeployKeyCluster
    from gitops.deploy_keys.model import DeployCredential
    from gitops.deploy_keys.outcome import Outcome
    from gitops.deploy_keys.retire import WhyNot
    from gitops.status.progress import WaitProgress

DONE, NOT_ALL = 0, 1

deploy_keys = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help=DEPLOY_KEY, short_help="Generated SSH keys of the stack at Gitea."
)

Stack = Annotated[str | None, option("The stack whose keys are meant, instead of the selected one.", "NAME")]
Credential = Annotated[list[str] | None, option("Only this credential; may be given again.", "NAME")]
ApiUrl = Annotated[str | None, option("Gitea's address, as a browser shows it.", "URL", envvar="GITEA_URL")]
SshHost = Annotated[list[str] | None, option("A further host name of this Gitea, as in the sources' SSH URLs; may be given again.", "NAME")]
DryRun = Annotated[bool, flag("Say what would be done, and do nothing.", "--dry-run")]


@deploy_keys.command("list", help=DEPLOY_KEY_LIST, short_help="The stack's keys, and whether Gitea knows them.")
def list_keys(stack: Stack = None, credential: Credential = None, api_url: ApiUrl = None, ssh_host: SshHost = None) -> None:
    """Show; change nothing."""
    from gitops.deploy_keys.gitea import Gitea
    from gitops.deploy_keys.register import listing, refuse_nobody_here

    title, wanted = _wanted(stack, credential)
    if not api_url:
        print("Gitea is not asked: neither --api-url nor GITEA_URL is given.", file=sys.stderr)
        _finish(listing(None, title, wanted, ()))
    with Gitea(api_url, _token()) as gitea:
        hosts = {gitea.host, *(ssh_host or ())}
        refuse_nobody_here(gitea, wanted, hosts)
        gitea.check_token()
        outcomes = listing(gitea, title, wanted, hosts)
    _finish(outcomes)


@deploy_keys.command(help=DEPLOY_KEY_REGISTER, short_help="Let the stack's keys read its repositories at Gitea.")
def register(
    stack: Stack = None, credential: Credential = None, api_url: ApiUrl = None, ssh_host: SshHost = None, dry_run: DryRun = False
) -> None:
    """Add what is missing."""
    from gitops.deploy_keys.gitea import Gitea
    from gitops.deploy_keys.register import refuse_nobody_here
    from gitops.deploy_keys.register import register as register_keys

    title, wanted = _wanted(stack, credential)
    with Gitea(api_url, _token()) as gitea:
        hosts = {gitea.host, *(ssh_host or ())}
        refuse_nobody_here(gitea, wanted, hosts)
        gitea.check_token()
        outcomes = register_keys(gitea, title, wanted, hosts, dry_run=dry_run)
    _finish(outcomes)


@deploy_keys.command(help=DEPLOY_KEY_RETIRE, short_help="Remove old keys from Gitea, once the active one is seen to sync.")
def retire(
    stack: Stack = None,
    credential: Credential = None,
    api_url: ApiUrl = None,
    ssh_host: SshHost = None,
    kubeconfig: Annotated[Path | None, option("The kubeconfig, instead of $KUBECONFIG or ~/.kube/config.", "FILE")] = None,
    context: Annotated[str | None, option("A context of it, instead of its current one.", "NAME")] = None,
    wait: Annotated[float, option("Wait at most this long for Flux to fetch; 120 if not given.", "SECONDS", min=0)] = 120,
    dry_run: DryRun = False,
) -> None:
    """Remove what is old, after looking."""
    from gitops.deploy_keys.cluster import DeployKeyCluster
    from gitops.deploy_keys.gitea import Gitea
    from gitops.deploy_keys.register import refuse_nobody_here
    from gitops.deploy_keys.retire import retire as retire_keys
    from live.kubeconfig import find_target

    title, wanted = _wanted(stack, credential)
    target = find_target(kubeconfig, context)
    with Gitea(api_url, _token()) as gitea:
        hosts = {gitea.host, *(ssh_host or ())}
        refuse_nobody_here(gitea, wanted, hosts)
        gitea.check_token()
        cluster = DeployKeyCluster(target)
        try:
            outcomes = retire_keys(
                gitea, title, wanted, hosts, _looking(cluster, wait, dry_run=dry_run), dry_run=dry_run, complain=_complain
            )
        finally:
            cluster.close()
    if not outcomes:
        print("There is nothing to retire: of the keys registered for this stack only the active ones are left.", file=sys.stderr)
        raise typer.Exit(DONE)
    _finish(outcomes)


def _looking(cluster: "DeployKeyCluster", wait: float, *, dry_run: bool) -> "WhyNot":
    from rich.console import Console

    from gitops.deploy_keys.sync import why_not_ready_to_sync, why_not_seen_to_sync
    from gitops.status.progress import WaitProgress

    def why_not(credential: "DeployCredential") -> list[str]:
        if dry_run:  # asking Flux to fetch would be doing something
            return why_not_ready_to_sync(cluster, credential)
        progress = WaitProgress(sys.stderr, Console(stderr=True).width)
        try:
            return why_not_seen_to_sync(cluster, credential, wait, lambda text: _tell(progress, text))
        finally:
            progress.done()

    return why_not


def _tell(progress: "WaitProgress", text: str) -> None:
    progress.say(text)
    progress.poll()


def _wanted(stack: str | None, credential: Sequence[str] | None) -> tuple[str, list["DeployCredential"]]:
    from gitops.deploy_keys.model import credentials_of
    from gitops.deploy_keys.stack_output import deploy_keys_output
    from gitops.pulumi_cli import selected_stack

    chosen = selected_stack(stack)
    return chosen.short, credentials_of(deploy_keys_output(chosen), chosen.short, credential or ())


def _token() -> str | None:
    return (os.environ.get("GITEA_TOKEN") or "").strip() or None


def _complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _finish(outcomes: Sequence["Outcome"]) -> None:
    from gitops.deploy_keys.outcome import all_ok, table

    print(table(outcomes), flush=True)
    raise typer.Exit(DONE if all_ok(outcomes) else NOT_ALL)
