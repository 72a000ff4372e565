"""Sources that go, that trust more than before, or whose content is no longer pinned; and digests that change under the same version."""

from collections.abc import Iterator, Mapping
from typing import Any

from gitops.compare.found_changes import Decision
from gitops.compare.object_changes import noun_of
from gitops.compare.secret_changes import location_of, server_of
from gitops.compare.sentence import Sentence, joined, named, say
from gitops.compare.stack_pair import Body, Pair, spec_at
from gitops.rendered.stack_view import ObjectId

_FETCHED_BY_OTHERS = ("GitRepository", "HelmRepository", "OCIRepository", "Bucket")
_PINS = {"commit": "a commit", "digest": "a digest"}
_UNENCRYPTED = "http://"


def decisions_of_sources(pair: Pair) -> Iterator[Decision]:
    """Source by source, then server by server."""
    moved: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for which, before, after in pair.own:
        kind, name = which[1], which[3]
        if before is None or before == after or not location_of(before):
            continue
        if after is None:
            if kind in _FETCHED_BY_OTHERS and not (kind == "GitRepository" and _is_applied(pair, name)):
                users = "HelmReleases that use it" if kind == "HelmRepository" else "objects in Git that use it"
                text = say(f"{_capital(noun_of(kind))} {{}} is deleted: {users} stay as they are, and get no more updates", name)
                yield Decision(kind="source-goes", text=text)
            continue
        yield from _one(pair, which, before, after)
        was, becomes = location_of(before), location_of(after)
        if server_of(was) != server_of(becomes):
            secret = str(_map(after, "secretRef").get("name", ""))
            moved.setdefault((server_of(was), server_of(becomes)), []).append((name, secret))
        elif was != becomes:
            text = say(f"{_capital(noun_of(kind))} {{}} is fetched from {{}} instead of {{}}", name, becomes, was)
            yield Decision(kind="source-moves", text=text, source=pair.source_of_field(which, "url"))
    for (old, new), sources in moved.items():
        yield _moves(pair, old, new, sources)


def _moves(pair: Pair, old: str, new: str, sources: list[tuple[str, str]]) -> Decision:
    one = len(sources) == 1
    names = named(name for name, _ in sources)
    head = say(f"{len(sources)} source{' moves' if one else 's move'} from {{}} to {{}} (", old, new)
    credentials = sorted({credential for _, credential in sources if credential})
    tail = say("), without a credential")
    if credentials:
        what, secrets = _kept_in(pair, credentials), named(credentials)
        tail = say(f"), and the {what} in {secrets.words} is sent to {{}}", *secrets.values, new)
    return Decision(kind="host-moves", text=joined([head, names, tail], ""))


def _kept_in(pair: Pair, credentials: list[str]) -> str:
    """What is in these Secrets; of an SSH key, it is the login that the server gets."""
    bodies = [after or {} for which, _, after in pair.own if which[1] == "Secret" and which[3] in credentials]
    has_keys = [any(entry == "identity" for entry in body.get("data") or {}) for body in bodies]
    if not has_keys or any(has_keys) != all(has_keys):
        return "credential"
    return "login with the key" if all(has_keys) else "password"


def _one(pair: Pair, which: ObjectId, before: Body, after: Body) -> Iterator[Decision]:
    noun, name = _capital(noun_of(which[1])), which[3]

    def at(field: str) -> Sentence:
        return pair.source_of_field(which, field)

    old, new = _map(before, "ref"), _map(after, "ref")
    for field, what in _PINS.items():
        if old.get(field) and not new.get(field):
            text = say(f"{noun} {{}} is no longer pinned to {what}: it follows whatever its server offers", name)
            yield Decision(kind="pin", text=text, source=at("ref"))
    if old.get("digest") and new.get("digest") and old["digest"] != new["digest"] and old.get("tag") == new.get("tag"):
        changed = say(f"{noun} {{}}: the digest changes, and", name)
        version = say("its tag {} stays: other content under the same version", str(new["tag"])) if new.get("tag") else say("it has no tag")
        yield Decision(kind="digest", text=joined([changed, version], " "))
    if _map(before, "verify") and _map(before, "verify") != _map(after, "verify"):
        then = "is no longer verified" if not _map(after, "verify") else "is verified otherwise"
        text = say(f"The signature of {noun_of(which[1])} {{}} {then}", name)
        yield Decision(kind="verification", text=text, source=at("verify"))
    if spec_at(before, "insecure") is not True and spec_at(after, "insecure") is True:
        text = say(f"{noun} {{}} may be fetched unencrypted, over http (insecure: true)", name)
        yield Decision(kind="unencrypted", text=text, source=at("insecure"))
    was, becomes = location_of(before), location_of(after)
    if becomes.startswith(_UNENCRYPTED) and not was.startswith(_UNENCRYPTED):
        yield Decision(kind="unencrypted", text=say(f"{noun} {{}} is fetched unencrypted, over http", name), source=at("url"))
    first, second = _map(before, "secretRef").get("name"), _map(after, "secretRef").get("name")
    if first != second and second:
        used = say(f"{noun} {{}} is fetched with credential {{}}", name, str(second))
        used = joined([used, say("instead of {}", str(first))], " ") if first else used
        yield Decision(
            kind="credential-is-sent",
            text=joined([used, say("; {} is sent to {}", str(second), server_of(becomes))], ""),
            source=at("secretRef"),
        )


def _is_applied(pair: Pair, name: str) -> bool:
    """Whether the Kustomizations of the stack that name it go, too: then they say so."""
    for which, before, _ in pair.own:
        if which[1] == "Kustomization" and before is not None and _map(before, "sourceRef").get("name") == name:
            return True
    return False


def _map(body: Body, field: str) -> Mapping[str, Any]:
    found = spec_at(body, field)
    return found if isinstance(found, Mapping) else {}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
