"""What kustomize gets of files that Flux decrypts before it builds: patches, and inputs of Secret generators.

Nothing is decrypted here. The metadata of SOPS are left out, as decryption does, and each encrypted value of a patch becomes a mark, so
that it can be seen which objects the patch changes.
"""

import json
import re
from typing import Any

from gitops.check.repository.documents import YamlDocument, mapping, text
from gitops.check.repository.sops_file import CIPHER, is_encrypted

_METADATA_LINE = re.compile(rb"^sops_\w+=.*\n?", re.MULTILINE)
_FORMATS = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".env": "dotenv", ".ini": "ini", ".dockerconfigjson": "json"}


def without_metadata(content: bytes) -> bytes:
    """A dotenv file without the lines that sops added; any other as it is."""
    return _METADATA_LINE.sub(b"", content) if b"sops_mac=" in content else content


def marked_patch(documents: list[YamlDocument], mark: str) -> bytes | None:
    """An encrypted patch as JSON, without SOPS's metadata and with `mark` in place of each encrypted value; None if it is not encrypted."""
    if not any(is_encrypted(each.value) for each in documents):
        return None
    values = [{key: _marked(value, mark) for key, value in each.value.items() if key != "sops"} for each in documents if each.value]
    return "\n---\n".join(json.dumps(value, default=str) for value in values).encode()


def marks_in(value: Any) -> set[str]:
    """The marks of all patches that changed an object."""
    if isinstance(value, dict):
        return {mark for each in value.values() for mark in marks_in(each)}
    if isinstance(value, list):
        return {mark for each in value for mark in marks_in(each)}
    return {value} if isinstance(value, str) and value.startswith(MARK) else set()


MARK = f"{CIPHER}patch "


def _marked(value: Any, mark: str) -> Any:
    if isinstance(value, dict):
        return {key: _marked(each, mark) for key, each in value.items()}
    if isinstance(value, list):
        return [_marked(each, mark) for each in value]
    return f"{MARK}{mark}]" if isinstance(value, str) and value.startswith(CIPHER) else value


def is_unpacked_otherwise(key: str, documents: list[YamlDocument]) -> bool:
    """Whether Flux would decrypt a file that sops encrypted as binary as what the name of its key says, and keep sops's wrapping."""
    (value, *others) = [each.value for each in documents] or [None]
    is_binary = not others and isinstance(value, dict) and value.keys() == {"data", "sops"} and text(value, "data").startswith(CIPHER)
    return is_binary and bool(mapping(value, "sops")) and format_of(key) == "json"


def format_of(key: str) -> str:
    """How Flux would decrypt an input: its key's ending decides."""
    return next((name for ending, name in _FORMATS.items() if key.endswith(ending)), "binary")
