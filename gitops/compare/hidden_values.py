"""Which values of a body are secret: by the name that they stand under, and by what stands around them.

A value that is secret is replaced by a `Hidden`, which is equal to another one if the two values are: so bodies are compared as they are,
and nothing of it is shown.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from flux.bounded_documents import Bounds, UnreadableError, documents
from flux.secret_shapes import redacted
from gitops.check.repository.sops_file import CIPHER
from gitops.compare.field_changes import MISSING, FieldChange, differences

_ONLY_A_NAME = re.compile(
    r"(?:^|[_.-])(?i:pass|pw|pwd|passwd|htpasswd|credentials?|api_?keys|tokens|passwords|secrets?)$"
    r"|(?<=[a-z0-9])(?:Pass|PASS|Pw|Pwd|Passwd|Credentials?|ApiKeys|Tokens|Passwords|Secrets?)$"
)
"""Names of values that no message of a program has, so that flux.secret_shapes does not know them."""
_OPTION = re.compile(r"--?[\w-]*(?:pass(?:word|phrase|wd)?|token|secret|api-?key|credentials?)", re.IGNORECASE)
"""`--password`, whose value is the next argument."""
_OF_AN_OBJECT = re.compile(r"(?:existing|imagePull)[A-Za-z]*Secrets?")
"""What charts call the name of a Secret."""
_ANY = "a1"
"""A value that is hidden under the name of a secret: a password may be a word, which a message would be read on after."""
ENCRYPTED, SECRET = "<encrypted>", "<secret>"  # what stands for them
_ANOTHER = {ENCRYPTED: "<re-encrypted>", SECRET: "<another secret>"}
_TELLING = {"kind", "name", "key", "path", "op", "target", "value"}
_OF_A_SECRET = ("data", "stringData")
_PATCH = Bounds(size=64 * 1024, values=2_000)
_MOST_TEXT = 4_000
"""Characters of a text that are searched for secrets; the rest is not shown."""


@dataclass(frozen=True)
class Hidden:
    """A value that is not shown."""

    value: Any = field(repr=False)


def hide(value: Any, name: str = "", *, inside: bool = False) -> Any:
    """`value`, which stands under `name`, with a `Hidden` for each secret in it. `inside`: all of it is secret."""
    if isinstance(value, Mapping):
        return _mapping(value, name, inside)
    if isinstance(value, list):
        return list(_list(value, name, inside))
    if isinstance(value, str) and value.startswith(CIPHER):
        return value
    if value is None or value == "" or isinstance(value, bool):
        return value
    if inside or _tells_a_secret(name):
        return Hidden(value)
    return _text(value) if isinstance(value, str) else value


def _mapping(value: Mapping[str, Any], name: str, inside: bool) -> dict[str, Any]:
    called = value.get("name") or value.get("key")
    is_patch = isinstance(value.get("path"), str) and "op" in value
    is_secret = value.get("kind") == "Secret"
    found: dict[str, Any] = {}
    for key, item in value.items():
        if key == "value" and is_patch:
            parts = value["path"].split("/")
            found[key] = hide(item, parts[-1], inside=inside or "stringData" in parts)
        elif key == "value":
            found[key] = hide(item, called if isinstance(called, str) else name, inside=inside)
        else:
            closed = key == "stringData" or (is_secret and key in _OF_A_SECRET)
            found[key] = hide(item, str(key), inside=inside or closed)
    return _patch_of_a_secret(found) if isinstance(value.get("target"), Mapping) and value["target"].get("kind") == "Secret" else found


def _patch_of_a_secret(patch: dict[str, Any]) -> dict[str, Any]:
    """`{target: {kind: Secret}, patch: …}`: whatever it puts there is secret, and its text need not say so."""
    return {key: Hidden(item) if key == "patch" else item for key, item in patch.items()}


def _list(value: Sequence[Any], name: str, inside: bool) -> Iterator[Any]:
    option = False
    for item in value:
        yield hide(item, name, inside=inside or (option and isinstance(item, str)))
        option = isinstance(item, str) and _OPTION.fullmatch(item) is not None


@lru_cache(maxsize=4096)
def _tells_a_secret(name: str) -> bool:
    """Whether the name says that the value is secret: `password` says more than the value."""
    if _OF_AN_OBJECT.fullmatch(name):
        return False
    return _ONLY_A_NAME.search(name) is not None or not redacted(f"{name}: {_ANY}").endswith(_ANY)


def _text(text: str) -> Any:
    """A text that holds objects or patches, as `patches` and annotations do."""
    if not ("stringData" in text or "Secret" in text or "/value" in text or "value:" in text or '"value"' in text):
        return text
    try:
        values = [value for value, _ in documents(text, _PATCH)]
    except UnreadableError:
        return Hidden(text) if "stringData" in text else text
    if not any(isinstance(value, Mapping | list) for value in values):
        return text
    return Hidden(text) if any(_holds_hidden(hide(value)) for value in values) else text


def _holds_hidden(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_hidden(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_hidden(item) for item in value)
    return isinstance(value, Hidden)


def hidden_texts(value: Any) -> Iterator[str]:
    """The texts in `value` that are secret: for callers that know where else they may stand."""
    yield from _texts(hide(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, Hidden) and isinstance(value.value, str | int | float):
        yield str(value.value)


def masked_differences(before: Any, after: Any) -> Iterator[FieldChange]:
    """The fields in which two bodies differ, with a sign in place of each secret."""
    before, after = _without_equal(before, after)
    return map(_masked, differences(hide(before), hide(after)))


def _without_equal(before: Any, after: Any) -> tuple[Any, Any]:
    """Both without the parts that are equal, but for those that tell what is secret in another."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping) or before.get("kind") != after.get("kind"):
        return before, after
    equal = {key for key, item in before.items() if key not in _TELLING and key in after and after[key] == item}
    return {key: item for key, item in before.items() if key not in equal}, {key: item for key, item in after.items() if key not in equal}


def _masked(field: FieldChange) -> FieldChange:
    before, after = _shown(field.before), _shown(field.after)
    if before == after and before is not MISSING:
        after = _another(after)
    return replace(field, path=redacted(field.path), before=before, after=after)


def _shown(value: Any) -> Any:
    if isinstance(value, Hidden):
        return SECRET
    if isinstance(value, Mapping):
        return {redacted(str(key)): _shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if isinstance(value, str) and value.startswith(CIPHER):
        return ENCRYPTED
    return redacted(value[:_MOST_TEXT]) if isinstance(value, str) else value


def _another(value: Any) -> Any:
    """The same sign would say that nothing changes."""
    return _ANOTHER.get(value, f"{value} (changed)") if isinstance(value, str) else value
