"""For each way in which a value can fail its model: what a person is told.

What is wrong; what it would have caused; what to write. The value itself is never repeated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from flux.close_names import close_to
from flux.keys.age import IDENTITY_PREFIX
from flux.message import Message
from flux.secret_shapes import looks_like_a_secret
from stacks.contract.age import SuppliedKey
from stacks.contract.age_texts import WRONG_AGE_KEY
from stacks.contract.credentials.credential import CredentialModel
from stacks.contract.text_kinds import WRONG_TEXT
from stacks.contract.texts import WRONG_FLAG
from stacks.reading.model_walk import Model, keys_of
from stacks.words.did_you_mean import nearest
from stacks.words.place import KeyPath

SECRET_FIELDS = ("identity", "password", "token", "bearerToken", "privateKey", "private-key", "key", "secret", "value")
"""Keys under which people put the secret itself into a credential or an age key."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault that pydantic found."""

    path: KeyPath
    context: Mapping[str, Any]
    found: Any
    holder: Model | None
    """The model that has the key."""
    holder_value: Any

    @property
    def key(self) -> str:
        """The last key of the path."""
        return str(self.path[-1]) if self.path else ""


def sentence(kind: str, path: KeyPath, context: Mapping[str, Any], *, found: Any, holder: Model | None, holder_value: Any) -> str | Message:
    """What a person is told of a fault of type `kind`; `found` is what stands at `path`, in an object that `holder` describes."""
    fault = Fault(path=path, context=context, found=found, holder=holder, holder_value=holder_value)
    return SENTENCES.get(kind, _unforeseen)(fault)


def _unforeseen(_: Fault) -> str:
    return "is not what belongs here, so it is unknown what was meant; docs/reference.md tells what to write"


def _unknown_key(fault: Fault) -> str:
    if (secret_key := _secret_key(fault)) and fault.key in SECRET_FIELDS:
        return (
            "is a secret's place, but this file is no place for secrets: it would stand in Git and in the state in plain text. "
            f"Take it out, and run: pulumi config set --secret gitops:{secret_key}"
        )
    known = list(keys_of(fault.holder))
    if looks_like_a_secret(fault.key):
        return f"there is no such key, so it would have had no effect; there are: {', '.join(sorted(known))}"
    return f"there is no such key, so it would have had no effect{nearest(fault.key, known)}"


def _secret_key(fault: Fault) -> str | None:
    """The key of the secret that belongs to what `fault.holder` describes."""
    if len(fault.path) < 2:
        return None
    if fault.holder is SuppliedKey:
        return f"age-{fault.path[-2]}"
    if fault.holder is None or not issubclass(fault.holder, CredentialModel):
        return None
    fields = list(fault.holder.SECRETS)
    return f"{fault.path[-2]}-{fault.key if fault.key in fields else fields[0]}"


def _missing(fault: Fault) -> str:
    field = keys_of(fault.holder).get(fault.key)
    if field is None:
        return "is required and missing; docs/reference.md tells what it means"
    meaning = str(field.description).rstrip(".")
    example = f". Write, for example: {fault.key}: {_flow(field.examples[0])}" if field.examples else ""
    return f"is required and missing, so nothing can be made of it. It says: {meaning}{example}"


def _flow(value: Any) -> str:
    written: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=1000)
    return written.removesuffix("\n").removesuffix("\n...")


_WORDS: dict[type, str] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object (`key: value`)",
    type(None): "nothing",
}


def _instead(wanted: str, write: str) -> Callable[[Fault], str]:
    def told(fault: Fault) -> str:
        return f"must be {wanted}, not {_WORDS.get(type(fault.found), 'this')}, so it is unknown what was meant; {write}"

    return told


def _not_text(fault: Fault) -> str:
    if isinstance(fault.found, bool | int | float):
        return (
            'must be text; quote it ("2.10"), because YAML reads an unquoted number, true or false as something else than what is written '
            "(2.10 would have become 2.1)"
        )
    if fault.found is None:
        return "has no value, so nothing would be done with it; write the text, or remove the key"
    return _instead("text", 'write it as one quoted "text"')(fault)


def _choice(fault: Fault) -> str:
    found = fault.found if isinstance(fault.found, str) else ""
    expected = str(fault.context.get("expected", ""))
    return f"must be {expected}; anything else has no meaning here{_close(found, expected.replace(' or ', ', '))}"


def _close(found: str, expected: str) -> str:
    """`; did you mean …?`, which shows what is allowed and not what was written."""
    close = close_to(found, (item.strip(" '") for item in expected.split(",")), count=1, cutoff=0.5)
    return f". Did you mean {close[0]}?" if close else ""


def _wrong_type_of_credential(fault: Fault) -> str:
    expected = str(fault.context.get("expected_tags", "")).replace("'", "")
    written = fault.found.get("type") if isinstance(fault.found, dict) else None
    others, _, last = expected.rpartition(", ")
    return (
        f"there is no credential of this type, so it is unknown which secrets it has; write type: {others} or {last}"
        f"{_close(written if isinstance(written, str) else '', expected)}"
    )


def _no_type_of_credential(_: Fault) -> str:
    return "has no type, so it is unknown which secrets it has; write {type: ssh}, or {type: basic, username: flux}"


def _wrong_age_key(fault: Fault) -> str:
    found = fault.found if isinstance(fault.found, str) else ""
    if found.strip().upper().startswith(IDENTITY_PREFIX):
        return (
            "is a private key in plain text: who reads this file can decrypt everything. Make another, write supplied here, and run: "
            f"pulumi config set --secret gitops:age-{fault.key}"
        )
    if found.startswith("age1"):
        return "is a recipient, so it is unknown where the key comes from; write {origin: supplied, recipient: age1…}"
    return (
        "is no age key, so it is unknown where Flux gets it from; write supplied, generated, or {origin: supplied, recipient: age1…}"
        f"{_close(found, 'supplied, generated')}"
    )


def _rule(fault: Fault) -> str:
    return str(fault.context.get("error", "breaks a rule; docs/reference.md tells which"))


def _own(fault: Fault) -> Message:
    message: Message = fault.context["message"]
    return message


def _key_is_no_text(_: Fault) -> str:
    return 'a key here must be text; quote it ("2026-11"), because YAML reads an unquoted number or date as something else'


_OBJECT = _instead("an object", "write its keys below it, each as `key: value`")

SENTENCES: dict[str, Callable[[Fault], str | Message]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "string_type": _not_text,
    WRONG_TEXT: _own,
    WRONG_FLAG: _instead(
        "text, a whole number, true, false, a list of text, or null", 'quote it ("0.5") if it is a number with a fraction'
    ),
    WRONG_AGE_KEY: _wrong_age_key,
    "literal_error": _choice,
    "list_type": _instead("a list", "write [one, another]"),
    "too_short": lambda _: "is empty, so nothing would be made; write at least one, or remove the key if it is optional",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "bool_type": _instead("true or false", "write one of them without quotes"),
    "int_type": _instead("a whole number", "write it without quotes"),
    "union_tag_invalid": _wrong_type_of_credential,
    "union_tag_not_found": _no_type_of_credential,
    "model_attributes_type": _OBJECT,
    "invalid_key": _key_is_no_text,
    "value_error": _rule,
}
"""Fault type → what is told; a test holds that every fault that the models can raise is here."""
