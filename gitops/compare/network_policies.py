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
_EVERY = {"ports": "on every port", "from": "from anywhere", "to": "to anywhere"}
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
    yield from (joined([say("allows"), each, say("in addition")], " ") for each in _come(before, after))
    for direction, field, limit in _limits_lost(before, after):
        yield joined([say(f"allows {direction.lower()} {_EVERY[field]} instead of only"), _limit(field, limit)], " ")


def restrictions(before: Body, after: Body) -> Iterator[Sentence]:
    """What it no longer allows."""
    yield from (joined([say("no longer allows"), each], " ") for each in _come(after, before))
    for direction, field, limit in _limits_lost(after, before):
        yield joined([say(f"allows {direction.lower()} only"), _limit(field, limit), say(f"instead of {_EVERY[field]}")], " ")


def _limits_lost(limited: Body, free: Body) -> Iterator[tuple[str, str, list[Any]]]:
    """Direction, `ports`, `from` or `to`, and what it allowed alone."""
    for direction, peers in _PEERS.items():
        for rule, other in zip(_rules(limited, direction), _rules(free, direction), strict=False):
            for field in ("ports", peers):
                if rule.get(field) and not other.get(field):
                    yield direction, field, list(_maps(rule[field]))


def _limit(field: str, limit: list[Any]) -> Sentence:
    if field == "ports":
        return joined([say("on port"), joined(map(_port, limit), ", ")], " ")
    return joined([say(field), joined(map(_peer, limit), " and ")], " ")


def _port(port: Mapping[str, Any]) -> Sentence:
    """`TCP 9292`; TCP is the default."""
    return say("{}", f"{port.get('protocol', 'TCP')} {port.get('port', 'any')}")


def _come(before: Body, after: Body) -> Iterator[Sentence]:
    for direction in _PEERS:
        yield from (_rule(direction, rule) for rule in _rules(after, direction)[len(_rules(before, direction)) :])


def _rule(direction: str, rule: Mapping[str, Any]) -> Sentence:
    if not rule:
        return say(f"any {direction.lower()}")
    ports = [_port(each) for each in _maps(rule.get("ports"))]
    on = joined([say(f"{direction.lower()} on port"), joined(ports, ", ")], " ") if ports else say(f"{direction.lower()} on every port")
    field = _PEERS[direction]
    peers = [_peer(each) for each in _maps(rule.get(field))]
    return joined([on, joined([say(field), joined(peers, " and ")], " ") if peers else say(_EVERY[field])], " ")


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
