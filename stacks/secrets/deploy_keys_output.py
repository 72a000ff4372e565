"""The output `deployKeys`: what has to be registered with a Git server, and where. All of it is public."""

from collections.abc import Mapping

import pulumi

from stacks.choosing.chosen import Chosen
from stacks.contract.credentials.ssh import SUPPLIED
from stacks.contract.outputs import DeployKeys
from stacks.contract.stack import Stack


def deploy_keys(
    stack: Stack, chosen: Chosen, public_keys: Mapping[str, Mapping[str, pulumi.Output[str]]]
) -> dict[str, DeployKeys[pulumi.Input[str]]]:
    """Credential with generated SSH keys → its active key, all public halves by name, and the ssh:// URLs that it fetches."""
    generating = {name: each for name, each in stack.credentials.items() if each.generated_keys}
    return {
        name: {
            "active": credential.generated_in_use or SUPPLIED,
            "keys": {**public_keys[name]},
            "repositories": _repositories(name, chosen),
        }
        for name, credential in generating.items()
    }


def _repositories(credential: str, chosen: Chosen) -> list[str]:
    sources = [each for each in chosen.bodies if each.kind == "GitRepository" and each.named_secret("secretRef") == credential]
    return sorted({each.url for each in sources if each.url})
