"""One stack, rendered."""

from dataclasses import dataclass

from flux.errors import FluxInputError
from gitops.rendered.cluster_body import for_the_cluster, order
from stacks.made_objects import MadeObject, made_objects
from stacks.offline import load_settings_offline
from stacks.settings import Settings
from stacks.words.place import Place
from stacks.words.problems import Problem, StackProblems


@dataclass(frozen=True, kw_only=True)
class RenderedStack:
    """What a stack makes, or why it makes nothing."""

    name: str
    settings: Settings | None
    """None if it is refused."""
    objects: tuple[MadeObject, ...]
    """In the order in which they can be applied."""
    problems: tuple[Problem, ...]


def render_stack(name: str, *, machines_record: bool = True) -> RenderedStack:
    """The stack of that name in the chosen project, as a preview without secrets and without a cluster would have it.

    `machines_record`: whether a record of `gitops check` that the environment names, and not the project, counts.
    """
    try:
        settings = load_settings_offline(name, against_record=True, machines_record=machines_record)
    except StackProblems as error:
        return RenderedStack(name=name, settings=None, objects=(), problems=error.problems)
    except FluxInputError as error:
        problem = Problem(Place(file=f"Pulumi.{name}.yaml", key=error.path), error.message)
        return RenderedStack(name=name, settings=None, objects=(), problems=(problem,))
    shown = [MadeObject(body=for_the_cluster(each.body), planned=each.planned) for each in made_objects(settings)]
    return RenderedStack(name=name, settings=settings, objects=tuple(sorted(shown, key=lambda each: order(each.body))), problems=())
