"""`gitops deploy-key`: reads arguments and prints. What it does is in the modules beside this one, loaded when it is needed."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gitops.deploy_keys.help import DEPLOY_KEY, DEPLOY_KEY_LIST, DEPLOY_KEY_REGISTER, DEPLOY_KEY_RETIRE
from gitops.forges.forge_kind import FORGE_KINDS, ForgeKind
from gitops.options import context_option, flag, option, stack_option
from gitops.output import Output
from gitops.terminal import print_json, print_lines

if TYPE_CHECKING:
    from flux.message import Message
    from gitops.deploy_keys.cluster_side import DeployKeyCluster
    from gitops.deploy_keys.model import DeployCredential
    from gitops.deploy_keys.outcome import Outcome
    from gitops.deploy_keys.retire import NotSeenToWork
    from gitops.deploy_keys.titles import KeyTitles
    from gitops.forges.by_host import Forges
    from gitops.wait_progress import WaitProgress

DONE, NOT_ALL = 0, 1

deploy_keys = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help=DEPLOY_KEY, short_help="Manage the stack's generated SSH keys at Gitea or GitHub."
)


def _known_kind(given: str | None) -> str | None:
    if given is not None and given not in FORGE_KINDS:
        raise typer.BadParameter(f"is not a kind of forge; write one of {', '.join(FORGE_KINDS)}")
    return given


StackOption = Annotated[str | None, stack_option("The stack, instead of the one that pulumi has selected.")]
CredentialOption = Annotated[list[str] | None, option("Only this credential; may be repeated.", "NAME")]
ApiUrl = Annotated[str | None, option("The forge's address, as a browser shows it.", "URL")]
ForgeName = Annotated[
    str | None,
    option(
        f"The kind of forge: {' or '.join(FORGE_KINDS)}.", "KIND", "--forge", callback=_known_kind, autocompletion=lambda: list(FORGE_KINDS)
    ),
]
SshHost = Annotated[list[str] | None, option("Another host name of this forge, as in the sources' SSH URLs; may be repeated.", "NAME")]
DryRun = Annotated[bool, flag("Show what would be done, but do nothing.", "--dry-run")]
Form = Annotated[Output, option("How to write the result: table or json.", "FORM", "--output", "-o")]


@deploy_keys.command("list", help=DEPLOY_KEY_LIST, short_help="List the stack's keys, and whether the forge knows them.")
def list_keys(
    stack: StackOption = None,
    credential: CredentialOption = None,
    api_url: ApiUrl = None,
    forge: ForgeName = None,
    ssh_host: SshHost = None,
    output: Form = Output.TABLE,
) -> None:
    """Show; change nothing."""
    from gitops.deploy_keys.register import listing

    titles, wanted = _wanted(stack, credential)
    with _forges(wanted, api_url, forge, ssh_host, must_be_there=False) as forges:
        if not forges.all:
            print_lines(
                "No forge was asked: neither --api-url nor GITEA_URL is set, and no repository is at GitHub with GH_TOKEN set.",
                sys.stderr,
            )
        outcomes = listing(forges, titles, wanted)
    _finish(titles.stack, outcomes, output)


@deploy_keys.command(help=DEPLOY_KEY_REGISTER, short_help="Register the stack's keys with its repositories at the forge.")
def register(
    stack: StackOption = None,
    credential: CredentialOption = None,
    api_url: ApiUrl = None,
    forge: ForgeName = None,
    ssh_host: SshHost = None,
    dry_run: DryRun = False,
    output: Form = Output.TABLE,
) -> None:
    """Add what is missing."""
    from gitops.deploy_keys.register import register as register_keys

    titles, wanted = _wanted(stack, credential)
    with _forges(wanted, api_url, forge, ssh_host) as forges:
        outcomes = register_keys(forges, titles, wanted, dry_run=dry_run)
    _finish(titles.stack, outcomes, output)


@deploy_keys.command(help=DEPLOY_KEY_RETIRE, short_help="Remove old keys from the forge, once Flux fetches with the active one.")
def retire(
    stack: StackOption = None,
    credential: CredentialOption = None,
    api_url: ApiUrl = None,
    forge: ForgeName = None,
    ssh_host: SshHost = None,
    kubeconfig: Annotated[Path | None, option("The kubeconfig, instead of $KUBECONFIG or ~/.kube/config.", "FILE")] = None,
    context: Annotated[str | None, context_option("A context in it, instead of the current one.")] = None,
    wait: Annotated[float, option("Wait up to this long for Flux to fetch; 120 if not given.", "SECONDS", min=0)] = 120,
    dry_run: DryRun = False,
    output: Form = Output.TABLE,
) -> None:
    """Remove what is old, after looking."""
    from gitops.deploy_keys.cluster_side import DeployKeyCluster
    from gitops.deploy_keys.retire import retire as retire_keys
    from live.access.target import find_target

    complain = partial(print_lines, stream=sys.stderr)
    titles, wanted = _wanted(stack, credential)
    target = find_target(kubeconfig, context)
    with _forges(wanted, api_url, forge, ssh_host) as forges:
        cluster = DeployKeyCluster(target)
        try:
            outcomes = retire_keys(forges, titles, wanted, _looking(cluster, wait, dry_run=dry_run), dry_run=dry_run, complain=complain)
        finally:
            cluster.close()
    if not outcomes:
        complain("There is nothing to retire: only active keys of this stack are registered.")
        if output is Output.TABLE:
            raise typer.Exit(DONE)
    _finish(titles.stack, outcomes, output)


@contextmanager
def _forges(
    wanted: Sequence["DeployCredential"],
    api_url: str | None,
    forge: str | None,
    ssh_host: Sequence[str] | None,
    *,
    must_be_there: bool = True,
) -> "Iterator[Forges]":
    """The forges of the repositories, asked once each whether they take their token."""
    from gitops.forges.by_host import forges_for, refuse_nobody_here

    repositories = [repository for credential in wanted for repository in credential.repositories]
    kind = ForgeKind(forge) if forge else None
    with forges_for(repositories, os.environ, url=api_url, kind=kind, ssh_hosts=ssh_host or ()) as forges:
        if forges.all or must_be_there:
            refuse_nobody_here(forges, repositories)
        forges.check_tokens()
        yield forges


def _looking(cluster: "DeployKeyCluster", wait: float, *, dry_run: bool) -> "NotSeenToWork":
    from rich.console import Console

    from gitops.deploy_keys.sync import why_not_ready_to_sync, why_not_seen_to_sync
    from gitops.wait_progress import WaitProgress

    def why_not(credential: "DeployCredential") -> "list[Message]":
        if dry_run:  # asking Flux to fetch would be doing something
            return why_not_ready_to_sync(cluster, credential)
        progress = WaitProgress(sys.stderr, Console(stderr=True).width)
        try:
            return why_not_seen_to_sync(cluster, credential, wait, _telling(progress))
        finally:
            progress.done()

    return why_not


def _telling(progress: "WaitProgress") -> Callable[[str], None]:
    def tell(text: str) -> None:
        progress.say(text)
        progress.poll()

    return tell


def _wanted(stack: str | None, credential: Sequence[str] | None) -> "tuple[KeyTitles, list[DeployCredential]]":
    from gitops.deploy_keys.model import credentials_of
    from gitops.deploy_keys.stack_output import deploy_keys_output, titles_of
    from gitops.pulumi_cli import selected_stack

    chosen = selected_stack(stack)
    wanted = credentials_of(deploy_keys_output(chosen), chosen.short, credential or ())
    return titles_of(chosen), wanted


def _finish(stack: str, outcomes: Sequence["Outcome"], output: Output) -> None:
    from gitops.deploy_keys.outcome import all_ok

    if output is Output.JSON:
        from gitops.deploy_keys.json_document import document

        print_json(document(stack, outcomes))
    else:
        from gitops.deploy_keys.table import table

        print_lines(table(outcomes))
    raise typer.Exit(DONE if all_ok(outcomes) else NOT_ALL)
