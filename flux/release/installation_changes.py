"""What changes of Flux's controllers and of their rights, in words: between two revisions, or between a cluster and a stack.

One side may be what a cluster says, so no body has to have the form of its kind.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from flux.any_shape import at, entries
from flux.sentence_with_values import Sentence, joined, named, say, text_of

Body = Mapping[str, Any]
RBAC = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ServiceAccount")
ADMIN = "cluster-admin"
_BUILT_IN = ("admin", "edit", "view")
CONTAINERS = ("spec", "template", "spec", "containers")


def flags_of(deployment: Body) -> dict[str, list[str]]:
    """Flag → its values."""
    flags: dict[str, list[str]] = {}
    for _, container in entries(deployment, *CONTAINERS):
        for argument in _list(container, "args"):
            name, _, value = str(argument).partition("=")
            flags.setdefault(name, []).append(value)
    return flags


def image_of(deployment: Body) -> str:
    """Of the first container: a controller has one."""
    return next((str(each.get("image", "")) for _, each in entries(deployment, *CONTAINERS)), "")


def tag_of(image: str) -> str:
    """Of `ghcr.io/fluxcd/source-controller:v1.9.4`, the tag; of one with a digest, both."""
    return image.rpartition("/")[2].partition(":")[2] or image


def flag_changes(before: Body, after: Body) -> dict[str, Sentence]:
    """Flag → what changes of it."""
    old, new = flags_of(before), flags_of(after)
    changes = {}
    for flag in sorted({*old, *new}):
        if old.get(flag) != new.get(flag):
            if flag not in old:
                changes[flag] = say("flag {} is added", _flag(flag, new[flag]))
            elif flag not in new:
                changes[flag] = say("flag {} is removed", _flag(flag, old[flag]))
            else:
                changes[flag] = say("flag {} {} → {}", flag, " ".join(old[flag]), " ".join(new[flag]))
    return changes


def rights(kind: str, name: str, before: Body | None, after: Body | None) -> Sentence:
    """Of an object of RBAC that comes, goes or changes: who gets which rights."""
    if before is None:
        return joined([say(f"{kind} {{}} is new", name), *_grants(after, "gives")], "")
    if after is None:
        return joined([say(f"{kind} {{}} is deleted", name), *_grants(before, "gave")], "")
    old, new = role_of(before), role_of(after)
    if old != new:
        gives = joined([say(f"{kind} {{}} gives", name), _subjects(after), say("the role {} instead of {}", new, old)], " ")
        meanwhile = say(f"The {kind} is deleted and recreated; in between, the controllers have neither role")
        return joined([gives, *_than_before(old, new), meanwhile], ". ")
    if before.get("subjects") != after.get("subjects"):
        words = [
            say(f"{kind} {{}} gives the role", name),
            say("{}", new),
            say("to"),
            _subjects(after),
            say("instead of"),
            _subjects(before),
        ]
        return joined(words, " ")
    then = ". Its rules decide what Flux's controllers may do" if before.get("rules") else ""
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
    return role_of(before) == role_of(after) and _named_subjects(before) == _named_subjects(after)


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


def _than_before(old: str, new: str) -> Iterator[Sentence]:
    if old == ADMIN:
        such = ", such as CRDs, Namespaces and ClusterRoles," if new in _BUILT_IN else ""
        yield say(f"Kustomizations and HelmReleases that contain objects needing more rights{such} then fail")
    elif new == ADMIN:
        yield say("They may then do everything in the cluster")


def _grants(body: Body | None, gives: str) -> Iterator[Sentence]:
    if body and role_of(body):
        yield joined([say(f". It {gives}"), _subjects(body), say("the role {}", role_of(body))], " ")


def _subjects(body: Body) -> Sentence:
    found = entries(body, "subjects")
    return named([text_of(each.get("name", "")) for _, each in found]) if found else say("nobody")


def role_of(body: Body) -> str:
    """What a binding gives."""
    return text_of(at(body, "roleRef", "name") or "")


def _flag(name: str, values: list[str]) -> str:
    return f"{name}={','.join(values)}" if any(values) else name


def _list(value: Any, key: str) -> list[Any]:
    found = at(value, key)
    return found if isinstance(found, list) else []
