"""Which problems of a stack's files are told with the files."""

from flux.message import Message
from gitops.doctor import stack_parts
from stacks.words.place import Layer, Place
from stacks.words.problems import Problem


def test_an_entry_called_as_the_key_of_fluxs_manifests_does_not_hide_its_fault() -> None:
    told = Message("is an unknown key", "It would have no effect.")
    places = [("kustomizations", "flux.manifests", "spce"), ("gitops:flux", "manifests")]
    layers: list[Layer] = ["catalog", "stack"]
    problems = [Problem(Place(file="a.yaml", key=key, layer=layer), told) for key, layer in zip(places, layers, strict=True)]

    checks = list(stack_parts.file_checks("production", stack_parts.Judged(problems=tuple(problems)), manifests_known=False))

    assert [check.name for check in checks] == ["a.yaml kustomizations.flux.manifests.spce"]
