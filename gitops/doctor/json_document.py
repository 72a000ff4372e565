"""The JSON of `gitops doctor --output json`: stable, so that scripts may rely on it. Additions only, while `version` is 1.

`gitops doctor --help` and docs/doctor.md describe it.
"""

from typing import Any

from gitops.doctor.check_result import Check, all_fine


def document(stack: str | None, checks: list[Check]) -> dict[str, Any]:
    """Everything the table knows."""
    return {"version": 1, "fine": all_fine(checks), "stack": stack, "checks": [_check(check) for check in checks]}


def _check(check: Check) -> dict[str, Any]:
    message = check.message
    return {
        "group": check.group,
        "name": check.name,
        "state": check.state.value,
        "found": check.found,
        "wrong": message.wrong if message else "",
        "consequence": message.consequence if message else "",
        "fix": message.fix if message else "",
    }
