"""What an existing catalog has of a repository, so that a second cluster uses it instead of repeating it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flux.bounded_documents import only_document
from gitops.new.address import RepositoryAddress, same_repository
from gitops.stack_file import A_STACKS_FILE

DEFAULT_GROUP = "base"


@dataclass(frozen=True, kw_only=True)
class Known:
    """A repository that the catalog has, and how a stack gets it."""

    name: str
    """The GitRepository."""
    credential: str | None
    """What its entry calls the credential, which the stack has to have."""
    kustomization: str
    same_path: bool
    """Whether the Kustomization applies the wanted path; else the stack overrides it."""
    groups: tuple[str, ...]
    other_credentials: Mapping[str, str] = field(default_factory=dict)
    """Of other sources in these groups, which the stack gets with them: the credential → the URL of one of them."""


def known_repository(catalog: Path, repository: RepositoryAddress, path: str) -> Known | None:
    """The entry with the repository and its one Kustomization, that with the path first; None if there is none to use."""
    document = document_of(catalog)
    for name, entry in _entries(document, "git"):
        if not same_repository(_url(document, entry), repository.url):
            continue
        applying = [(each, body) for each, body in _entries(document, "kustomizations") if _source(body) == name]
        wanted = [(each, body) for each, body in applying if _path(body) == path]
        chosen = wanted or applying
        if len(chosen) != 1:
            continue
        kustomization, body = chosen[0]
        groups = dict.fromkeys(
            [groups_of(entry)[0], next((group for group in groups_of(body) if group in groups_of(entry)), groups_of(body)[0])]
        )
        return Known(
            name=name,
            credential=str(entry["credential"]) if entry.get("credential") else None,
            kustomization=kustomization,
            same_path=bool(wanted),
            groups=tuple(groups),
            other_credentials=_credentials(document, frozenset(groups), but=entry.get("credential")),
        )
    return None


def _credentials(document: Any, groups: frozenset[str], *, but: object) -> dict[str, str]:
    """Credential → the URL of a source in one of `groups` that names it."""
    found: dict[str, str] = {}
    for _, entry in (each for section in ("git", "helm", "oci") for each in _entries(document, section)):
        if (name := entry.get("credential")) and name != but and groups & {*groups_of(entry)}:
            found.setdefault(str(name), _url(document, entry))
    return found


def document_of(catalog: Path) -> Any:
    """The catalog as YAML; None if it cannot be read; the checks report what is wrong with it."""
    return only_document(catalog, A_STACKS_FILE)


def _entries(document: Any, section: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = document.get(section) if isinstance(document, Mapping) else None
    for name, entry in found.items() if isinstance(found, Mapping) else ():
        if isinstance(entry, Mapping):
            yield str(name), entry


def _url(document: Any, entry: Mapping[str, Any]) -> str:
    if "from" not in entry:
        return str(entry.get("url") or "")
    host, _, path = str(entry["from"]).partition("/")
    base = next((str(described.get("url")) for name, described in _entries(document, "hosts") if name == host), "")
    return f"{base.rstrip('/')}/{path}"


def _source(body: Mapping[str, Any]) -> str | None:
    spec = body.get("spec")
    reference = spec.get("sourceRef") if isinstance(spec, Mapping) else None
    return str(reference.get("name")) if isinstance(reference, Mapping) and reference.get("kind") == "GitRepository" else None


def _path(body: Mapping[str, Any]) -> str:
    spec = body.get("spec")
    written = str(spec.get("path") or "./") if isinstance(spec, Mapping) else "./"
    return f"./{'/'.join(part for part in written.split('/') if part not in ('', '.'))}"


def groups_of(entry: Mapping[str, Any]) -> list[str]:
    """The groups that an entry is in."""
    groups = entry.get("groups")
    return [str(group) for group in groups] if isinstance(groups, list) and groups else [DEFAULT_GROUP]
