"""The message for each error that pydantic finds in a file. A text is never repeated, because it could be a secret.

validation.py knows where the value is. The contract defines what each kind of text must be, and which keys go together.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic.fields import FieldInfo

from flux.close_names import close_to
from flux.keys.age_identity import IDENTITY_PREFIX
from flux.listing import either, suggestion
from flux.message import Message
from flux.schema.explain_values import MISSING
from flux.schema.showing import shown
from flux.secret_shapes import looks_like_a_secret
from stacks.contract.age import SuppliedKey
from stacks.contract.age_texts import WRONG_AGE_KEY
from stacks.contract.base import Strict
from stacks.contract.credentials.credential import CredentialModel
from stacks.contract.credentials.every_type import CREDENTIAL_TYPES
from stacks.contract.install_texts import WRONG_FLAG
from stacks.contract.text_kinds import WRONG_TEXT
from stacks.reading.model_walk import Model, keys_of
from stacks.reading.object_keys import OF_AN_OBJECT, written_below
from stacks.words.place import KeyPath

SECRET_FIELDS = frozenset(
    [*(field for model in CREDENTIAL_TYPES for field in model.SECRETS), "bearerToken", "privateKey", "key", "secret", "value"]
)
"""Keys under which people put the secret itself into a credential or an age key: our names, those of Flux, and the usual ones."""


@dataclass(frozen=True, kw_only=True)
class ModelError:
    """One error of pydantic's."""

    path: KeyPath
    context: Mapping[str, Any]
    found: Any
    """The value at `path`."""
    holder: Model | None
    """The model that has the key."""

    @property
    def key(self) -> str:
        """The last key of the path."""
        return str(self.path[-1]) if self.path else ""


def message_of(kind: str, error: ModelError) -> Message:
    """The message for an error of pydantic's type `kind`."""
    return MESSAGES.get(kind, _unforeseen)(error)


_SEE_REFERENCE = "Write what docs/reference.md says."


def _unforeseen(_: ModelError) -> Message:
    return Message("has a value that is not allowed here", fix=_SEE_REFERENCE)


_KEYS_LENGTH = 90
"""Characters that the names of keys, or an example, may take in a message."""


def _unknown_key(error: ModelError) -> Message:
    if told := _told_otherwise(error):
        return told
    if is_of_the_object(error):
        return Message(
            "is a key of the object itself", "The entry would have no object.", "Write all of it below object: {apiVersion: …, kind: …}."
        )
    known = keys_of(error.holder)
    keys = f"The keys here are: {_as_many_as_fit(sorted(known))}."
    if below := written_below(error.key) if "spec" in known else "":
        return Message("is an unknown key", "It would have no effect.", f"It belongs to the object's spec. Write {below}.")
    return Message("is an unknown key", "It would have no effect.", suggestion(keys_meant(error)) or keys)


def is_of_the_object(error: ModelError) -> bool:
    """Whether the key is one of a Kubernetes object, and the entry has that below `object`."""
    return error.key in OF_AN_OBJECT and "object" in keys_of(error.holder)


def keys_meant(error: ModelError) -> list[str]:
    """The keys that an unknown key may be meant to be; none where a message tells something else about it."""
    if is_of_the_object(error):
        return ["object"]
    if looks_like_a_secret(error.key) or _told_otherwise(error):
        return []
    return close_to(error.key, sorted(keys_of(error.holder)))


def _told_otherwise(error: ModelError) -> Message | None:
    if error.key in SECRET_FIELDS and not isinstance(error.found, bool) and (secret_key := _secret_key(error)):
        return Message(
            "is for a secret, which does not belong in this file",
            "The secret would be in Git and in the state in plain text.",
            f"Remove it, and run: pulumi config set --secret gitops:{secret_key}",
        )
    return error.holder.ELSEWHERE.get(error.key) if error.holder is not None and issubclass(error.holder, Strict) else None


def _as_many_as_fit(known: Sequence[str]) -> str:
    written = ", ".join(known)
    if len(written) <= _KEYS_LENGTH:
        return written
    return f"{written[:_KEYS_LENGTH].rpartition(', ')[0]}, …"


