"""The output `deployKeys`: what has to be registered with a Git server, and where. All of it is public."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from stacks.choosing.bodies import planned_bodies
from stacks.choosing.choice import Chosen
from stacks.contract.credentials.ssh import SUPPLIED
from stacks.contract.outputs import DeployKeys
from stacks.contract.stack import Stack


def deploy_keys(
    stack: Stack, chosen: Chosen, public_keys: Mapping[str, Mapping[str, pulumi.Output[str]]]
) -> dict[str, DeployKeys[pulumi.Input[str]]]:
    """Credential with generated SSH keys → its active key, all public halves by name, and the ssh:// URLs that it fetches."""
    generating = {name: each for name, each in stack.credentials.items() if each.generated_keys}
    bodies = planned_bodies(chosen) if generating else []
    return {
        name: {
            "active": credential.generated_in_use or SUPPLIED,
            "keys": {**public_keys[name]},
            "repositories": _repositories(name, bodies),
        }
        for name, credential in generating.items()
    }


def _repositories(credential: str, bodies: Sequence[Mapping[str, Any]]) -> list[str]:
    specs = [body["spec"] for body in bodies if body["kind"] == "GitRepository"]
    return sorted({spec["url"] for spec in specs if spec.get("secretRef") == {"name": credential}})
