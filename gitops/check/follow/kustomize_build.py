"""What Flux would apply of a path: built by kustomize itself, with what Flux does before and after it.

Before: gitops/check/follow/flux_generator.py, and the decryption of inputs. After: an object must have an apiVersion, and gets the common
metadata. Variables are left as they are. Where kustomize fails, the objects are judged as they are written, so that what is wrong with
them is still found.
"""

import hashlib
import os
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from flux.bounded_documents import UnreadableError
from flux.message import Message
from gitops.check import requirements
from gitops.check.file_finding import FileFinding
from gitops.check.follow.built_object import BuiltObject as BuiltObject
from gitops.check.follow.decrypted_inputs import marks_in
from gitops.check.follow.gathered import Gathered
from gitops.check.follow.gathering import Gathering, meant_key
from gitops.check.follow.generator_inputs import is_only_variables as is_only_variables
from gitops.check.follow.kustomize_errors import build_error
from gitops.check.follow.kustomize_output import as_written, is_named, objects_of
from gitops.check.follow.kustomize_process import BuildBudget, BuildProcess
from gitops.check.repository.documents import mapping, text
from gitops.check.repository.kept import Kept
from gitops.check.repository.sops_file import is_encrypted
from gitops.check.repository.tree import Tree

_MOST_STEPS = 300_000
"""Of 1,000 objects, each is patched 300 times until then. Directories that name one another twice double their objects at each level."""
_STEPS_OF_A_PROCESS = 300
"""What a build costs even if it has no objects."""


@dataclass(kw_only=True)
class Build:
    """What a path comes to. kustomize runs from the time when it is made until its objects or findings are asked for."""

    decrypted_inputs: dict[str, str] = field(default_factory=dict)
    """Files besides objects that Flux decrypts (inputs of Secret generators, patches) → the kustomization.yaml that names them."""
    secret_inputs: set[str] = field(default_factory=set)
    """Of those, the ones whose content becomes a Secret."""
    other_inputs: dict[str, str] = field(default_factory=dict)
    """Files that Flux takes as they are (inputs of ConfigMap generators) → the kustomization.yaml."""
    literals: list[tuple[str, str]] = field(default_factory=list)
    """kustomization.yaml, and name of a Secret that it generates from values within itself."""
    steps: int = 0
    """How many objects were touched, as far as that is known before kustomize runs."""
    is_built: bool = True
    """Whether kustomize built it; else its objects are as written."""
    unread: str = ""
    """A file that was too large or too deep to be read, so that its objects are missing."""
    _objects: list[BuiltObject] = field(default_factory=list)
    _findings: list[FileFinding] = field(default_factory=list)
    _finish: Callable[["Build"], None] | None = None

    @property
    def objects(self) -> list[BuiltObject]:
        """What Flux would apply."""
        self._end()
        return self._objects

    @property
    def findings(self) -> list[FileFinding]:
        """What keeps Flux from building it."""
        self._end()
        return self._findings

    @property
    def files(self) -> set[str]:
        """Every file of which something reaches the cluster."""
        return {item.file for item in self.objects} | self.decrypted_inputs.keys() | self.other_inputs.keys()

    def _end(self) -> None:
        if self._finish is not None:
            finish, self._finish = self._finish, None
            finish(self)


def build(tree: Tree, path: str, spec: dict[str, Any], who: str) -> Build:
    """Build `path` for a Flux Kustomization with `spec`; `who` names it in findings.

    Raises:
        CommandError: kustomize is not installed.
    """
    directory = within(path)
    gathered = Gathered(tree=tree, who=who, decrypts=text(spec, "decryption", "provider") == "sops")
    if directory not in tree.directories:
        if not tree.is_unseen(directory):
            left_out = " (`ignore` excludes it)" if any(file.startswith(f"{directory}/") for file in tree.files) else ""
            left_out = " (it is a link, which source-controller leaves out)" if tree.is_linked(directory) else left_out
            wrong = f"{who} applies ./{directory}, which is not in this repository{left_out}"
            gathered.complain("", wrong, "Correct its path.", consequence="It would never become ready.")
        return Build(_findings=gathered.findings)
    size = Gathering(gathered).path(directory, spec)
    result = Build(
        decrypted_inputs=gathered.decrypted_inputs,
        secret_inputs=gathered.secret_inputs,
        other_inputs=gathered.other_inputs,
        literals=gathered.literals,
        steps=min(size.steps, _MOST_STEPS + 1) + _STEPS_OF_A_PROCESS,
        unread=next((file for file in (*gathered.kustomizations, *gathered.left_out) if file in tree.not_read), ""),
        _findings=gathered.findings,
    )
    if size.steps > _MOST_STEPS:
        _too_much(result, gathered)
        return result
    process = _process(gathered, directory)
    result._finish = lambda pending: _finished(pending, process, gathered, directory, spec)
    return result


