"""Patches of the install manifests: what each selects, and what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from flux.any_shape import at
from flux.close_names import close_to
from flux.errors import FluxInputError
from flux.finding import STACK_FILE, Finding, in_stack_file
from flux.key_path import KeyPath
from flux.listing import either
from flux.message import Message
from flux.patching.json_patch import JsonPatchError, json_patch
from flux.patching.selectors import is_selected
from flux.patching.strategic_merge import strategic_merge

Body = Mapping[str, Any]
_NO_EFFECT = "The patch would have no effect."
_NAMED = ("kind", "name")


@dataclass(frozen=True, kw_only=True)
class InstallPatch:
    """A change of objects of the install manifests: a strategic merge patch, or the operations of a JSON Patch."""

    target: Mapping[str, str]
    """A selector as kustomize has it: `kind`, `name`, `labelSelector` … Kinds and names are whole regular expressions."""
    patch: Mapping[str, Any] | Sequence[Any]
    written: KeyPath = ()
    """Where it stands in the stack file."""
    places: Mapping[KeyPath, KeyPath] = field(default_factory=lambda: MappingProxyType({(): ("patch",)}))
    """Path in an object → path below `written`: what is beneath the first is written beneath the second."""

    def __str__(self) -> str:
        """`Deployment/source-controller`."""
        return "/".join(self.target[key] for key in _NAMED if key in self.target) or "no object"

    def selects(self, body: Body) -> bool:
        """Whether it changes an object."""
        return is_selected(self.target, body)

    def applied(self, body: Body) -> dict[str, Any]:
        """`body` after the patch.

        Raises:
            FluxInputError: it cannot be carried out; the path is that in the stack file.
        """
        if not isinstance(self.patch, Mapping):
            return self._with_operations(body)
        try:
            return strategic_merge(body, self.patch)
        except FluxInputError as error:
            raise FluxInputError(error.message, self.place_of(error.path)) from None

    def place_of(self, path: KeyPath) -> KeyPath:
        """Where in the stack file stands what is at `path` of an object."""
        if not isinstance(self.patch, Mapping):
            return (*self.written, "patch")
        of_object = max((each for each in self.places if path[: len(each)] == each), key=len, default=None)
        return self.written if of_object is None else (*self.written, *self.places[of_object], *path[len(of_object) :])

    def _with_operations(self, body: Body) -> dict[str, Any]:
        for index, operation in enumerate(self.patch):
            try:
                body = json_patch(body, [operation])
            except JsonPatchError as error:
                of_object = "" if error.always else f" in {body.get('kind')}/{at(body, 'metadata', 'name')}"
                message = Message(f"{error}{of_object}", "None of the operations would be applied.", error.fix)
                raise FluxInputError(message, (*self.written, "patch", index, error.key)) from None
        return dict(body)


def usable_patches(objects: Sequence[dict[str, Any]], patches: Sequence[InstallPatch]) -> tuple[list[InstallPatch], list[Finding]]:
    """The patches that change one of `objects` and can be carried out, and what is wrong with the others."""
    usable, findings = [], []
    for patch in patches:
        selected = [body for body in objects if patch.selects(body)]
        wrong = _faults(patch, selected) if selected else [_selects_nothing(patch, objects)]
        findings += wrong
        if not wrong:
            usable.append(patch)
            objects = patched_objects(objects, [patch])
    return usable, findings


def patched_objects(objects: Sequence[dict[str, Any]], patches: Sequence[InstallPatch]) -> list[dict[str, Any]]:
    """`objects` after all `patches`, one after the other."""
    patched = list(objects)
    for patch in patches:
        patched = [patch.applied(body) if patch.selects(body) else body for body in patched]
    return patched


def _faults(patch: InstallPatch, selected: Sequence[dict[str, Any]]) -> list[Finding]:
    for body in selected:
        try:
            after = patch.applied(body)
        except FluxInputError as error:
            return [Finding(object=None, path=error.path, message=error.message, where=STACK_FILE)]
        target = f"{body['kind']}/{body['metadata']['name']}"
        if not after:
            fix = "Write networkPolicy: false instead." if body["kind"] == "NetworkPolicy" else "Remove it."
            return [in_stack_file(patch.written, f"deletes {target}", "Flux would lack it.", fix)]
        if _what_it_is(after) != _what_it_is(body):
            crd = "; of a CRD, also group, names, scope and versions" if body["kind"] == "CustomResourceDefinition" else ""
            fix = f"Remove apiVersion, kind, name and namespace from it{crd}."
            return [in_stack_file(patch.written, f"turns {target} into another object", "Flux would lack the original.", fix)]
    return []


def _selects_nothing(patch: InstallPatch, objects: Sequence[dict[str, Any]]) -> Finding:
    kind, name = patch.target.get("kind", ""), patch.target.get("name", "")
    if patch.target.keys() - set(_NAMED):
        wrong, fix = (
            "selects no object that is installed",
            f"Write one of these kinds: {', '.join(sorted({body['kind'] for body in objects}))}.",
        )
        return in_stack_file(patch.written, wrong, _NO_EFFECT, fix)
    names = sorted(body["metadata"]["name"] for body in objects if body["kind"] == kind)
    instead = either(close_to(name, names) or names)
    fix = f"Write {instead}." if instead else f"Remove it: no {kind} is installed." if kind else "Correct the name."
    return in_stack_file(patch.written, f"patches {patch}, which is not installed", _NO_EFFECT, fix)


def _what_it_is(body: Body) -> list[Any]:
    metadata, spec = (each if isinstance(each, dict) else {} for each in (body.get("metadata"), body.get("spec")))
    kept = ("group", "names", "scope", "versions") if body.get("kind") == "CustomResourceDefinition" else ()
    return [body.get("apiVersion"), body.get("kind"), metadata.get("name"), metadata.get("namespace"), *(spec.get(key) for key in kept)]
