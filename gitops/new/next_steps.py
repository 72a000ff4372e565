"""The commands between two new files and a cluster that Flux keeps, in their order."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from gitops.new.files import FilePlan
from gitops.pulumi_backend import LOGIN, PASSPHRASES, backend
from gitops.stack_file import stack_file
from stacks.contract.names import CATALOG

WIDEST_COMMAND = 60


@dataclass(frozen=True)
class Step:
    """A command to type, and what it is for."""

    command: str
    why: str

    def __str__(self) -> str:
        """As it can be pasted: the reason as a comment, beside or above."""
        if len(self.command) <= WIDEST_COMMAND:
            return f"{self.command.ljust(WIDEST_COMMAND)}  # {self.why}"
        return f"# {self.why}:\n{self.command}"


def next_steps(plan: FilePlan, cd: str = "", *, catalog_changes: bool) -> list[Step]:
    """All of them, for this very cluster. `cd`: the command that leads to the project from where the shell is."""
    there = [Step(cd, "the project; run the rest here")] if cd else []
    return [*there, *_beforehand(plan), *_secrets(plan), *_apply(plan), *_afterwards(plan, catalog_changes=catalog_changes)]


def _beforehand(plan: FilePlan) -> Iterator[Step]:
    files = plan.answers.cluster.config_file
    if os.environ.get("KUBECONFIG") != files:
        yield Step(f"export KUBECONFIG={quote(str(Path(files).expanduser()))}", "pulumi reads only this one")
    if backend() is None:
        yield Step(LOGIN, "where to keep the state; or s3://…, or Pulumi Cloud")
    given = [name for name in PASSPHRASES if os.environ.get(name)]
    why = f"with the passphrase in {given[0]}: keep it" if given else "asks for a new passphrase: keep it"
    yield Step(f"pulumi stack init {plan.answers.stack} --secrets-provider passphrase", why)


def _secrets(plan: FilePlan) -> Iterator[Step]:
    answers = plan.answers
    makes_key = answers.age_key == "new" and not answers.generates_age_key
    file = f"~/age-{answers.key_name}.txt" if makes_key else "age.key"
    if makes_key:
        yield Step(f"(umask 077; age-keygen -o {file})", "the age key: keep a copy elsewhere")
    for key, what in plan.secret_keys.items():
        if key.startswith("gitops:age-"):
            yield Step(
                f"pulumi config set --secret {key} < {file}",
                f"{what} goes into the stack, encrypted{'' if makes_key else '; age.key is your file with it'}",
            )
        else:
            yield Step(f"pulumi config set --secret {key}", f"asks for {what}")
    for name, url in (plan.known.other_credentials if plan.known else {}).items():
        if url.startswith("ssh://"):
            yield Step(f"pulumi config set --secret gitops:{name}-identity", f"the key of {name}, if you declare it as supplied")
        else:
            yield Step(f"pulumi config set --secret gitops:{name}-password", f"asks for the password of {name}; declare it first")


def _apply(plan: FilePlan) -> Iterator[Step]:
    yield Step("pulumi preview", "shows the changes, but makes none")
    yield Step("pulumi up", "installs Flux")
    if plan.answers.login == "deploy-key":
        yield Step("pulumi stack output deployKeys", "register it; at Gitea: gitops deploy-key register")
    yield Step(f"gitops status -s {plan.answers.stack} --wait 300", "waits until everything is ready")


def leftovers(plan: FilePlan, stacks: list[str]) -> str:
    """What to do about the stacks of a catalog that was replaced; empty where there are none."""
    others = [stack_file(stack) for stack in stacks if stack != plan.answers.stack]
    if not others:
        return ""
    return (
        f"{', '.join(others)}: written for the replaced catalog.\n"
        "You need none of the example's files: remove its stack files (git rm), or `gitops compare` lists them as refused.\n"
        f"If one of your own stacks needs entries of the old catalog, copy them from: git show HEAD:{CATALOG}\n"
        "From now on, run `make demo` in a separate clone."
    )


def _afterwards(plan: FilePlan, *, catalog_changes: bool) -> Iterator[Step]:
    answers = plan.answers
    if answers.age_key != "none":
        yield Step(f"pulumi stack output sopsConfig > ../{answers.repository.repository}/.sops.yaml", "the recipients, for sops")
    manifests = answers.manifests.text
    own = f" {quote(manifests)}" if manifests.startswith("./") else ""
    catalog = f" {CATALOG}" if catalog_changes else ""
    yield Step(f"git add {stack_file(answers.stack)}{catalog}{own}", "includes the salt that its secrets need")
    yield Step(f"git commit -m 'feat: cluster {answers.stack}'", "your files")
