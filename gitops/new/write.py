"""Writing the two files, and judging them as a preview would."""

from pathlib import Path
from typing import TYPE_CHECKING

from flux.atomic_write import write_atomically
from gitops.new.files import FilePlan, catalog_text, stack_text
from gitops.new.mistake import mistake
from gitops.new.start_over import is_there_already
from gitops.stack_file import MANIFESTS_KEY, is_of_manifests, stack_file
from stacks.contract.names import CATALOG

if TYPE_CHECKING:
    from stacks.words.problems import Problem


def write(plan: FilePlan, folder: Path, *, catalog: bool) -> list[str]:
    """Write the stack file, and the catalog with `catalog`; the files, from the repository's root. An existing stack file stays.

    Raises:
        CommandError: a file cannot be written; then none is.
    """
    stack = folder / stack_file(plan.answers.stack)
    try:
        with stack.open("x", encoding="utf-8") as handle:
            handle.write(stack_text(plan))
        if catalog:
            write_atomically(folder / CATALOG, catalog_text(plan))
    except FileExistsError:
        raise is_there_already(stack, plan.answers.stack) from None
    except OSError as error:
        stack.unlink(missing_ok=True)
        raise mistake(
            f"{error.filename or stack} cannot be written ({error.strerror})",
            "Nothing was written.",
            "Check its permissions and the free disk space.",
        ) from None
    return [stack.name, *([CATALOG] if catalog else [])]


def judge(plan: FilePlan) -> "tuple[Problem, ...]":
    """What a preview would refuse, by its own checks. Flux's manifests are fetched for it.

    Where their digest is still to be filled in, that is one problem, with the command that prints it.
    """
    from stacks.offline import load_settings_offline
    from stacks.words.place import Place
    from stacks.words.problems import Problem, StackProblems

    stack, todo = plan.answers.stack, plan.answers.manifests.todo
    try:
        load_settings_offline(stack)
    except StackProblems as error:
        if todo is None:
            return error.problems
        others = [problem for problem in error.problems if not is_of_manifests(problem.where)]
        return (Problem(Place(file=stack_file(stack), key=MANIFESTS_KEY), todo), *others)
    return ()
