"""Secrets in plain text in Git. No value is ever shown."""

import base64
import re
from collections.abc import Iterator, Mapping
from shlex import quote
from typing import Any

from flux.message import Message
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error, warning
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.kustomize_build import Build, is_only_variables
from gitops.check.follow.synced import World
from gitops.check.repository.documents import mapping
from gitops.check.repository.sops_file import CIPHER, dotenv_entries, has_lost_metadata, is_encrypted, looks_broken, sops_file
from gitops.check.repository.tree import Tree

LOOKS_ENCRYPTED = re.compile(r"(^|/)[^/]+\.sops\.[^./]+$")
"""What a file is called that is meant to be encrypted."""

_DISCLOSED = "Everyone who can read the repository or its history has the values."
_MEND_RULE = (
    "remove what was added by hand, correct what the file's rule in .sops.yaml encrypts, decrypt the file, and encrypt all of it again"
)
_MOVE = "move it to a separate file, and encrypt that with sops: this file is already encrypted"


def secret_findings(world: World) -> Iterator[FileFinding]:
    """Plain Secrets that the cluster would get, and files that were meant to be encrypted, anywhere in the repositories."""
    for tree in world.trees.values():
        for file in tree.files:
            if _is_plain_text(tree, file):
                told = _disclosed("is named like an encrypted file but is plain text", f"run `sops encrypt --in-place {quote(file)}`")
                yield error(requirements.NOT_ENCRYPTED, tree.name, file, told)
    for synced, result in world.built:
        tree = world.tree_of(synced)
        for item in result.objects:
            if _is_written_secret(item) and not _is_told_already(tree, item.file) and (keys := _plain_keys(item)):
                mend = "encrypt the file with sops" if sops_file(tree, item.file) is None else _MOVE
                told = _holds_plain_data(str(item), keys, _MEND_RULE if is_encrypted(item.body) else mend)
                find = error if any(keys.values()) else warning
                yield find(requirements.PLAIN_SECRET, *tree.origin(item.file), told, item.line, item.reference)
        yield from _generated(tree, result)


def _is_plain_text(tree: Tree, file: str) -> bool:
    if not LOOKS_ENCRYPTED.search(file) or not tree.content(file).strip() or sops_file(tree, file) is not None:
        return False
    return not (looks_broken(tree, file) or has_lost_metadata(tree, file))


def _is_written_secret(item: BuiltObject) -> bool:
    """Whether it is a Secret; the inputs of one that kustomize generates are judged by themselves."""
    return item.kind == "Secret" and not item.group and not item.is_generated


def _generated(tree: Tree, result: Build) -> Iterator[FileFinding]:
    for file in sorted(result.secret_inputs):
        if not LOOKS_ENCRYPTED.search(file) and tree.content(file).strip() and sops_file(tree, file) is None:
            told = _disclosed(f"becomes a Secret ({result.decrypted_inputs[file]}) but is not encrypted", "encrypt the file with sops")
            yield error(requirements.PLAIN_SECRET, *tree.origin(file), told)
        if keys := {key: _is_all_plain(value) for key, value in dotenv_entries(tree, file) if _is_plain(value)}:
            what = f"becomes a Secret ({result.decrypted_inputs[file]}), and"
            find = error if any(keys.values()) else warning
            yield find(requirements.PLAIN_SECRET, *tree.origin(file), _holds_plain_data(what, keys, _MEND_RULE))
    for kustomization, name in result.literals:
        told = _disclosed(f"generates the Secret {name} from literals", "put them into a SOPS-encrypted file, and list it in `envs`")
        yield error(requirements.PLAIN_SECRET, *tree.origin(kustomization), told)


def _holds_plain_data(what: str, keys: Mapping[str, bool], mend: str) -> Message:
    """`keys` → whether all of the value is plain; else variables are in it, which may be all that is secret."""
    if not any(keys.values()):
        wrong = f"{what} contains plain text around variables ({_listed(list(keys))})"
        would = "Everyone who can read the repository has that text."
        return Message(wrong, would, f"If it is secret, change it, then {mend}. If not, list the finding in gitops:acknowledge.")
    although = ", although sops encrypted the rest" if mend == _MEND_RULE else ""
    return _disclosed(f"{what} contains plain data ({_listed([key for key, whole in keys.items() if whole])}){although}", mend)


def _disclosed(wrong: str, mend: str) -> Message:
    return Message(wrong, _DISCLOSED, f"Change the values, then {mend}.")


def _is_told_already(tree: Tree, file: str) -> bool:
    """Whether nothing in it is encrypted although its name says so: then the whole file is reported, not each Secret."""
    return bool(LOOKS_ENCRYPTED.search(file)) and sops_file(tree, file) is None


def _plain_keys(item: BuiltObject) -> dict[str, bool]:
    """Keys with plain text → whether that is all that they have."""
    plain = {str(key): value for key, value in mapping(item.body, "stringData").items() if _is_plain(value)}
    plain |= {str(key): value for key, value in mapping(item.body, "data").items() if _is_plain(value) and not _is_cipher(str(value))}
    return {key: _is_all_plain(plain[key]) for key in sorted(plain)}


def _is_plain(value: Any) -> bool:
    return not is_only_variables(value) and not str(value).startswith(CIPHER)


def _is_all_plain(value: Any) -> bool:
    return "${" not in str(value)


def _is_cipher(value: str) -> bool:
    """Whether an entry is itself a file that sops encrypted, which Flux decrypts."""
    try:
        decoded = base64.b64decode(value, validate=True)
    except ValueError:
        return False
    return b"sops" in decoded and b"ENC[" in decoded


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
