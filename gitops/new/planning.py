"""What happens to the catalog: it is written if there is none, replaced if that is wanted, or else kept with or without additions."""

import hashlib
from pathlib import Path

from gitops.catalog_in_git import is_committed, refuse_uncommitted
from gitops.new.answers import Answers
from gitops.new.existing_catalog import known_repository
from gitops.new.files import FilePlan
from gitops.new.free_names import free_names
from gitops.new.interview import Interview, Question, one_of
from gitops.new.mistake import mistake
from stacks.contract.names import CATALOG

EXAMPLE_SHA256 = "2e60b5bfcf24b1064ff7f3e0e2a13f65b65e60a6006605fd8015c4b3784dcb33"
"""Of the catalog that a new clone has; a test compares them."""
_CHOICES = {
    "keep": "keep it, and add the printed lines yourself",
    "replace": "replace the example's catalog; it stays in Git's history",
}
_EFFECTS = {
    "keep": "The stack gets only entries in its own group.",
    "replace": "From now on, stacks that use the old catalog's groups are refused.",
}
_STAYS = Question(
    option="--replace-catalog",
    asks=f"{CATALOG} exists, without this repository",
    read=one_of(_CHOICES, ""),
    effect=lambda answer: _EFFECTS[answer],
    choices=_CHOICES,
)


def plan_for(answers: Answers, interview: Interview, folder: Path, *, replace: bool) -> tuple[FilePlan, bool]:
    """The plan, and whether the catalog is to be written.

    Raises:
        CommandError: the catalog would be overwritten with changes that no commit holds, or has the repository with another login.
    """
    catalog = folder / CATALOG
    if not catalog.exists():
        return FilePlan(answers=answers, known=None), True
    if not replace and (known := known_repository(catalog, answers.repository, answers.path)):
        plan = FilePlan(answers=answers, known=known)
        _refuse_other_login(plan)
        return plan, False
    if not replace and interview.with_a_person:
        replace = interview.answer(_STAYS, None, "replace" if _is_the_examples(catalog) and is_committed(folder) else "keep") == "replace"
    if not replace:
        return FilePlan(answers=answers, known=None, names=free_names(catalog, answers)), False
    refuse_uncommitted(folder)
    return FilePlan(answers=answers, known=None), True


def _refuse_other_login(plan: FilePlan) -> None:
    assert plan.known is not None  # noqa: S101 (its caller asked)
    wanted, has = plan.answers.credential, plan.known.credential
    if (wanted is None) == (has is None):
        return
    fix = (
        f"Choose the login `public`, or give git.{plan.known.name} a credential in {CATALOG} first."
        if has is None
        else f"Choose another login: the stack needs the credential {has}."
    )
    raise mistake(
        f"{CATALOG} has this repository as git.{plan.known.name} {'without a credential' if has is None else f'with the credential {has}'}",
        "Flux could not fetch it as you answered.",
        fix,
    )


def _is_the_examples(catalog: Path) -> bool:
    return hashlib.sha256(catalog.read_bytes()).hexdigest() == EXAMPLE_SHA256
