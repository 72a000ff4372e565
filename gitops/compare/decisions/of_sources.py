"""Sources that go, that trust more than before, or whose content is no longer pinned; and digests that change under the same version."""

from collections.abc import Iterator, Mapping
from typing import Any

from gitops.compare.found_changes import Decision, plural
from gitops.compare.object_changes import objects_named
from gitops.compare.risks import Risk
from gitops.compare.secret_changes import location_of, server_of, servers_of
from gitops.compare.sentence import NOWHERE, Sentence, joined, named, say
from gitops.compare.stack_pair import Body, Pair, spec_at
from gitops.compare.value_text import short
from gitops.rendered.stack_view import ObjectId

_FETCHED_BY_OTHERS = ("GitRepository", "HelmRepository", "OCIRepository", "Bucket")
_PINS = {"commit": "a commit", "digest": "a digest"}
_UNENCRYPTED = "http://"
_PUSHED = say("Anyone who can push there decides what runs in the cluster")


def decisions_of_sources(pair: Pair) -> Iterator[Decision]:
    """Source by source, then server by server."""
    moved: dict[tuple[str, str], list[tuple[ObjectId, str]]] = {}
    for which, before, after in pair.own:
        kind, name = which[1], which[3]
        if before is None or before == after or not location_of(before):
            continue
        if after is None:
            if kind in _FETCHED_BY_OTHERS and not (kind == "GitRepository" and _is_applied(pair, name)):
                yield _goes(pair, which)
            continue
        yield from _one(pair, which, before, after)
        was, becomes = location_of(before), location_of(after)
        if _address(was) != _address(becomes):
            secret = str(_map(after, "secretRef").get("name", ""))
            moved.setdefault((server_of(was), server_of(becomes)), []).append((which, secret))
        elif _without_scheme(was) != _without_scheme(becomes):
            text = say(f"{kind} {{}} is fetched from {{}} instead of {{}}", name, becomes, was)
            says = joined([joined([text, *_lost(pair, [which])], ""), _PUSHED], ". ")
            yield Decision(kind="source-moves", says=says, source=pair.source_of_field(which, "url"))
    for (old, new), sources in moved.items():
        yield _moves(pair, old, new, sources)


def _goes(pair: Pair, which: ObjectId) -> Decision:
    then = "Flux objects in Git that still use [it|them] keep what they applied, but can no longer be upgraded or changed"
    if which[1] == "HelmRepository":
        then = "HelmReleases that still use [it|them] keep what they installed; fetching their charts fails at the next interval"
    words = f"[{which[1]}|{plural(which[1])}] {{*}} [is|are] deleted. {then}. Whether there are any was not checked"
    return Decision(kind="source-goes", says=say(words), names=(which[3],), source=pair.source_of(which, ()))


def _moves(pair: Pair, old: str, new: str, sources: list[tuple[ObjectId, str]]) -> Decision:
    names = objects_named(which for which, _ in sources)
    moves = say(f" {'moves' if len(sources) == 1 else 'move'} from {{}} to {{}}", old, new)
    credentials = sorted({credential for _, credential in sources if credential})
    tail = say("; no password is sent")
    if credentials:
        what, secrets = _kept_in(pair, credentials), named(credentials)
        tail = say(f", and {what} {secrets.words} is sent to {{}}", *secrets.values, new)
    lost = [say(f"Flux{each.words.removeprefix(', and Flux')}", *each.values) for each in _lost(pair, [which for which, _ in sources])]
    text = joined([joined([names, moves, tail], ""), *lost, _PUSHED], ". ")
    places = dict.fromkeys(pair.source_of_field(which, "url") for which, _ in sources)
    source = next(iter(places)) if len(places) == 1 else NOWHERE
    return Decision(kind="host-moves", says=text, source=source, instead=None if credentials else Risk.TRUST)


