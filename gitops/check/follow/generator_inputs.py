"""What the patches, replacements and generators of a kustomization.yaml read from files."""

from typing import Any

from gitops.check import requirements
from gitops.check.follow.builtin_plugins import is_inline
from gitops.check.follow.decrypted_inputs import marked_patch, without_metadata, wrong_format
from gitops.check.follow.gathered import Gathered, seen_from
from gitops.check.follow.kustomization_fields import with_known_case
from gitops.check.repository.documents import items, text, texts
from gitops.check.repository.sops_file import sops_file


def patches(gathered: Gathered, directory: str, kustomization: str, value: dict[str, Any]) -> dict[str, Any]:
    """The fields with patches."""
    written: dict[str, Any] = {}
    for name in ("patches", "patchesJson6902"):
        if isinstance(value.get(name), list):
            found = [_patch(gathered, directory, kustomization, with_known_case(each, ("path",))) for each in value[name]]
            written[name] = [each for each in found if each is not None]
    if isinstance(value.get("patchesStrategicMerge"), list):
        listed = [
            each if is_inline(each) else _patch_file(gathered, directory, kustomization, each)
            for each in texts(value, "patchesStrategicMerge")
        ]
        written["patchesStrategicMerge"] = [each for each in listed if each is not None]
    return written


def replacements(gathered: Gathered, directory: str, kustomization: str, value: dict[str, Any]) -> dict[str, Any]:
    """The field with replacements."""
    if not isinstance(value.get("replacements"), list):
        return {}
    found: list[Any] = []
    for each in value["replacements"]:
        written = with_known_case(each, ("path",))
        if isinstance(written, dict) and isinstance(written.get("path"), str):
            path = _file(gathered, directory, kustomization, written["path"])
            if path is None:
                continue
            gathered.copy(path)
            written["path"] = seen_from(directory, path)
        found.append(written)
    return {"replacements": found}


def generators(gathered: Gathered, directory: str, kustomization: str, value: dict[str, Any]) -> dict[str, Any]:
    """The fields with generators of ConfigMaps and Secrets."""
    written: dict[str, Any] = {}
    for name in ("configMapGenerator", "secretGenerator"):
        if isinstance(value.get(name), list):
            is_secret = name == "secretGenerator"
            written[name] = [
                _generator(gathered, directory, kustomization, with_known_case(each, ("files", "envs", "env")), is_secret=is_secret)
                for each in value[name]
            ]
    for each in items(value, "secretGenerator"):
        if any(not is_only_variables(literal.partition("=")[2]) for literal in texts(each, "literals")):
            gathered.literals.append((kustomization, text(each, "name")))
    return written


def _generator(gathered: Gathered, directory: str, kustomization: str, generator: Any, *, is_secret: bool) -> Any:
    if not isinstance(generator, dict):
        return generator
    written = dict(generator)
    if isinstance(generator.get("files"), list):
        written["files"] = []
        for entry in generator["files"]:
            key, _, named = entry.rpartition("=") if isinstance(entry, str) else ("", "", entry)
            key = key or str(named).rpartition("/")[2]
            if not isinstance(named, str):
                written["files"].append(entry)
            elif path := _input(gathered, directory, kustomization, named, key, is_secret=is_secret):
                written["files"].append(f"{key}={path}")
    if isinstance(generator.get("envs"), list):
        taken = [_environment(gathered, directory, kustomization, entry, is_secret=is_secret) for entry in generator["envs"]]
        written["envs"] = [each for each in taken if each is not None]
    if isinstance(generator.get("env"), str) and generator["env"]:
        written["env"] = _environment(gathered, directory, kustomization, generator["env"], is_secret=is_secret) or ""
    return written


def _environment(gathered: Gathered, directory: str, kustomization: str, entry: Any, *, is_secret: bool) -> Any:
    if not isinstance(entry, str):
        return entry
    return _input(gathered, directory, kustomization, entry, "", is_secret=is_secret)


def _input(gathered: Gathered, directory: str, kustomization: str, named: str, key: str, *, is_secret: bool) -> str | None:
    """The file as the generator finds it; `key` is empty for a file of variables."""
    path = _file(gathered, directory, kustomization, named)
    if path is None:
        return None
    if is_secret:
        gathered.decrypted_inputs[path] = kustomization
        gathered.secret_inputs.add(path)
    else:
        gathered.other_inputs[path] = kustomization
    content = gathered.tree.content(path)
    is_decrypted = is_secret and gathered.decrypts
    gathered.copy(path, without_metadata(content) if is_decrypted and not key else content)
    if is_decrypted and key and sops_file(gathered.tree, path) is not None:
        told = wrong_format(key, path, content, gathered.tree.documents(path) or [])
        if told is not None:
            wrong = f"{told.wrong} ({kustomization})"
            gathered.complain(path, wrong, told.fix, requirements.DECRYPTED_OTHERWISE, 0, told.consequence)
    return seen_from(directory, path)


def _patch(gathered: Gathered, directory: str, kustomization: str, patch: Any) -> Any:
    if not isinstance(patch, dict) or not isinstance(patch.get("path"), str) or not patch["path"]:
        return patch
    path = _patch_file(gathered, directory, kustomization, patch["path"])
    return None if path is None else {**patch, "path": path}


def _patch_file(gathered: Gathered, directory: str, kustomization: str, written: str) -> str | None:
    path = _file(gathered, directory, kustomization, written)
    if path is None:
        return None
    gathered.decrypted_inputs[path] = kustomization
    documents = gathered.tree.documents(path)
    if documents is None:
        if path not in gathered.tree.not_read:
            line = gathered.tree.not_yaml.get(path, 0)
            fix = "Correct its syntax."
            gathered.complain(path, gathered.tree.why_not_yaml(path), fix, requirements.NOT_YAML, line)
        return None
    marked = marked_patch(documents, str(len(gathered.encrypted_patches))) if gathered.decrypts else None
    if marked is not None:
        gathered.encrypted_patches.append(path)
    gathered.copy(path, marked)
    return seen_from(directory, path)


def _file(gathered: Gathered, directory: str, kustomization: str, written: str) -> str | None:
    path = gathered.looked_up(directory, written, kustomization)
    if path is not None and path not in gathered.tree.shipped:
        line = gathered.line_of(kustomization, written)
        gathered.complain(kustomization, f"names {written}, which is a directory, not a file", "Name a file.", line=line)
        return None
    return path


def is_only_variables(value: Any) -> bool:
    """Whether a value is empty, or made of nothing but variables that Flux substitutes: then it contains no secret."""
    *variables, rest = str(value if value is not None else "").split("}")
    return not rest.strip() and all("${" in each and not each.partition("${")[0].strip() for each in variables)
