"""What kustomize gets of files that Flux decrypts before it builds: patches, and inputs of Secret generators.

Nothing is decrypted here. The metadata of SOPS are left out, as decryption does, and each encrypted value of a patch becomes a mark, so
that it can be seen which objects the patch changes.
"""

import json
import re
from typing import Any

from flux.message import Message
from gitops.check.repository.documents import YamlDocument, mapping, text
from gitops.check.repository.sops_file import CIPHER, is_encrypted

_METADATA_LINE = re.compile(rb"^sops_\w+=.*\n?", re.MULTILINE)
_FORMATS = {".json": "JSON", ".yaml": "YAML", ".yml": "YAML", ".env": "dotenv", ".ini": "ini", ".dockerconfigjson": "JSON"}


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


def wrong_format(key: str, file: str, content: bytes, documents: list[YamlDocument]) -> Message | None:
    """Why Flux makes something else of an encrypted file than what was encrypted; None if it does not.

    The ending of the key decides in which format Flux writes what it has decrypted; what is binary, sops keeps as `data` of a JSON file.
    """
    values = [each.value for each in documents]
    is_json = content.lstrip().startswith(b"{")
    is_binary = (
        is_json and len(values) == 1 and mapping(values[0]).keys() == {"data", "sops"} and text(values[0], "data").startswith(CIPHER)
    )
    ending, written_as = next(((ending, name) for ending, name in _FORMATS.items() if key.endswith(ending)), ("", ""))
    if is_binary and written_as:
        wrapped = '{"data": "…"}' if written_as == "JSON" else "`data`, and the content below it"
        return Message(
            f"was encrypted as binary, but becomes the key {key}",
            f"Flux decrypts it as {written_as} because of that name, so that the Secret would contain {wrapped}.",
            f"Decrypt it, and encrypt it with --input-type {written_as.lower()}, or give the key a name that does not end in {ending}.",
        )
    if not is_binary and not written_as and not any(text(value, "data") for value in values):
        return Message(
            f"was not encrypted as binary, but becomes the key {key}",
            "Flux decrypts a key with such a name as binary, and would fail.",
            f"Give the key the ending of {file.rpartition('/')[2]}, or decrypt the file, and encrypt it with --input-type binary.",
        )
    return None