def _lost(pair: Pair, sources: list[ObjectId]) -> Iterator[Sentence]:
    """What a new place of what Flux fetches deletes."""
    named_here = {(which[1], which[3]) for which in sources}
    pruning = [
        which
        for which, _, after in pair.own
        if which[1] == "Kustomization"
        and spec_at(after, "prune") is True
        and (spec_at(after, "sourceRef", "kind"), spec_at(after, "sourceRef", "name")) in named_here
    ]
    if pruning:
        names = objects_named(pruning)
        words = f", and Flux deletes whatever {names.words} applied that the new place lacks ({{}})"
        yield say(words, *names.values, "prune: true")


def _kept_in(pair: Pair, credentials: list[str]) -> str:
    """What of these Secrets a server gets; of an SSH key, it is the login."""
    bodies = [after or {} for which, _, after in pair.own if which[1] == "Secret" and which[3] in credentials]
    has_keys = [any(entry == "identity" for entry in body.get("data") or {}) for body in bodies]
    if not has_keys or any(has_keys) != all(has_keys):
        return "credential"
    return "the login with the key of credential" if all(has_keys) else "the password of credential"


def _one(pair: Pair, which: ObjectId, before: Body, after: Body) -> Iterator[Decision]:
    was, becomes = (spec_at(each, "suspend") is True for each in (before, after))
    if was != becomes:
        yield _suspended(pair, which) if becomes else _resumed(pair, which)
    yield from _of_its_content(pair, which, before, after)
    yield from _of_its_transport(pair, which, before, after)
    first, second = _map(before, "secretRef").get("name"), _map(after, "secretRef").get("name")
    if first != second and second:
        yield _logs_in(pair, which, str(first or ""), str(second), (location_of(before), location_of(after)))


def _suspended(pair: Pair, which: ObjectId) -> Decision:
    stays = "HelmReleases get no new chart from there" if which[1] == "HelmRepository" else "what it applied from there stays as it is"
    words = (
        f"[{which[1]}|{plural(which[1])}] {{*}} [is|are] suspended: Flux fetches nothing more, and {stays} until [it is|they are] resumed"
    )
    return Decision(kind="suspended", says=say(words), names=(which[3],), source=pair.source_of_field(which, "suspend"))


def _resumed(pair: Pair, which: ObjectId) -> Decision:
    is_index = which[1] == "HelmRepository"
    then = (
        "HelmReleases with a version range may be upgraded" if is_index else "deletes what is gone from there, where a Kustomization prunes"
    )
    words = f"[{which[1]}|{plural(which[1])}] {{*}} [is|are] resumed: Flux fetches at once what is there by then"
    text = say(f"{words}, and {then}" if not is_index else f"{words}. {then}")
    source = pair.source_of_field(which, "suspend")
    return Decision(kind="resumed", says=text, names=(which[3],), source=source, instead=None if is_index else Risk.MAY_DELETE)


def _of_its_content(pair: Pair, which: ObjectId, before: Body, after: Body) -> Iterator[Decision]:
    noun, names = which[1], (which[3],)
    old, new = _map(before, "ref"), _map(after, "ref")
    for field, what in _PINS.items():
        if old.get(field) and not new.get(field):
            words = f"[{noun}|{plural(noun)}] {{*}} [is|are] no longer pinned to {what}"
            text = joined([say(words), _follows(new)], ". ")
            yield Decision(kind="pin", says=text, names=names, source=pair.source_of_field(which, "ref"))
    if old.get("digest") and new.get("digest") and old["digest"] != new["digest"] and old.get("tag") == new.get("tag"):
        tag = say(", though the tag beside it is still {}", str(new["tag"])) if new.get("tag") else say("")
        first = say(
            f"{noun} {{}} is pinned to a different digest: {{}} instead of {{}}", which[3], short(new["digest"]), short(old["digest"])
        )
        then = "Flux uses only the digest. Neither the publisher nor whether the tag was moved was looked up: check both"
        text = joined([joined([first, tag], ""), say(then)], ". ")
        yield Decision(kind="digest", says=text, source=pair.source_of_field(which, "ref"))
    if _map(before, "verify") and _map(before, "verify") != _map(after, "verify"):
        lost = not _map(after, "verify")
        pinned = "Flux still fetches only what is pinned, but a new pin in Git is not verified"
        anyone = "Anyone who can push to it decides what runs in the cluster"
        then = f"no longer verified. {pinned if any(new.get(field) for field in _PINS) else anyone}"
        changed = "verified differently. Check whose signatures are accepted"
        words = f"The signature[|s] of [{which[1]}|{plural(which[1])}] {{*}} [is|are] {then if lost else changed}"
        source = pair.source_of_field(which, "verify")
        yield Decision(kind="verification", says=say(words), names=names, source=source, instead=None if lost else Risk.TRUST)


