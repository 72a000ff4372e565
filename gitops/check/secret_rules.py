"""Secrets that stand in Git as everyone can read them. No value is ever shown."""

import base64
import re
from collections.abc import Iterator

from gitops.check.build import Build, BuiltObject, is_only_variables
from gitops.check.documents import mapping
from gitops.check.finding import Finding, Kind, error
from gitops.check.sops_file import is_encrypted, sops_file
from gitops.check.synced import World
from gitops.check.tree import Tree

LOOKS_ENCRYPTED = re.compile(r"(^|/)[^/]+\.sops\.[^./]+$")
"""What a file is called that is meant to be encrypted."""

_ROTATE = "Whoever reads the repository, and its history, has the values: change them, too"


def secret_findings(world: World) -> Iterator[Finding]:
    """Plain Secrets that the cluster would get, and files that were meant to be encrypted, anywhere in the repositories."""
    for tree in world.trees.values():
        for file in tree.files:
            if LOOKS_ENCRYPTED.search(file) and tree.content(file).strip() and sops_file(tree, file) is None:
                text = f"is called as if it were encrypted, and is not. {_ROTATE}; then run `sops encrypt --in-place {file}`"
                yield error(Kind.NOT_ENCRYPTED, tree.name, file, text)
    for synced, result in world.built:
        tree = world.tree_of(synced)
        for item in result.objects:
            if item.kind == "Secret" and not item.group and not LOOKS_ENCRYPTED.search(item.file) and _plain_keys(item):
                text = f"{item} holds plain data ({_listed(_plain_keys(item))}). {_ROTATE}; then encrypt the file with sops"
                yield error(Kind.PLAIN_SECRET, *tree.origin(item.file), text, item.line)
        yield from _generated(tree, result)


def _generated(tree: Tree, result: Build) -> Iterator[Finding]:
    for file in sorted(result.secret_inputs):
        if not LOOKS_ENCRYPTED.search(file) and tree.content(file).strip() and sops_file(tree, file) is None:
            text = f"becomes a Secret ({result.decrypted_inputs[file]}) and is not encrypted. {_ROTATE}; then encrypt the file with sops"
            yield error(Kind.PLAIN_SECRET, *tree.origin(file), text)
    for kustomization, name in result.literals:
        text = f"generates the Secret {name} from literals. {_ROTATE}; then put them into a file that sops encrypted, under `envs`"
        yield error(Kind.PLAIN_SECRET, *tree.origin(kustomization), text)


def _plain_keys(item: BuiltObject) -> list[str]:
    if is_encrypted(item.body):
        return []
    plain = {key for key, value in mapping(item.body, "stringData").items() if not is_only_variables(value)}
    plain |= {key for key, value in mapping(item.body, "data").items() if not is_only_variables(value) and not _is_cipher(str(value))}
    return sorted(plain)


def _is_cipher(value: str) -> bool:
    """Whether an entry is itself a file that sops encrypted, which Flux decrypts."""
    try:
        decoded = base64.b64decode(value, validate=True)
    except ValueError:
        return False
    return b"sops" in decoded and b"ENC[" in decoded


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
