"""The whole examination: what can be looked at at once is."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TextIO, TypeAlias

from gitops.doctor import programs, pulumi_parts, reach, stack_parts
from gitops.doctor.check_result import Check, State, without_secrets
from gitops.doctor.parallel import Slow, at_once
from gitops.project import NO_PROJECT, project_here
from gitops.stack_file import plain_values, unset_variable
from gitops.version import package_version

SECONDS = 20.0
"""For everything that runs in parallel; each part except judging the files has its own, shorter limit."""
PROGRAM = "program"
WhatIsFound: TypeAlias = Check | list[Check] | programs.Found | stack_parts.Judged | dict[str, bool] | Slow | None
"""What one of the looks found: checks, a program, what is wrong with the files, or the stacks of the backend."""
Look: TypeAlias = Callable[[], WhatIsFound]


@dataclass(frozen=True, kw_only=True)
class Examination:
    """All that was found, in the table's order."""

    stack: str | None
    checks: list[Check]


def examine(stack: str | None, progress: TextIO | None = None) -> Examination:
    """Look at this machine and at `stack`, else at the one that pulumi has selected, if there is one and a project."""
    where = _project()
    stack = stack if where.state is State.OK else None
    stream = progress or sys.stderr
    looks: dict[str, Look] = {
        **{name: partial(programs.find, name, command) for name, command in programs.ON_DEMAND.items()},
        "pulumi": partial(pulumi_parts.cli_checks, stack),
        "stacks of the backend": pulumi_parts.stacks_of_backend,
    }
    if stack:
        looks |= _looks_at(stack)
    first = at_once(looks, SECONDS, stream)
    listed = first["stacks of the backend"]
    of_backend = listed if isinstance(listed, dict) else None
    chosen = stack or next((name.rpartition("/")[2] for name, current in (of_backend or {}).items() if current), None)
    if chosen and not stack:
        first |= at_once(_looks_at(chosen), SECONDS, stream)
    files = first.get("files")
    judged = files if isinstance(files, stack_parts.Judged) else stack_parts.Judged()
    found = {name: answer if isinstance(answer := first[name], programs.Found) else None for name in programs.ON_DEMAND}
    checks = [_this_program(), where, programs.python_check(PROGRAM), *_answered(first["pulumi"], "pulumi", "pulumi")]
    checks += [pulumi_parts.backend_check(), *pulumi_parts.passphrase_checks(chosen)]
    checks += programs.tool_checks(found, stack_parts.uses(judged.settings))
    if chosen:
        checks += _of_stack(chosen, of_backend, first, judged, stream)
    return Examination(stack=chosen, checks=[without_secrets(check) for check in checks])


def _looks_at(stack: str) -> dict[str, Look]:
    values = plain_values(stack)
    return {
        "files": partial(stack_parts.judged, stack),
        "cluster": partial(reach.cluster_check, values, unset_variable(stack, "cluster", "context")),
        "registry": partial(reach.registry_check, values, unset_variable(stack, "flux", "manifests")),
    }


def _of_stack(
    stack: str, of_backend: dict[str, bool] | None, first: dict[str, WhatIsFound], judged: stack_parts.Judged, progress: TextIO
) -> list[Check]:
    group = stack_parts.group_of(stack)
    registry = _answered(first["registry"], reach.GROUP, "Flux's manifests")
    checks = [stack_parts.state_check(stack, of_backend)]
    if isinstance(first["files"], Slow):
        checks += _answered(first["files"], group, "files")
    else:
        known = all(check.state in (State.OK, State.UNNEEDED) for check in registry)
        checks += stack_parts.file_checks(stack, judged, manifests_known=known)
    forges: dict[str, Callable[[], Check]] = {}
    if judged.settings is not None:
        checks += stack_parts.secret_checks(stack, judged.settings)
        listed = stack_parts.repositories(judged.settings)
        forges = {server: partial(reach.forge_check, server, repositories) for server, repositories in listed.items()}
    checks += _answered(first["cluster"], reach.GROUP, "cluster") + registry
    for server, found in at_once(forges, SECONDS, progress).items():
        checks += _answered(found, reach.GROUP, f"Git server {server}")
    return checks


def _answered(found: WhatIsFound, group: str, name: str) -> list[Check]:
    """The checks that were made; or that it took too long."""
    if isinstance(found, Slow):
        return [Check(group=group, name=name, state=State.WARNING, found=f"not known: no answer within {SECONDS:.0f} s")]
    if isinstance(found, list):
        return found
    if isinstance(found, Check):
        return [found]
    raise TypeError(f"{name}: {type(found).__name__} is no check")


def _project() -> Check:
    found = project_here()
    if found is None:
        return Check(group=PROGRAM, name="project", state=State.MISSING, message=NO_PROJECT)
    return Check(group=PROGRAM, name="project", state=State.OK, found=str(found))


def _this_program() -> Check:
    return Check(group=PROGRAM, name="gitops", state=State.OK, found=package_version("gitops"))
