"""A stack: whether its files pass a preview's checks, and whether its secrets are at hand."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from flux.addresses import address_of
from flux.message import Message
from gitops.doctor.check_result import Check, State
from gitops.doctor.programs import Uses
from gitops.doctor.reach import FetchedRepository
from gitops.project import project
from gitops.pulumi_backend import PASSPHRASES
from gitops.stack_file import is_of_manifests, stack_file, stack_names

if TYPE_CHECKING:
    from stacks.settings import Settings
    from stacks.words.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a preview's checks made of a stack's files."""

    settings: "Settings | None" = None
    problems: "tuple[Problem, ...]" = ()


def judged(stack: str) -> Judged:
    """Read and judge the files, as a preview without secrets does."""
    from stacks.offline import load_settings_offline
    from stacks.words.problems import StackProblems

    try:
        return Judged(settings=load_settings_offline(stack))
    except StackProblems as error:
        return Judged(problems=error.problems)


def group_of(stack: str) -> str:
    """What the table calls the part about a stack."""
    return f"stack {stack}"


def state_check(stack: str, of_backend: Mapping[str, bool] | None) -> Check:
    """Whether the backend knows the stack."""
    group = group_of(stack)
    if of_backend is None:
        return Check(group=group, name="state", state=State.UNNEEDED, found="not known: pulumi did not list its stacks")
    if any(name.rpartition("/")[2] == stack for name in of_backend):
        return Check(group=group, name="state", state=State.OK, found="initialised")
    fix = f"Run: pulumi stack init {quote(stack)} --secrets-provider passphrase"
    return Check(
        group=group, name="state", state=State.MISSING, message=Message("the backend has no such stack", "It cannot be previewed.", fix)
    )


def file_checks(stack: str, found: Judged, *, manifests_known: bool) -> Iterator[Check]:
    """Each problem of the files. That of Flux's manifests is reported where they are looked for."""
    group = group_of(stack)
    if not (project() / stack_file(stack)).is_file():
        others = f"Choose one of: {', '.join(known)}. " if (known := stack_names()) else ""
        missing = Message("does not exist", "The stack cannot be checked.", f"{others}To create it, run: gitops new {stack}")
        yield Check(group=group, name=stack_file(stack), state=State.MISSING, message=missing)
        return
    problems = [each for each in found.problems if manifests_known or not is_of_manifests(each.where)]
    for problem in problems:
        yield Check(group=group, name=_redacted(str(problem.where)), state=State.FAILED, message=_told(problem))
    if problems:
        return
    if found.settings is None:
        unknown = Message(
            "the objects were not checked, because Flux's manifests cannot be fetched",
            "`pulumi up` could refuse some of them.",
            f"Where the registry can be reached, run: gitops doctor --stack {stack}",
        )
        yield Check(group=group, name="files", state=State.WARNING, message=unknown)
        return
    chosen = found.settings.chosen
    sources = sum(each.url is not None for each in chosen.bodies)
    kustomizations = len(chosen.of_kind("Kustomization"))
    yield Check(group=group, name="files", state=State.OK, found=f"{_count(sources, 'source')}, {_count(kustomizations, 'Kustomization')}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _told(problem: "Problem") -> Message:
    told = problem.message
    return told.by_part(_redacted)


def _redacted(text: str) -> str:
    from flux.secret_shapes import redacted

    return redacted(text)


def secret_checks(stack: str, settings: "Settings") -> Iterator[Check]:
    """Whether `pulumi up` finds each secret that the stack file implies. Their values are not looked at."""
    from stacks.contract.stack import secret_environment_variable, secret_keys
    from stacks.offline import secret_keys_in_file

    group, in_file, at_hand = group_of(stack), secret_keys_in_file(stack), 0
    needed = secret_keys(settings.stack)
    for key in needed:
        variable = secret_environment_variable(key)
        if key in in_file or os.environ.get(variable):
            at_hand += 1
            continue
        fix = f"Run: pulumi config set --stack {quote(stack)} --secret gitops:{quote(key)}, or set {variable}"
        missing = Message("is not set", "A preview shows it as unknown; `pulumi up` refuses.", fix)
        yield Check(group=group, name=f"secret gitops:{key}", state=State.MISSING, message=missing)
    if needed and at_hand == len(needed):
        yield Check(group=group, name="secrets", state=State.OK, found="the only one is set" if at_hand == 1 else f"all {at_hand} are set")
    if in_file & set(needed) and not any(os.environ.get(name) for name in PASSPHRASES) and _by_passphrase(stack):
        asks = Message("is not set", "pulumi asks for it each time.", f"Run: export {PASSPHRASES[1]}=<file with the passphrase>")
        yield Check(group=group, name="passphrase", state=State.WARNING, message=asks)


def _by_passphrase(stack: str) -> bool:
    return "\nencryptionsalt:" in f"\n{(project() / stack_file(stack)).read_text(encoding='utf-8')}"


def repositories(settings: "Settings") -> dict[str, list[FetchedRepository]]:
    """Git server → the repositories that the stack fetches from it."""
    found: dict[str, list[FetchedRepository]] = {}
    for body in settings.chosen.of_kind("GitRepository").values():
        secret, url = body.named_secret("secretRef"), body.url or ""
        made = settings.credentials.get(secret or "")
        authority = made.values.get("ca.crt") if made else None
        place = address_of(url)
        server = f"{place.host}{f':{place.port}' if place.port else ''}" if place else url
        repository = FetchedRepository(url=url, has_login=secret is not None, authority=authority if isinstance(authority, str) else None)
        found.setdefault(server, []).append(repository)
    return found


def uses(settings: "Settings | None") -> Uses:
    """Which optional programs the stack has a use for."""
    if settings is None:
        return Uses()
    encrypted = bool(settings.stack.age.keys or settings.key_services)
    return Uses(
        encrypted_files=encrypted,
        ssh=any((each.url or "").startswith("ssh:") for each in settings.chosen.of_kind("GitRepository").values()),
    )
