"""Network policies in words: what each allowed, and whether a change opens or restricts.

Policies only allow, and add up. A Pod that none selects in a direction can be reached by everybody, or reach everybody; a rule without
`ports` allows every port, one without `from` or `to` everybody (https://kubernetes.io/docs/concepts/services-networking/network-policies/).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gitops.compare.sentence import Sentence, joined, say
from gitops.compare.stack_pair import Body, spec_at
from gitops.compare.value_text import text_of

NETWORK_POLICY = "NetworkPolicy"
_PEERS = {"Ingress": "from", "Egress": "to"}
_EVERYBODY: Mapping[str, Any] = {}
NOTHING = say("nothing")


def allowed_by(policy: Body, directions: Iterable[str] = ("Ingress", "Egress")) -> Sentence:
    """`ingress on port 8080 from every namespace`."""
    told = [_rule(direction, rule) for direction in _directions(policy) if direction in directions for rule in _rules(policy, direction)]
    return joined(told, ", ") if told else NOTHING


def opened(gone: Body, remaining: Sequence[Body]) -> set[str]:
    """The directions in which its Pods have no limit without it that they had with it."""
    return {
        direction
        for direction in _directions(gone)
        if _EVERYBODY not in _rules(gone, direction) and not any(_covers(each, gone, direction) for each in remaining)
    }


def limited(gone: Body, remaining: Sequence[Body]) -> list[str]:
    """The directions in which others limit its Pods without it."""
    return [each for each in _directions(gone) if any(_covers(other, gone, each) for other in remaining)]


def openings(before: Body, after: Body) -> Iterator[Sentence]:
    """What it newly allows; nothing of what cannot be told apart."""
    yield from (say("an {} rule comes: {}", *each) for each in _come(before, after))
    yield from _losses(before, after, "allows {}, no longer only")


def restrictions(before: Body, after: Body) -> Iterator[Sentence]:
    """What it no longer allows."""
    yield from (say("an {} rule is removed: {}", *each) for each in _come(after, before))
    yield from _losses(after, before, "no longer allows {}, only")


def _losses(limited: Body, free: Body, words: str) -> Iterator[Sentence]:
    for direction, peers in _PEERS.items():
        for index, (rule, other) in enumerate(zip(_rules(limited, direction), _rules(free, direction), strict=False)):
            for field, everything in (("ports", "every port"), (peers, "everybody")):
                if rule.get(field) and not other.get(field):
                    path = f"{direction.lower()}[{index}]"
                    yield say(f"{{}} {words.format(everything)} {field} {{}}", path, text_of(rule[field]))


def _come(before: Body, after: Body) -> Iterator[tuple[str, str]]:
    for direction in _PEERS:
        for rule in _rules(after, direction)[len(_rules(before, direction)) :]:
            yield direction.lower(), text_of(rule)


def _rule(direction: str, rule: Mapping[str, Any]) -> Sentence:
    if not rule:
        return say(f"any {direction.lower()}")
    ports = [str(each.get("port")) for each in _maps(rule.get("ports"))]
    on = say(f"{direction.lower()} on {'port ' + ', '.join('{}' for _ in ports) if ports else 'every port'}", *ports)
    peers = [_peer(each) for each in _maps(rule.get(_PEERS[direction]))]
    who = joined(peers, " and ") if peers else say("everybody")
    return joined([on, say(_PEERS[direction]), who], " ")


def _peer(peer: Mapping[str, Any]) -> Sentence:
    if peer == {"podSelector": {}}:
        return say("its own namespace")
    return say("every namespace") if peer == {"namespaceSelector": {}} else say("{}", text_of(dict(peer)))


def _covers(other: Body, gone: Body, direction: str) -> bool:
    selector = spec_at(other, "podSelector") or {}
    return direction in _directions(other) and selector in ({}, spec_at(gone, "podSelector") or {})


def _directions(policy: Body) -> list[str]:
    given = spec_at(policy, "policyTypes")
    if isinstance(given, list):
        return [each for each in _PEERS if each in given]
    return ["Ingress", "Egress"] if spec_at(policy, "egress") else ["Ingress"]


def _rules(policy: Body, direction: str) -> list[Mapping[str, Any]]:
    return list(_maps(spec_at(policy, direction.lower())))


def _maps(found: Any) -> Iterable[Mapping[str, Any]]:
    return (each for each in found if isinstance(each, Mapping)) if isinstance(found, list) else ()