def _follows(ref: Mapping[str, Any]) -> Sentence:
    for key, what in (
        ("tag", "tag {}, which can be moved"),
        ("branch", "branch {}"),
        ("semver", "the newest version in {}"),
        ("name", "{}"),
    ):
        if ref.get(key):
            return say(f"From then on, it follows {what}", str(ref[key]))
    return say("From then on, it follows what its server offers")


def _of_its_transport(pair: Pair, which: ObjectId, before: Body, after: Body) -> Iterator[Decision]:
    noun, name = which[1], which[3]
    was, becomes = location_of(before), location_of(after)
    secret = str(_map(after, "secretRef").get("name", ""))
    then = say("Anyone on the network between Flux and that server can change what Flux fetches")
    sent = say(f", and read {_kept_in(pair, [secret])} {{}}", secret) if secret else say("; no password is sent")
    what: list[tuple[str, Sentence]] = []
    if spec_at(before, "insecure") is not True and spec_at(after, "insecure") is True:
        what.append(("insecure", say(f"{noun} {{}} may be fetched over unencrypted HTTP ({{}})", name, "insecure: true")))
    if becomes.startswith(_UNENCRYPTED) and not was.startswith(_UNENCRYPTED):
        what.append(("url", say(f"{noun} {{}} is fetched over unencrypted HTTP: {{}} instead of {{}}", name, becomes, was)))
    for field, text in what:
        says = joined([text, joined([then, sent], "")], ". ")
        yield Decision(kind="unencrypted", says=says, source=pair.source_of_field(which, field), instead=Risk.SECRET if secret else None)


def _logs_in(pair: Pair, which: ObjectId, first: str, second: str, locations: tuple[str, str]) -> Decision:
    """Whether a server that did not have it gets it; a credential that is new was made for where it is sent."""
    was, becomes = map(server_of, locations)
    is_new = not any(before for each, before, _ in pair.own if (each[1], each[3]) == ("Secret", second))
    is_known = was == becomes and (is_new or becomes in servers_of(pair.before).get(second, ()))
    instead = say(" instead of {}", first) if first else say("")
    what = _kept_in(pair, [second])
    text = joined([say(f"{which[1]} {{}} logs in with credential {{}}", which[3], second), instead], "")
    sent = say(
        f"{what[:1].upper()}{what[1:]} {{}} is sent to {{}}{', the same server as before' if was == becomes else ''}", second, becomes
    )
    fails = [say("If that login is not valid there, Flux can no longer fetch it")] if is_known else []
    return Decision(
        kind="credential-is-sent",
        says=joined([text, sent, *fails], ". "),
        source=pair.source_of_field(which, "secretRef"),
        instead=Risk.MAY_STOP if is_known else None,
    )


def _without_scheme(url: str) -> str:
    return url.partition("://")[2] or url


def _address(url: str) -> str:
    """Of a server, without the scheme: one that changes alone is no move."""
    return _without_scheme(server_of(url))


def _is_applied(pair: Pair, name: str) -> bool:
    """Whether the Kustomizations of the stack that name it go, too: then they say so."""
    for which, before, _ in pair.own:
        if which[1] == "Kustomization" and before is not None and _map(before, "sourceRef").get("name") == name:
            return True
    return False


def _map(body: Body, field: str) -> Mapping[str, Any]:
    found = spec_at(body, field)
    return found if isinstance(found, Mapping) else {}
