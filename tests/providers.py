"""What providers would answer: only the little that a program computes with."""

import hashlib
import string
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.record import Resource

Answer = Callable[[Resource], Mapping[str, Any]]
"""Outputs that a provider computes in `up`, beside the inputs."""


def reference_of(resource: Resource) -> str:
    """The resource id, as the real provider sets it."""
    if resource.type.startswith("random:"):
        return "none"  # as RandomPassword does; RandomString and RandomBytes would show their value here
    if resource.is_kubernetes:
        return f"{resource.namespace}/{resource.object_name}".removeprefix("/")
    return hashlib.sha256(resource.urn.encode()).hexdigest()[:32]


def _random_password(resource: Resource) -> Mapping[str, Any]:
    letters = string.ascii_letters + string.digits
    digest = hashlib.shake_256(resource.urn.encode()).digest(int(resource.inputs["length"]))
    return {"result": "".join(letters[byte % len(letters)] for byte in digest)}


ANSWERS: Final[Mapping[str, Answer]] = {"random:index/randomPassword:RandomPassword": _random_password}