def within(path: str) -> str:
    """The directory of an artifact that a Kustomization's `path` means: Flux does not let it lead out, so that `../a` is `./a`."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


_RUNS: Kept[BuildProcess] = Kept(64 * 1024**2)
"""By what kustomize reads: Kustomizations with the same path and the same fields for kustomize are built once."""

_BUDGETS: "weakref.WeakKeyDictionary[Tree, BuildBudget]" = weakref.WeakKeyDictionary()


def _process(gathered: Gathered, directory: str) -> BuildProcess:
    digest = hashlib.sha256(os.fsencode(directory))
    for path, content in sorted(gathered.files.items()):
        digest.update(b"%d %d %b%b" % (len(path), len(content), os.fsencode(path), content))
    key = digest.hexdigest()
    if key not in _RUNS:
        budget = _BUDGETS.setdefault(gathered.tree, BuildBudget())
        _RUNS.keep(key, BuildProcess(gathered.files, directory, budget), sum(map(len, gathered.files.values())))
    return _RUNS[key]


def _too_much(result: Build, gathered: Gathered) -> None:
    told = Message(
        f"takes more than {_MOST_STEPS:,} steps to build for {gathered.who}",
        "What it applies was not checked to the end.",
        "Apply patches once for many objects, and name each directory once.",
    )
    _not_built(result, gathered, told)


def _not_built(result: Build, gathered: Gathered, told: Message) -> None:
    gathered.complain(gathered.kustomizations[0], told.wrong, told.fix, requirements.NOT_CHECKED, 0, told.consequence)
    result.is_built = False
    result._objects = as_written(gathered, list(gathered.resources))


def _finished(result: Build, process: BuildProcess, gathered: Gathered, directory: str, spec: dict[str, Any]) -> None:
    output = process.output()
    if output.why_ended:
        told = Message(
            f"could not be built here for {gathered.who}: kustomize {output.why_ended}",
            "What it applies was judged as written.",
            "Apply fewer objects and patches at once.",
        )
        _not_built(result, gathered, told)
        return
    if output.error:
        _failed(result, gathered, output.error, directory)
        return
    try:
        objects = objects_of(output.objects, gathered, directory)
    except UnreadableError as error:
        told = Message(f"could not be read once it was built: the output {error.wrong}", "It was judged as written.", error.fix)
        _not_built(result, gathered, told)
        return
    objects += as_written(gathered, list(gathered.left_out))
    for item in objects:
        _judge(item, gathered)
    result._objects = [_with_common_metadata(item, mapping(spec, "commonMetadata")) for item in objects]


def _failed(result: Build, gathered: Gathered, said: str, directory: str) -> None:
    found = build_error(said, gathered, directory)
    result.is_built = False
    result._objects = as_written(gathered, list(gathered.resources))
    if gathered.is_whole:
        gathered.complain(found.file, found.told.wrong, found.told.fix, requirements.NOT_BUILT, found.line)
    else:
        told = Message(
            f"could not be built here for {gathered.who}, without what is on other servers: {found.told.wrong}",
            "What it applies was judged as written.",
            "Check it yourself.",
        )
        gathered.warn(found.file, told, found.line)


def _judge(item: BuiltObject, gathered: Gathered) -> None:
    """Report what Flux refuses in an object that kustomize has built."""
    if is_named(item.body) and not text(item.body, "apiVersion") and not is_encrypted(item.body):
        fix = meant_key(item.body) or "Write its apiVersion."
        gathered.complain(item.file, f"contains {item} without an apiVersion", fix, requirements.NOT_YAML, item.line)
    if is_encrypted(item.body):
        for mark in sorted(marks_in(item.body)):
            patch = gathered.encrypted_patches[int(mark.rpartition(" ")[2].rstrip("]"))]
            gathered.complain(
                patch,
                f"is an encrypted patch of {item}, which is encrypted, too",
                "Encrypt the object and the patch as one file, or write the values only in the patch.",
                requirements.ENCRYPTED_PATCH,
                0,
                f"Flux decrypts the patch before it builds, and then cannot decrypt the object: all of {gathered.who} would fail.",
            )


def _with_common_metadata(item: BuiltObject, common: dict[str, Any]) -> BuiltObject:
    added = {
        name: {**mapping(item.body, "metadata", name), **values} for name in ("labels", "annotations") if (values := mapping(common, name))
    }
    if not added:
        return item
    body = {**item.body, "metadata": {**mapping(item.body, "metadata"), **added}}
    return replace(item, body=body)
