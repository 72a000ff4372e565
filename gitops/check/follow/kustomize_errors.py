"""What kustomize says where it fails, in our words, with the file and line that it is about.

kustomize wraps an error once for each directory on the way to it, and some errors repeat whole patches or objects, which may hold values
of Secrets. Known errors are therefore put into words of our own; of others, what is in quotes, brackets or braces is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from flux.bounded_documents import UnreadableError, loader_of, nodes
from flux.message import Message
from flux.short_text import one_line, trim
from gitops.check.follow.gathered import Gathered
from gitops.check.follow.kustomize_output import as_written
from gitops.check.repository.documents import A_FILE
from gitops.check.repository.tree import joined

_LONGEST = 240
_STEP = re.compile(
    r"(?:accumulating|merging) (?:resources|components) from '(?P<entry>[^'\n]*)'"
    r"|recursed (?:merging|accumulation) (?:from|of) path '(?P<path>[^'\n]*)'"
)
_IN_FILE = re.compile(r"MalformedYAMLError: yaml: (?:line (?P<line>\d+): )?(?P<why>.*?) in File: (?P<file>\S+)")
_TWICE_IN_A_MAP = re.compile(r'mapping key "(?P<key>[^"\n]*)" already defined at line (?P<line>\d+)')
_TWICE = re.compile(r"(?:already registered id|multiple matches for Id|[Cc]onflict with|id conflict): ?(?P<id>\S+?)(?:'|,|$|\s)")
_NO_MATCH = re.compile(r"no (?:resource )?matches (?:for Id |strategic merge patch )\"?(?P<id>[^\s\";]+)")
_NO_PATCH = re.compile(r"unable to parse SM or JSON patch from")
_FIELD = re.compile(r'json: unknown field "(?P<field>[^"\n]*)"')
_TYPE = re.compile(r"json: cannot unmarshal (?P<is>\w+) into Go struct field (?P<field>[\w.]+) of type (?P<type>[\w.\[\]]+)")
_DUMPS = (("`", "`"), ("{", "}"), ("[", "]"), ('"', '"'))
"""What encloses patches, objects and values in an error."""
_NOTHING = re.compile(r"\[no(Ns|Grp|Ver)\]")
_ID = re.compile(r"^(?P<kind>[^.]+)\.(?P<version>[^.]+)\.(?P<group>.+?)/(?P<name>.+?)\.(?P<namespace>[^.]+)$")


@dataclass(frozen=True, kw_only=True)
class BuildError:
    """Why kustomize failed."""

    told: Message
    file: str
    line: int


def build_error(said: str, gathered: Gathered, directory: str) -> BuildError:
    """The words for what kustomize printed when it failed."""
    file = _file(said, gathered, directory)
    consequence = f"{gathered.who} could not be built."

    def made(wrong: str, fix: str, where: str = file, line: int = 0) -> BuildError:
        return BuildError(told=Message(wrong, consequence, fix), file=where, line=line)

    if found := _IN_FILE.search(said):
        return made(f"is not YAML: {found['why']}", "Correct its syntax.", line=int(found["line"] or 0))
    if found := _TWICE_IN_A_MAP.search(said):
        where, line = _twice(gathered, found["key"]) or (file, 0)
        return made(f"has the key {found['key']} twice in one mapping", "Remove one.", where, line)
    if found := _TWICE.search(said):
        name = _name(found["id"])
        other = _other_with(gathered, shown_id(found["id"]), file)
        already = f"{other} brings, too" if other else "this build already has"
        return made(f"brings {shown_id(found['id'])}, which {already}", "Remove one, or rename it.", line=gathered.line_of(file, name))
    if found := _NO_MATCH.search(said):
        where = _naming(gathered, _name(found["id"]), file)
        return made(
            f"patches {shown_id(found['id'])}, which this build does not contain",
            "Correct the patch's kind, name and namespace, or remove it.",
            where,
            gathered.line_of(where, _name(found["id"])),
        )
    if _NO_PATCH.search(said):
        where = _naming(gathered, "patch:", file)
        fix = "Write each operation on a line of its own, as `- op: …`, or put names and texts into quotes."
        return made("has a patch that is neither an object nor a JSON patch", fix, where, gathered.line_of(where, "patch:"))
    if found := _FIELD.search(said):
        where = _naming(gathered, found["field"], file)
        return made(f"has the unknown field {found['field']}", "Correct or remove it.", where, gathered.line_of(where, found["field"]))
    if found := _TYPE.search(said):
        name = found["field"].rpartition(".")[2]
        where = _naming(gathered, name, file)
        return made(f"has a {found['is']} in {name}, which must be a {found['type']}", "Quote it.", where, gathered.line_of(where, name))
    return made(f"cannot be built: {reason(said)}", "Correct it. kubectl kustomize shows the same error.")


def reason(said: str) -> str:
    """The innermost part of an error, without anything that could be a value."""
    plain = _NOTHING.sub("", said.removeprefix("error: "))
    for opening, closing in _DUMPS:
        before, found, rest = plain.partition(opening)
        _, closes, after = rest.rpartition(closing)
        plain = f"{before}…{after}" if found and closes else plain
    inner = re.split(r"accumulat\w+ (?:err=)?'?|: (?=must build at directory)|recursed \w+ \w+ path ", one_line(plain))
    kept = next((part for part in reversed(inner) if len(part) > 3 and not part.startswith(("must build", "resources"))), one_line(plain))
    return trim(kept.strip(" ':"), _LONGEST)


def shown_id(written: str) -> str:
    """`ConfigMap.v1.[noGrp]/a.[noNs]` as `ConfigMap/a`."""
    found = _ID.match(written[:_LONGEST])
    if not found:
        return trim(written, _LONGEST)
    namespace = "" if found["namespace"] == "[noNs]" else f"{found['namespace']}/"
    return f"{found['kind']}/{namespace}{found['name']}"


def _name(written: str) -> str:
    found = _ID.match(written[:_LONGEST])
    return found["name"] if found else written


def _file(said: str, gathered: Gathered, directory: str) -> str:
    """The file that the last step of an error leads to, else the kustomization.yaml of the last directory."""
    last = gathered.kustomizations[0]
    for found in _STEP.finditer(said):
        path = joined(directory, found["entry"] or found["path"])
        if path in gathered.files:
            return path
        if inner := gathered.tree.kustomization_in(path):
            directory, last = path, inner
    return last


def _naming(gathered: Gathered, word: str, file: str) -> str:
    """The kustomization.yaml in which a word stands, or a file that it names."""
    candidates = [file, *gathered.kustomizations, *gathered.decrypted_inputs]
    return next((each for each in candidates if each and gathered.line_of(each, word)), file)


def _other_with(gathered: Gathered, shown: str, file: str) -> str:
    """Another file with an object of that kind and name."""
    others = (each for each in as_written(gathered, list(gathered.resources)) if each.file != file)
    return next((each.file for each in others if str(each) == shown), "")


def _twice(gathered: Gathered, key: str) -> tuple[str, int] | None:
    """Where a mapping has `key` twice."""
    for file in gathered.files:
        if gathered.tree.text(file).count(key) > 1 and file.endswith((".yaml", ".yml")) and (line := _line_of_second(gathered, file, key)):
            return file, line
    return None


def _line_of_second(gathered: Gathered, file: str, key: str) -> int:
    written = gathered.tree.text(file)
    loader = loader_of(written, yaml.CSafeLoader)
    try:
        found = [line for node in nodes(loader, written, A_FILE) for line in _seconds(node, key)]
    except UnreadableError:
        return 0
    finally:
        loader.dispose()
    return found[0] if found else 0


def _seconds(node: yaml.Node, key: str) -> Iterator[int]:
    if isinstance(node, yaml.MappingNode):
        same = [name for name, _ in node.value if isinstance(name, yaml.ScalarNode) and name.value == key]
        yield from (each.start_mark.line + 1 for each in same[1:])
        for _, value in node.value:
            yield from _seconds(value, key)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _seconds(value, key)
