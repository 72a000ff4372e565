"""For each way in which a value can fail its model: what a person is told. The value itself is never repeated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from flux.close_names import close_to
from flux.keys.age import IDENTITY_PREFIX
from flux.listing import either
from flux.message import Message
from flux.secret_shapes import looks_like_a_secret
from stacks.contract.age import SuppliedKey
from stacks.contract.age_texts import WRONG_AGE_KEY
from stacks.contract.credentials.credential import CredentialModel
from stacks.contract.text_kinds import WRONG_TEXT
from stacks.contract.texts import WRONG_FLAG
from stacks.reading.model_walk import Model, keys_of
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


def sentence(kind: str, path: KeyPath, context: Mapping[str, Any], *, found: Any, holder: Model | None, holder_value: Any) -> Message:
    """What a person is told of a fault of type `kind`; `found` is what stands at `path`, in an object that `holder` describes."""
    fault = Fault(path=path, context=context, found=found, holder=holder, holder_value=holder_value)
    return SENTENCES.get(kind, _unforeseen)(fault)


def _unforeseen(_: Fault) -> Message:
    return Message("is not what belongs here", "Its meaning is unknown.", "docs/reference.md says what to write.")


def _unknown_key(fault: Fault) -> Message:
    if (secret_key := _secret_key(fault)) and fault.key in SECRET_FIELDS:
        return Message(
            "is the place of a secret, but this file is no place for secrets",
            "The secret would stand in Git and in the state in plain text.",
            f"Take it out, and run: pulumi config set --secret gitops:{secret_key}",
        )
    known = sorted(keys_of(fault.holder))
    meant = [] if looks_like_a_secret(fault.key) else close_to(fault.key, known)
    fix = f"Did you mean {either(meant)}?" if meant else f"The keys here are: {', '.join(known)}." if known else ""
    return Message("is not a key that belongs here", "It would have no effect.", fix)


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


def _missing(fault: Fault) -> Message:
    field = keys_of(fault.holder).get(fault.key)
    if field is None:
        return Message("is required but missing", "", "docs/reference.md says what it means.")
    example = f"For example: {fault.key}: {_flow(field.examples[0])}" if field.examples else ""
    return Message("is required but missing", f"It says: {str(field.description).rstrip('.')}.", example)


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


def _instead(wanted: str, write: str) -> Callable[[Fault], Message]:
    def told(fault: Fault) -> Message:
        found = _WORDS.get(type(fault.found))
        return Message(f"must be {wanted}{f', not {found}' if found else ''}", "", write)

    return told


def _not_text(fault: Fault) -> Message:
    if isinstance(fault.found, bool | int | float):
        return Message("must be text", "YAML reads it as a number or as true or false: 2.10 becomes 2.1.", 'Quote it: "2.10".')
    if fault.found is None:
        return Message("has no value", "", "Write the text, or remove the key.")
    return _instead("text", 'Write it as one quoted "text".')(fault)


def _choice(fault: Fault) -> Message:
    found = fault.found if isinstance(fault.found, str) else ""
    expected = str(fault.context.get("expected", "")).replace("'", "")
    return Message(f"must be {expected}", "", _close(found, expected.replace(" or ", ", ")))


def _close(found: str, expected: str) -> str:
    """`Did you mean …?`, which shows what is allowed and not what was written; empty where nothing is near."""
    close = close_to(found, (item.strip(" '") for item in expected.split(",")), count=1, cutoff=0.5)
    return f"Did you mean {close[0]}?" if close else ""


def _wrong_type_of_credential(fault: Fault) -> Message:
    expected = str(fault.context.get("expected_tags", "")).replace("'", "")
    written = fault.found.get("type") if isinstance(fault.found, dict) else None
    others, _, last = expected.rpartition(", ")
    meant = _close(written if isinstance(written, str) else "", expected)
    return Message("has an unknown type", "", f"Write type: {others} or {last}.{f' {meant}' if meant else ''}")


def _no_type_of_credential(_: Fault) -> Message:
    return Message("has no type", "", "Write {type: ssh}, or {type: basic, username: flux}.")


def _wrong_age_key(fault: Fault) -> Message:
    found = fault.found if isinstance(fault.found, str) else ""
    if found.strip().upper().startswith(IDENTITY_PREFIX):
        return Message(
            "is a private key in plain text",
            "Whoever reads this file can decrypt everything.",
            f"Make another key, write supplied here, and run: pulumi config set --secret gitops:age-{fault.key}",
        )
    if found.startswith("age1"):
        return Message("is a recipient, which does not say where the key comes from", "", "Write {origin: supplied, recipient: age1…}.")
    meant = _close(found, "supplied, generated")
    return Message(
        "does not say where the key comes from",
        "",
        f"Write supplied, generated, or {{origin: supplied, recipient: age1…}}.{f' {meant}' if meant else ''}",
    )


def _own(fault: Fault) -> Message:
    message: Message = fault.context["message"]
    return message


def _key_is_no_text(_: Fault) -> Message:
    return Message("has a key that is not text", "YAML reads an unquoted number or date as something else.", 'Quote it: "2026-11".')


_OBJECT = _instead("an object", "Write its keys below it, each as `key: value`.")

SENTENCES: dict[str, Callable[[Fault], Message]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "string_type": _not_text,
    WRONG_TEXT: _own,
    WRONG_FLAG: _instead("text, a whole number, true, false, a list of text, or null", 'Quote a number with a fraction: "0.5".'),
    WRONG_AGE_KEY: _wrong_age_key,
    "literal_error": _choice,
    "list_type": _instead("a list", "Write [one, another]."),
    "too_short": lambda _: Message("is empty", "Nothing would be made.", "Write at least one, or remove the key if it is optional."),
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "bool_type": _instead("true or false", "Write one of them without quotes."),
    "int_type": _instead("a whole number", "Write it without quotes."),
    "union_tag_invalid": _wrong_type_of_credential,
    "union_tag_not_found": _no_type_of_credential,
    "model_attributes_type": _OBJECT,
    "invalid_key": _key_is_no_text,
}
"""Fault type → what is told; a test holds that every fault that the models can raise is here."""
