"""Golden files: a whole stack as text that a person can review, and one switch that rewrites it.

Our own objects stand there whole, with `<secret>` and `<unknown>` for what must not or cannot be shown. The objects of
Flux's install manifests are those of another project: only their identities and digests are kept.
"""

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from flux.bodies import MANAGED_BY_LABELS
from tests.engine import REPOSITORY
from tests.record import UNKNOWN, Record, Reference, Resource, Secret

FOLDER = REPOSITORY / "tests" / "golden"
SECRET = "<secret>"
HEADER = "# Written by `pytest --update-goldens`; review its diff like code.\n"


def compare(name: str, record: Record, *, update: bool) -> None:
    """Fail with a diff when `record` is not what tests/golden/<name>.yaml says; `update` rewrites the file instead."""
    file = FOLDER / f"{name}.yaml"
    now = HEADER + rendered(record)
    if update:
        file.write_text(now, encoding="utf-8")
        return
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    if now != before:
        shown = Path(file).relative_to(REPOSITORY)
        diff = "".join(difflib.unified_diff(before.splitlines(keepends=True), now.splitlines(keepends=True), str(shown), "now"))
        raise AssertionError(f"the {name} stack is not what {shown} says. If the change is meant: pytest --update-goldens\n{diff}")


def rendered(record: Record) -> str:
    """A record as YAML."""
    names = {resource.urn: _identity(resource) for resource in record.resources}
    installed = {names[each.urn]: f"{each.name} {digest(each)}" for each in record.resources if _is_installed(each)}
    own = {names[each.urn]: dict(_described(each, names)) for each in record.resources if each != record.stack and not _is_installed(each)}
    document = {"outputs": _shown(record.exports), "resources": own, "installed": installed}
    return yaml.dump(document, Dumper=_Dumper, sort_keys=True, width=1000, allow_unicode=True)


def digest(resource: Resource) -> str:
    """`sha256:…` of an object whose text belongs elsewhere."""
    content = json.dumps(_shown(resource.inputs), sort_keys=True).encode()
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are, not quoted."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _is_installed(resource: Resource) -> bool:
    labels = resource.inputs.get("metadata", {}).get("labels", {}) if resource.is_kubernetes else {}
    return resource.is_kubernetes and not MANAGED_BY_LABELS.items() <= labels.items()


def _described(resource: Resource, names: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    if resource.custom:
        yield "urn", resource.urn.split("::", 2)[2]  # identity in the state: a change of it replaces the object
    if resource.dependencies and resource.custom:
        yield "waits for", sorted(names[urn] for urn in resource.dependencies)
    if resource.provider:
        yield "provider", names[resource.provider]
    options = {key: _shown(value) for key, value in vars(resource.options).items() if value not in (None, "", (), {}) and key != "version"}
    if options:
        yield "options", options
    if resource.registered and resource.registered[0]:
        yield "outputs", _shown(resource.registered[0])
    if resource.inputs:
        yield "inputs", _shown(resource.inputs)


def _identity(resource: Resource) -> str:
    if resource.is_kubernetes:
        return "/".join(part for part in (resource.kind, resource.namespace, resource.object_name) if part)
    return f"{resource.type} {resource.name}"


def _shown(value: Any) -> Any:
    if isinstance(value, Secret):
        return SECRET
    if value is UNKNOWN:
        return "<unknown>"
    if isinstance(value, Reference):
        return f"<{value.urn}>"
    if isinstance(value, Mapping):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(item) for item in value]
    return value
