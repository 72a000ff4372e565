"""The JSON of `gitops deploy-key … --output json`: stable, so that scripts may rely on it. Additions only, while `version` is 1.

`gitops deploy-key --help` and docs/deploy-keys.md describe it.
"""

from collections.abc import Sequence
from typing import Any

from gitops.deploy_keys.outcome import Outcome, all_ok


def document(stack: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Everything that the table shows, and in its order."""
    return {
        "version": 1,
        "stack": stack,
        "fine": all_ok(outcomes),
        "keys": [
            {
                "credential": outcome.credential,
                "key": outcome.key,
                "active": outcome.active,
                "repository": outcome.repository.path,
                "host": outcome.repository.host,
                "forge": outcome.forge,
                "state": outcome.state.value,
                "id": outcome.id,
                "fine": outcome.ok,
                "text": outcome.said,
            }
            for outcome in outcomes
        ],
    }
