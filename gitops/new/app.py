"""`gitops new`: reads arguments, asks, writes, and prints what comes next. What it does is in the modules beside this one."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gitops.options import context_option, flag, option
from gitops.project import project, shell_directory
from gitops.terminal import print_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitops.new.files import FilePlan
    from stacks.words.problems import Problem

WRITTEN, INCOMPLETE, INTERRUPTED = 0, 1, 130


def new(
    stack: Annotated[str | None, typer.Argument(help="Name of the stack and of the cluster.", metavar="STACK", show_default=False)] = None,
    environment: Annotated[str | None, option("production, staging or development; production if not given.", "NAME")] = None,
    kubeconfig: Annotated[Path | None, option("The kubeconfig, instead of $KUBECONFIG or ~/.kube/config.", "FILE")] = None,
    context: Annotated[str | None, context_option("The cluster's context in it; server and CA are read from it.")] = None,
    git_url: Annotated[str | None, option("The Git repository with the cluster's manifests.", "URL")] = None,
    branch: Annotated[str | None, option("Its branch; main if not given.", "NAME")] = None,
    path: Annotated[str | None, option("The directory that Flux applies; ./ for the whole repository.", "DIRECTORY")] = None,
    login: Annotated[str | None, option("How Flux logs in: public or token (https), deploy-key or ssh-key (ssh).", "ANSWER")] = None,
    username: Annotated[str | None, option("The user name for the token; git if not given.", "NAME")] = None,
    known_hosts: Annotated[
        Path | None, option("A known_hosts file with the SSH server's key, instead of ~/.ssh/known_hosts.", "FILE")
    ] = None,
    git_ca: Annotated[Path | None, option("Certificate of the private CA of an https server.", "FILE")] = None,
    age_key: Annotated[str | None, option("The key for SOPS-encrypted files: none, new or existing.", "ANSWER")] = None,
    manifests: Annotated[str | None, option("Flux's manifests: an OCI artifact, or ./directory.", "ARTIFACT")] = None,
    replace_catalog: Annotated[bool, flag("Replace the catalog (the example's), if it is committed.", "--replace-catalog")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; a missing answer is an error.", show_default=False)] = False,
) -> None:
    """Ask, write, judge, and say what comes next."""
    from gitops.new.answering import Given, collect
    from gitops.new.interview import Interview
    from gitops.new.planning import plan_for
    from gitops.new.start_over import cd_to
    from gitops.new.write import judge, write
    from stacks.contract.names import CATALOG

    folder = project()
    given = Given(
        stack=stack, environment=environment, kubeconfig=kubeconfig, context=context, git_url=git_url, branch=branch, path=path,
        login=login, username=username, known_hosts=known_hosts, git_ca=git_ca, age_key=age_key, manifests=manifests,
    )  # fmt: skip
    interview = Interview(_prompt if is_terminal() and not yes else None, _say)
    answers = collect(given, interview, folder, today(), _say)
    plan, with_catalog = plan_for(answers, interview, folder, replace=replace_catalog)
    was_there = (folder / CATALOG).exists() if with_catalog else None
    written = write(plan, folder, catalog=with_catalog)
    complete = plan.known is not None or with_catalog
    if complete:
        _say("\n  Checking the files as a preview does …")
    problems = judge(plan) if complete else ()
    _tell(plan, written, problems, cd_to(folder, shell_directory()), catalog_was_there=was_there)
    raise typer.Exit(WRITTEN if complete and not problems else INCOMPLETE)


def is_terminal() -> bool:
    """Whether there is a terminal to ask at."""
    return sys.stdin.isatty()


def today() -> date:
    """The day by which keys are named."""
    return date.today()


def _prompt(question: str, default: str | None) -> str:
    try:
        return str(
            typer.prompt(question, default=default, prompt_suffix=" " if question.endswith("?") and default is None else ": ", err=True)
        )
    except typer.Abort:  # which typer would call a failure
        _say("")
        raise typer.Exit(INTERRUPTED) from None


def _say(text: str) -> None:
    print_lines(text, sys.stderr)


def _tell(plan: "FilePlan", written: "Sequence[str]", problems: "Sequence[Problem]", cd: str, *, catalog_was_there: bool | None) -> None:
    from gitops.new.files import YOURS, entries_text
    from gitops.new.next_steps import leftovers, next_steps
    from gitops.new.start_over import undo
    from gitops.stack_file import stack_names
    from stacks.contract.names import CATALOG

    print_lines(f"Wrote {' and '.join(written)}. {YOURS}")
    back = undo(written[0], catalog_was_there=catalog_was_there)
    print_lines(f"To answer again, first undo this: {' && '.join(part for part in (cd, back) if part)}\n")
    if plan.known:
        print_lines(f"{CATALOG} has the repository already, as git.{plan.known.name}, and stays as it is.\n")
    elif CATALOG not in written:
        for note in plan.names.notes if plan.names else ():
            print_lines(note)
        print_lines(f"{CATALOG} stays as it is. Before a preview passes, add each of these lines to its section:\n\n{entries_text(plan)}")
        if todo := plan.answers.manifests.todo:
            print_lines(f"In {written[0]}, gitops:flux.manifests {todo.wrong}. {todo.fix}\n")
    if catalog_was_there and (others := leftovers(plan, stack_names())):
        print_lines(f"{others}\n")
    if problems:
        from stacks.words.problems import shown

        print_lines(f"Before a preview passes, fill in:\n\n{shown(problems)}\n")
    print_lines("Next:")
    for step in next_steps(plan, cd, catalog_changes=plan.known is None):
        print_lines("\n".join(f"  {line}" for line in str(step).splitlines()))