def _secret_key(error: ModelError) -> str | None:
    """The key of the secret that belongs to what `error.holder` describes."""
    if len(error.path) < 2:
        return None
    if error.holder is SuppliedKey:
        return f"age-{error.path[-2]}"
    if error.holder is None or not issubclass(error.holder, CredentialModel):
        return None
    fields = list(error.holder.SECRETS)
    return f"{error.path[-2]}-{error.key if error.key in fields else fields[0]}"


def _missing(error: ModelError) -> Message:
    field = keys_of(error.holder)[error.key]
    return Message(MISSING, _NOTHING, f"{_write(error.key, field)}.")


def _empty_text(error: ModelError) -> Message:
    """For `null`, which is what a key without a value is."""
    field = keys_of(error.holder).get(error.key)
    if field is None:  # of a list, or of an object whose keys are names
        return Message("is empty", "It would have no effect.", "Write a text, or remove it.")
    if field.is_required():
        return Message("is required but empty", _NOTHING, f"{_write(error.key, field)}.")
    return Message("is empty", "It would have no effect.", f"{_write(error.key, field)}, or remove the key.")


_NOTHING = "Nothing could be applied without it."


_NAMED_BY_WHAT_IT_IS_OF = re.compile(r"^(The|\w+ of) ")
"""The beginning of a description that can stand in a sentence."""


def _write(key: str, field: FieldInfo) -> str:
    """Write the context of the kubeconfig, for example `context: admin@homelab`."""
    if not field.examples:
        return "Write what docs/reference.md says"
    return f"Write {_meaning_of(field)}, for example `{_line(key, field.examples[0])}`"


def _meaning_of(field: FieldInfo) -> str:
    described = str(field.description).partition(". ")[0].rstrip(".")
    if not _NAMED_BY_WHAT_IT_IS_OF.match(described):
        return "it"
    first, _, rest = described.partition(" ")
    first = first if first.isupper() else first.lower()
    return f"{first} {rest}" if first == "the" else f"the {first} {rest}"


def _line(key: str, value: Any) -> str:
    """`use: [base]`."""
    written: str = yaml.safe_dump({key: value}, default_flow_style=True, sort_keys=False, allow_unicode=True, width=1000)
    return written.strip()[1:-1]


_FOUND: dict[type, str] = {
    bool: "true or false",
    int: "a number",
    float: "a number with a fraction",
    str: "text",
    list: "a list",
    dict: "a map (`key: value`)",
    type(None): "null",
}


def _instead(wanted: str, fix: str, example: type | None = None) -> Callable[[ModelError], Message]:
    """`example`: of which type an example of the key has to be to be shown in place of `fix`."""

    def told(error: ModelError) -> Message:
        found = _FOUND.get(type(error.found))
        field = keys_of(error.holder).get(error.key) if error.holder else None
        has_example = field is not None and example is not None and isinstance(next(iter(field.examples or ()), None), example)
        by_example = f"{_write(error.key, field)}." if field is not None and has_example else ""
        return Message(
            f"must be {wanted}{f', not {found}' if found else ''}", fix=by_example if 0 < len(by_example) <= _KEYS_LENGTH else fix
        )

    return told


def _not_text(error: ModelError) -> Message:
    if isinstance(error.found, bool):
        return Message("must be text", "Without quotes, YAML reads it as true or false.", f'Quote it: "{str(error.found).lower()}".')
    if isinstance(error.found, int):
        written = shown(error.found, error.path)
        return Message("must be text", "Without quotes, YAML reads it as a number.", f'Quote it: "{written}".' if written else "Quote it.")
    if isinstance(error.found, float):
        return Message("must be text", "Without quotes, YAML reads it as a number: 2.10 becomes 2.1.", 'Quote it, like "2.10".')
    if error.found is None:
        return _empty_text(error)
    if isinstance(error.found, Mapping) and set(error.found) == {"env"}:  # in a stack file, it is the variable's value by now
        return Message(
            "refers to the environment, which only a stack file may do",
            "This file is the same for every stack.",
            "Write the value. In development, a stack file may set it under gitops:override.",
        )
    return _instead("text", 'Write it as one quoted "text".')(error)


