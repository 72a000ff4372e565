"""Every object that a stack makes: the arguments of its components, and the bodies that come of them.

`stacks/cluster.py` registers what these arguments make; `made_objects` shows the same bodies, with placeholders for what is secret.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.age_keys import AgeKeysArgs
from components.flux_install import FluxInstallArgs
from components.stack_variables import StackVariablesArgs
from flux.keys.named_recipients import named_recipients
from stacks.choosing.planned_body import PlannedBody
from stacks.secrets.shown_data import shown_age_keys, shown_credential
from stacks.settings import Settings


@dataclass(frozen=True, kw_only=True)
class MadeObject:
    """One object."""

    body: Mapping[str, Any]
    """As it is registered, but for its secrets: placeholders stand for them."""
    planned: PlannedBody | None = None
    """What knows where each part was written, if it is an entry of the catalog."""


def install_args(settings: Settings) -> FluxInstallArgs:
    """The controllers."""
    return FluxInstallArgs(objects=settings.installation.objects.controllers)


def variables_args(settings: Settings) -> StackVariablesArgs | None:
    """The stack's variables, if it has any."""
    return StackVariablesArgs(variables=settings.stack.variables, mark=settings.mark) if settings.stack.variables else None


def age_keys_args(settings: Settings) -> AgeKeysArgs | None:
    """The age keys and the logins to key services, if there are any."""
    if not settings.age_keys and not settings.key_services:
        return None
    return AgeKeysArgs(keys=settings.age_keys, key_services=settings.key_services or None, mark=settings.mark)


def made_objects(settings: Settings) -> Iterator[MadeObject]:
    """Every object, with named placeholders for secrets."""
    for body in (*settings.installation.objects.definitions, *install_args(settings).bodies()):
        yield MadeObject(body=body)
    for name, args in settings.credentials.items():
        yield MadeObject(body=args.body(shown_credential(name, settings.stack, settings.chosen)))
    if (variables := variables_args(settings)) is not None:
        yield MadeObject(body=variables.body())
    if (age_keys := age_keys_args(settings)) is not None:
        shown = {key.name: settings.recipients.get(key.name, f"<recipient of age-{key.name}>") for key in settings.age_keys}
        yield MadeObject(body=age_keys.body(shown_age_keys(settings.stack), named_recipients(shown)))
    for planned in settings.chosen.bodies:
        yield MadeObject(body=planned.body, planned=planned)
