"""What is printed of controllers that do not come up, and the way back. Pure."""

from collections.abc import Iterable, Iterator

from flux.secret_shapes import without_tokens
from flux.short_text import one_line, trim_middle
from flux.visible_text import visible
from live.flux_objects.controller_faults import ControllerFault

LONGEST = 300
_UNKNOWN = "its containers have not started yet"
_NO_POD = "it has no pod yet, or the last version of it has not ended"


def fault_lines(faults: Iterable[ControllerFault]) -> Iterator[str]:
    """A block for each controller."""
    for each in faults:
        yield visible(each.controller)
        yield from _part("reason", each.reasons or (() if each.pods else (_NO_POD,)))
        yield from _part("event", each.events)
        for pod in each.pods:
            yield f"  pod {visible(pod.pod)}"
            yield from _part("reason", pod.reasons or (_UNKNOWN,), "    ")
            yield from _part("event", pod.events, "    ")
            yield from _part("log", pod.log, "    ")


def on_one_line(fault: ControllerFault) -> str:
    """`helm-controller does not come up; pod helm-controller-x: Unschedulable: …; event: …`: where a message is one line."""
    name, *rest = fault_lines([fault])
    return "; ".join([f"{name} does not come up", *(line.strip() for line in rest)])


def way_back(faults: Iterable[ControllerFault], before: str | None) -> str:
    """`before`: the release of Flux that ran before."""
    if before and any(each.version and each.version != before for each in faults):
        return f"The way back to Flux {visible(before)}: restore gitops:flux.manifests, add allowDowngrade: true, and run it again."
    return "Correct gitops:flux in the stack file (registry, flags, resources, patches), and run it again."


def _part(name: str, texts: Iterable[str], indent: str = "  ") -> Iterator[str]:
    for text in texts:
        yield f"{indent}{name}: {visible(trim_middle(without_tokens(one_line(text)), LONGEST))}"
