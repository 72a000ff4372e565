"""What is printed of controllers that do not come up, and the way back. Pure."""

from collections.abc import Iterable, Iterator

from flux.secret_shapes import without_tokens
from flux.short_text import one_line, trim_middle
from flux.visible_text import visible
from live.controller_faults import PodFault

LONGEST = 300


def lines(faults: Iterable[PodFault], before: str | None, after: str | None) -> Iterator[str]:
    """`before` and `after`: the release of Flux that the state had, and the one that it has now."""
    found = list(faults)
    if not found:
        return
    yield "Controllers that do not run:"
    for each in found:
        yield f"  {visible(each.pod)}"
        yield from _part("reason", each.reasons or ("its containers have not started yet",))
        yield from _part("event", each.events)
        yield from _part("log", each.log)
    if before and after and before != after:
        yield f"The way back to Flux {visible(before)}: restore gitops:flux.manifests, add allowDowngrade: true, and run it again."
    else:
        yield "Correct gitops:flux in the stack file (registry, flags, resources, patches), and run it again."


def _part(name: str, texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield f"    {name}: {visible(trim_middle(without_tokens(one_line(text)), LONGEST))}"
