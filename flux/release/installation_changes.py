"""What changes of Flux's controllers and of their rights, in words: between two revisions, or between a cluster and a stack.

One side may be what a cluster says, so no body has to have the form of its kind.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from flux.any_shape import at, entries
from flux.sentence_with_values import Sentence, joined, named, say, text_of

Body = Mapping[str, Any]
RBAC = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ServiceAccount")
_ADMIN = "cluster-admin"
_CONTAINERS = ("spec", "template", "spec", "containers")


def flags_of(deployment: Body) -> dict[str, list[str]]:
    """Flag → its values."""
    flags: dict[str, list[str]] = {}
    for _, container in entries(deployment, *_CONTAINERS):
        for argument in _list(container, "args"):
            name, _, value = str(argument).partition("=")
            flags.setdefault(name, []).append(value)
    return flags


def image_of(deployment: Body) -> str:
    """Of the first container: a controller has one."""
    return next((str(each.get("image", "")) for _, each in entries(deployment, *_CONTAINERS)), "")


def tag_of(image: str) -> str:
    """Of `ghcr.io/fluxcd/source-controller:v1.9.4`, the tag; of one with a digest, both."""
    return image.rpartition("/")[2].partition(":")[2] or image


def flag_changes(before: Body, after: Body) -> Iterator[Sentence]:
    """Flag by flag."""
    old, new = flags_of(before), flags_of(after)
    for flag in sorted({*old, *new}):
        if old.get(flag) != new.get(flag):
            if flag not in old:
                yield say("flag {} is added", _flag(flag, new[flag]))
            elif flag not in new:
                yield say("flag {} is removed", _flag(flag, old[flag]))
            else:
                yield say("flag {} {} → {}", flag, " ".join(old[flag]), " ".join(new[flag]))


def rights(kind: str, name: str, before: Body | None, after: Body | None) -> Sentence:
    """Of an object of RBAC that comes, goes or changes: who gets which rights."""
    if before is None:
        return joined([say(f"{kind} {{}} is new", name), *_grants(after)], "")
    if after is None:
        return joined([say(f"{kind} {{}} is deleted", name), *_grants(before)], "")
    old, new = _role(before), _role(after)
    if old != new:
        more = {old: ": fewer rights, and what needs more fails", new: ": every right in the cluster"}.get(_ADMIN, "")
        grants = say(f"{kind} {{}} grants {{}} instead of {{}} to", name, new, old)
        return joined([grants, _subjects(after), say(f"(it is deleted and created anew){more}")], " ")
    if before.get("subjects") != after.get("subjects"):
        words = [say(f"{kind} {{}} grants", name), say("{}", new), say("to"), _subjects(after), say("instead of"), _subjects(before)]
        return joined(words, " ")
    then = ": its rules decide what the controllers may do" if before.get("rules") else ""
    return say(f"{kind} {{}} changes{then}", name)


def rule_changes(before: Body, after: Body) -> Iterator[Sentence]:
    """Of a role, what it newly allows and what it no longer allows."""
    old, new = _allowed(before), _allowed(after)
    for words, more, less in (("newly allows", new, old), ("no longer allows", old, new)):
        found = {what: verbs - less.get(what, set()) for what, verbs in more.items()}
        if told := [f"{', '.join(sorted(verbs))} {what}" for what, verbs in sorted(found.items()) if verbs]:
            yield joined([say(words), named(told)], " ")


def is_granted_alike(before: Body, after: Body) -> bool:
    """Whether two bindings give the same role to the same subjects. The API server adds fields that say nothing more."""
    return _role(before) == _role(after) and _named_subjects(before) == _named_subjects(after)


def _named_subjects(body: Body) -> set[tuple[str, str, str]]:
    return {(str(each.get("kind")), str(each.get("namespace", "")), str(each.get("name"))) for _, each in entries(body, "subjects")}


def _allowed(role: Body) -> dict[str, set[str]]:
    """`deployments.apps` → verbs."""
    allowed: dict[str, set[str]] = {}
    for _, rule in entries(role, "rules"):
        verbs = {str(verb) for verb in _list(rule, "verbs")}
        names = [str(name) for name in _list(rule, "resourceNames")]
        only = f" named {', '.join(names)}" if names else ""
        resources = [
            f"{resource}.{group}" if group else str(resource) for group in _list(rule, "apiGroups") for resource in _list(rule, "resources")
        ]
        for what in [*(f"{resource}{only}" for resource in resources), *map(str, _list(rule, "nonResourceURLs"))]:
            allowed.setdefault(what, set()).update(verbs)
    return allowed


def _grants(body: Body | None) -> Iterator[Sentence]:
    if body and _role(body):
        yield joined([say(": it grants"), say("{}", _role(body)), say("to"), _subjects(body)], " ")


def _subjects(body: Body) -> Sentence:
    found = entries(body, "subjects")
    return named([text_of(each.get("name", "")) for _, each in found]) if found else say("nobody")


def _role(body: Body) -> str:
    return text_of(at(body, "roleRef", "name") or "")


def _flag(name: str, values: list[str]) -> str:
    return f"{name}={','.join(values)}" if any(values) else name


def _list(value: Any, key: str) -> list[Any]:
    found = at(value, key)
    return found if isinstance(found, list) else []
