"""What Flux makes of the directory that a Kustomization applies, before kustomize builds it (fluxcd/pkg, kustomize.Generator).

Where there is no kustomization.yaml, it writes one that names every YAML file below, and each directory with a kustomization.yaml as a
whole. Then it puts fields of the Kustomization's spec into it. It decodes without checks, so that unknown fields have no effect there,
while kustomize refuses them everywhere else.
"""

from pathlib import PurePosixPath
from typing import Any

from gitops.check.follow.kustomization_fields import ORIGINS, is_fetched
from gitops.check.repository.documents import items, mapping, text, texts
from gitops.check.repository.tree import Tree, joined

_PLACEHOLDER = "_placeholder"
"""The namespace that Flux writes where there is nothing else, since kustomize refuses an empty file."""
_FIELDS_OF_A_SELECTOR = ("group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector")


def generated(tree: Tree, directory: str) -> dict[str, Any]:
    """The kustomization.yaml of a directory that has none."""
    resources = _resources(tree, directory)
    return {"resources": resources} if resources else {"namespace": _PLACEHOLDER}


def _resources(tree: Tree, directory: str) -> list[str]:
    found: dict[str, None] = {}
    whole: dict[str, bool] = {}
    for file in tree.below(directory):
        inner = [parent for parent in map(str, PurePosixPath(file).parents) if parent not in (".", directory)]
        inner = [parent for parent in reversed(inner) if not directory or parent.startswith(f"{directory}/")]
        for parent in inner:
            if parent not in whole:
                whole[parent] = tree.kustomization_in(parent) is not None
        kustomized = next((parent for parent in inner if whole[parent]), None)
        if kustomized or file.endswith((".yaml", ".yml")):
            found.setdefault(kustomized or file)
    return [f"./{path[len(directory) + 1 :] if directory else path}" for path in found]


def with_spec(value: dict[str, Any], spec: dict[str, Any], tree: Tree, directory: str) -> dict[str, Any]:
    """A kustomization.yaml with the fields of a Flux Kustomization's spec."""
    merged = dict(value)
    for own, theirs in (("namespace", "targetNamespace"), ("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix")):
        if theirs in spec:
            merged[own] = spec[theirs]
    patches = [_patch(each) for each in items(spec, "patches") if isinstance(each, dict)]
    components = [each for each in texts(spec, "components") if _is_there(spec, each, tree, directory)]
    for name, added in (("patches", patches), ("components", components)):
        if added and _is_a_list(merged, name):
            merged[name] = [*items(merged, name), *added]
    merged["buildMetadata"] = _build_metadata(value, spec)
    if (images := items(spec, "images")) and _is_a_list(merged, "images"):
        merged["images"] = _with_images(items(merged, "images"), images)
    return merged


def _is_a_list(value: dict[str, Any], name: str) -> bool:
    """Whether a field can be added to; what else it is, kustomize refuses."""
    return isinstance(value.get(name, []), list)


def _build_metadata(value: dict[str, Any], spec: dict[str, Any]) -> list[str]:
    """With the origins, which this check needs and Flux sets where there are no resources, so that the file is not empty."""
    written = texts(spec, "buildMetadata") or (texts(value, "buildMetadata") if items(value, "resources") else [])
    return list(dict.fromkeys([*written, ORIGINS]))


def refused_components(spec: dict[str, Any]) -> list[str]:
    """Components of a spec that Flux refuses: they must be in the same artifact."""
    return [each for each in texts(spec, "components") if is_fetched(each) or each.startswith("/")]


def _is_there(spec: dict[str, Any], component: str, tree: Tree, directory: str) -> bool:
    if component in refused_components(spec):
        return False
    return spec.get("ignoreMissingComponents") is not True or joined(directory, component) in tree.directories


def _patch(each: dict[str, Any]) -> dict[str, Any]:
    target = mapping(each, "target")
    selector = {name: target[name] for name in _FIELDS_OF_A_SELECTOR if name in target}
    return {"patch": text(each, "patch"), **({"target": selector} if isinstance(each.get("target"), dict) else {})}


def _with_images(written: list[Any], added: list[Any]) -> list[Any]:
    """Each field replaces that of the image of the same name; a tag and a digest replace one another."""
    merged = [dict(each) if isinstance(each, dict) else each for each in written]
    for image in added:
        known = next((each for each in merged if isinstance(each, dict) and each.get("name") == text(image, "name")), None)
        fields = {name: value for name in ("name", "newName", "newTag", "digest") if (value := text(image, name))}
        if known is None:
            merged.append(fields)
            continue
        if fields.keys() & {"newTag", "digest"}:
            known.pop("newTag", None)
            known.pop("digest", None)
        known |= fields
    return merged
