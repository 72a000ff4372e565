"""Asking Flux to reconcile an object now, as `flux reconcile` does, and telling whether it has."""

from collections.abc import Mapping
from typing import Any

REQUESTED_AT = "reconcile.fluxcd.io/requestedAt"


def reconcile_request(mark: str) -> dict[str, Any]:
    """A merge patch of the object. `mark` may be any text that is not there yet; a moment, as a rule."""
    return {"metadata": {"annotations": {REQUESTED_AT: mark}}}


def is_handled(body: Mapping[str, Any], mark: str) -> bool:
    """Whether the controller has come to an end with the request that carries `mark`."""
    return bool((body.get("status") or {}).get("lastHandledReconcileAt") == mark)