def _not_a_key(error: ModelError) -> Message:
    """Only a name may be another text: in quotes, it would be an unknown key."""
    keys = f"The keys here are: {_as_many_as_fit(sorted(keys_of(error.holder)))}."
    return Message("is a key that is not text", "It would have no effect.", keys)


def _not_a_choice(error: ModelError) -> Message:
    expected = str(error.context.get("expected", "")).replace("'", "")
    fix = f"Write {expected}. {_meant(error.found, expected.replace(' or ', ', '))}"
    return Message("is empty" if error.found is None else "is not an allowed value", fix=fix.rstrip())


def _meant(found: Any, expected: str) -> str:
    """`Did you mean …?`, which shows an allowed value, not the written one; empty if none is similar."""
    close = close_to(found, expected.split(", "), count=1, cutoff=0.6) if isinstance(found, str) else []
    return suggestion(close)


def _unknown_type_of_credential(error: ModelError) -> Message:
    expected = str(error.context.get("expected_tags", "")).replace("'", "")
    written = error.found.get("type") if isinstance(error.found, dict) else None
    fix = f"Write type: {either(expected.split(', '))}."
    return Message("has an unknown type", "Flux would not know how to log in.", f"{fix} {_meant(written, expected)}".rstrip())


def _no_type_of_credential(_: ModelError) -> Message:
    return Message("has no type", "Flux would not know how to log in.", "Write {type: ssh}, or {type: basic, username: flux}.")


def _wrong_age_key(error: ModelError) -> Message:
    found = error.found.strip() if isinstance(error.found, str) else ""
    if found.upper().startswith(IDENTITY_PREFIX):
        return Message(
            "is a private key in plain text",
            "Everyone who can read this file can decrypt everything.",
            f"Make another key, write supplied here, and run: pulumi config set --secret gitops:age-{error.key}",
        )
    if found.startswith("age1"):
        return Message("is only a recipient", "Flux would not know its private key.", "Write {origin: supplied, recipient: age1…}.")
    fix = f"Write supplied, generated or {{origin: supplied, recipient: age1…}}. {_meant(found, 'supplied, generated')}"
    return Message("is not the origin of an age key", "It would be unknown who makes the key.", fix.rstrip())


def _wrong_flag(error: ModelError) -> Message:
    fix = 'Quote a number with a fraction: "0.5".' if isinstance(error.found, float) else 'Write a value such as 4, true, "1m" or [A, B].'
    return Message("must be text, a whole number, true, false, null or a list of text", "No flag can have this value.", fix)


def _own(error: ModelError) -> Message:
    message: Message = error.context["message"]
    return message


_MAP = _instead("a map", "Write its keys below it, each as `key: value`.", dict)

MESSAGES: dict[str, Callable[[ModelError], Message]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "string_type": _not_text,
    "string_unicode": lambda _: Message("contains bytes that are not UTF-8", "Kubernetes stores only UTF-8.", "Write it again as UTF-8."),
    WRONG_TEXT: _own,
    WRONG_FLAG: _wrong_flag,
    WRONG_AGE_KEY: _wrong_age_key,
    "literal_error": _not_a_choice,
    "list_type": _instead("a list", "Write it as a list: [one, another].", list),
    "too_short": lambda _: Message("is empty", fix="At least one item is needed."),
    "dict_type": _MAP,
    "model_type": _MAP,
    "bool_type": _instead("true or false", "Write true or false, without quotes."),
    "int_type": _instead("a whole number", "Write the number, without quotes."),
    "union_tag_invalid": _unknown_type_of_credential,
    "union_tag_not_found": _no_type_of_credential,
    "model_attributes_type": _MAP,
    "invalid_key": _not_a_key,
}
"""pydantic's type of the error → its message. A test verifies that every type that the models can raise is here."""
