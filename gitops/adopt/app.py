"""`gitops adopt`: reads arguments, looks at the cluster, describes it, and shows the steps. What it does is in the modules beside it."""

import sys
from pathlib import Path
from typing import Annotated, cast

import typer

from flux.requirement import Environment
from gitops.options import context_option, flag, option
from gitops.project import project, project_name
from gitops.terminal import print_lines

COMPLETE, OPEN = 0, 1
_ENVIRONMENTS = ("production", "staging", "development")


def adopt(
    stack: Annotated[str, typer.Argument(help="Name of the stack and of the cluster.", metavar="STACK", show_default=False)],
    kubeconfig: Annotated[Path | None, option("The kubeconfig, instead of $KUBECONFIG or ~/.kube/config.", "FILE")] = None,
    context: Annotated[str | None, context_option("The cluster's context in it, instead of the current one.")] = None,
    environment: Annotated[str, option("production, staging or development; production if not given.", "NAME")] = "production",
    manifests: Annotated[
        str | None, option("Flux's manifests: an OCI artifact, or ./directory; the running release's if not given.", "ARTIFACT")
    ] = None,
    output: Annotated[Path | None, option("Write both files into this directory, instead of printing them.", "DIRECTORY")] = None,
    replace_catalog: Annotated[bool, flag("Replace the catalog that is there.", "--replace-catalog")] = False,
    derive_recipients: Annotated[
        bool, flag("Derive the public halves of the age keys, in memory, and write them.", "--derive-recipients")
    ] = False,
    with_secrets: Annotated[bool, flag("Set the stack's secrets from the cluster, encrypted.", "--with-secrets")] = False,
) -> None:
    """Look, describe, write, and say what comes next."""
    from flux.known_secrets import keep_secret
    from flux.owners_mark import OwnersMark
    from gitops.adopt import adoption_report
    from gitops.adopt.adoption import adoption_of
    from gitops.adopt.clone_at_hand import clone_at_hand, cluster_name
    from gitops.adopt.description import NewStack, describe
    from gitops.adopt.ending import is_owned, steps_of
    from gitops.adopt.hand_over_step import StepState, states
    from gitops.adopt.release_at_hand import release_of
    from gitops.adopt.secret_values import set_secrets
    from gitops.adopt.written_files import files_of, write
    from gitops.contexts import reached
    from gitops.pinned_manifests import PinnedManifests
    from gitops.stack_file import stack_file
    from live.access.target import find_target
    from live.flux_objects.running_flux import read_running_flux
    from stacks.contract.names import CATALOG

    if environment not in _ENVIRONMENTS:
        raise typer.BadParameter(f"{environment} is not one of {', '.join(_ENVIRONMENTS)}", param_hint="--environment")
    folder, target = project(), find_target(kubeconfig, context)
    is_first = not (folder / stack_file(stack)).exists()
    adoption = adoption_of(read_running_flux(target))
    release, distribution = PinnedManifests(text=""), None
    if is_first:
        release, distribution = release_of(adoption.running, manifests, cast("Environment", environment), folder, _say)
    new_stack = NewStack(
        stack=stack,
        mark=OwnersMark.of(project_name(folder), stack, cluster_name(stack, folder)),
        environment=cast("Environment", environment),
        reached=reached(kubeconfig, context),
        manifests=release.text,
        # A catalog that stays has entries of its own in `base`.
        group=stack if (folder / CATALOG).exists() and not replace_catalog else "base",
    )
    description = describe(adoption, new_stack, distribution, derive=derive_recipients)
    keep_secret(*(each.value for each in description.secrets))
    if release.todo:
        description.notes.append(f"gitops:flux.manifests {release.todo.wrong}. {release.todo.fix}")
    if is_first:
        files = files_of(stack, description)
        if output is not None:
            written = write(files, output, replace_catalog=replace_catalog)
            _say(f"Wrote {' and '.join(written)} into {output}.\n")
            if CATALOG not in written:
                entries = "\n".join(line for line in files.catalog_text.splitlines() if not line.startswith("#"))
                print_lines(f"{CATALOG} stays as it is. Add each of these lines to its section:\n\n{entries}\n")
        else:
            print_lines(f"# {stack_file(stack)}\n{files.stack_text}\n# {CATALOG}\n{files.catalog_text}")
    if with_secrets:
        set_secrets(description.secrets, stack, folder)
    clone = clone_at_hand(stack, folder, description, target)
    steps = steps_of(adoption, clone, new_stack.mark, target)
    owned = is_owned(adoption, new_stack.mark)
    print_lines("\n".join(adoption_report.lines(adoption, description, steps, is_owned=owned, is_first=is_first)))
    raise typer.Exit(COMPLETE if all(each in (StepState.DONE, StepState.UNSEEN) for each in states(steps)) else OPEN)


def _say(text: str) -> None:
    print_lines(text, sys.stderr)
