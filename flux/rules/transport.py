"""How sources are fetched: encrypted, where the environment asks for it."""

from collections.abc import Iterator

from flux.any_shape import text
from flux.finding import STACK_AND_GIT, Finding
from flux.requirement import REFUSING
from flux.rules.plan import Plan
from flux.rules.rule import rule

_GROUPS = ("source.toolkit.fluxcd.io", "image.toolkit.fluxcd.io")
_ANYONE = "Anyone on the network could decide what runs in the cluster; only development allows that."


@rule(looks_at=STACK_AND_GIT, environments=REFUSING)
def sources_are_fetched_encrypted(plan: Plan) -> Iterator[Finding]:
    """Flux fetches sources over TLS or SSH: no `http://` URL, no `insecure: true`.

    Otherwise, anyone on the network could decide what runs in the cluster. Notifications may use HTTP, because they decide nothing.
    """
    for item in plan.objects:
        if item.group not in _GROUPS:
            continue
        if (text(item.spec, "url") or "").startswith("http://"):
            yield item.wrong(("spec", "url"), "is fetched unencrypted", _ANYONE, "Write https:// or ssh://.")
        if item.spec.get("insecure") is True:
            yield item.wrong(
                ("spec", "insecure"), "lets Flux fetch without TLS", _ANYONE, "Remove insecure, and give the server a certificate."
            )
