"""Deploy keys in the APIs of Gitea and GitHub: where they are, and how they are written in JSON. Both do it the same way."""

from typing import Any
from urllib.parse import quote

from gitops.forges.client import Answer
from gitops.forges.forge import DeployKey, RefusedError
from gitops.forges.hosted_repository import Repository


def path_of_keys(repository: Repository) -> str:
    """Where the API has the deploy keys of a repository."""
    return f"/repos/{quote(repository.owner, safe='')}/{quote(repository.name, safe='')}/keys"


def keys_in(answer: Answer, kind: str) -> list[DeployKey]:
    """The keys of a list. Raises RefusedError when it is not a list of keys."""
    if not isinstance(answer.document, list):
        raise _strange(kind)
    return [_key(entry, kind) for entry in answer.document]


def id_in(answer: Answer, kind: str) -> int:
    """The id of the key that was just added. Raises RefusedError if the answer has none."""
    return _key(answer.document, kind).id


def new_key(title: str, public_key: str) -> dict[str, Any]:
    """What adds a key that may read, and no more than read."""
    return {"title": title, "key": public_key, "read_only": True}


def _key(entry: Any, kind: str) -> DeployKey:
    try:
        return DeployKey(
            id=int(entry["id"]),
            title=str(entry["title"]),
            public_key=str(entry["key"]),
            read_only=bool(entry.get("read_only")),
            created=str(entry.get("created_at") or ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _strange(kind) from None


def _strange(kind: str) -> RefusedError:
    return RefusedError(f"what answers there is not {kind}'s API: its list of keys has another form")
