"""The titles of deploy keys at a forge. They say whose a key is, so that no stack retires another's.

The name of a stack alone does not: two backends, or two organisations of one, may each have a stack `production` with a credential
of the same name, whose keys lie in the same repositories.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flux.addresses import address_of
from flux.bounded_documents import Bounds, UnreadableError, json_value
from flux.message import Message
from gitops.deploy_keys.model import DeployCredential
from gitops.errors import CommandError
from gitops.forges.forge import DeployKey

AskPulumi = Callable[..., str]
"""What pulumi prints when it is called with these arguments."""
PULUMI_CLOUD = "app.pulumi.com"
DIGITS = 12
_ANSWER = Bounds(size=8 * 1024 * 1024)


@dataclass(frozen=True, kw_only=True)
class KeyTitles:
    """The titles of one stack's keys."""

    stack: str
    """Its short name: `production`."""
    full_name: str
    """What no other stack has: `acme/fleet/production`, or `fleet/production@1f2e3d4c5b6a` with the backend's digest."""

    def prefix(self, credential: str) -> str:
        """How the title of every key begins that the stack registers for the credential."""
        return f"flux/{self.full_name}/{credential}/"

    def key_named_by(self, registered: DeployKey, credential: DeployCredential) -> str | None:
        """The name of the key, by its title, if this stack registered it; else None. Only such keys are ever removed.

        Earlier versions wrote `flux/<stack>/<credential>/<key>`, as any other stack of that name did: such a key is this stack's
        only if its content is that of one of the stack's keys.
        """
        ours, earlier = self.prefix(credential.name), f"flux/{self.stack}/{credential.name}/"
        if registered.title.startswith(ours):
            return registered.title.removeprefix(ours)
        if registered.title.startswith(earlier) and credential.name_of(registered.public_key) is not None:
            return registered.title.removeprefix(earlier)
        return None


def key_titles(asked: str, project: str, ask: AskPulumi) -> KeyTitles:
    """The titles of the stack that pulumi knows as `asked`, of the project that Pulumi.yaml names.

    Raises:
        CommandError: pulumi does not report the backend. What else `ask` raises.
    """
    *further, short = asked.split("/")
    backend = _answer(ask, "whoami", "--json")
    url = backend.get("url") if isinstance(backend, dict) else None
    if not isinstance(url, str) or not url:
        raise _unknown("`pulumi whoami --json` does not report the URL of the backend")
    if len(further) > 1:
        project = further[-1]
    address = address_of(url)
    if address is None or address.scheme not in ("http", "https"):
        return KeyTitles(stack=short, full_name=f"{project}/{short}@{_digest(url.partition('?')[0].rstrip('/'))}")
    organisation = further[0] if further else _organisation(backend, _answer(ask, "stack", "ls", "--json"), short)
    server = "" if address.host == PULUMI_CLOUD else f"@{_digest(address.host)}"
    return KeyTitles(stack=short, full_name=f"{organisation}/{project}/{short}{server}")


def _organisation(backend: dict[str, Any], listed: Any, short: str) -> str:
    """The organisation of the project's stack, by the address of its page; the user where it has none, as pulumi does."""
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and str(each.get("name")).rpartition("/")[2] == short and isinstance(each.get("url"), str):
            page = address_of(each["url"])
            parts = page.path.strip("/").split("/") if page else []
            if len(parts) == 3 and all(parts):
                return parts[0]
    user = backend.get("user")
    if not isinstance(user, str) or not user:
        raise _unknown("pulumi does not report the organisation of the stack")
    return user


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def _answer(ask: AskPulumi, *arguments: str) -> Any:
    try:
        return json_value(ask(*arguments), _ANSWER)
    except UnreadableError:
        raise _unknown(f"`pulumi {' '.join(arguments)}` printed no JSON") from None


def _unknown(wrong: str) -> CommandError:
    return CommandError(
        Message(wrong, "Without it, the titles of the stack's deploy keys are unknown.", "Check which pulumi is on PATH: pulumi version")
    )
