"""Repositories that nobody wrote: directories with Kustomizations, made from a number, always the same from the same one."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.gitops.compare.synced_builders import FLUX, NOT_INHERITING, Body, config_map, deployment, kustomization, kustomize

GENERATED = "kubernetes/apps/generated"
WORDS = ("amber", "birch", "cedar", "dusk", "ember", "fern")
KINDS = ("ConfigMap",) * 5 + ("Secret", "ServiceAccount", "Deployment")
VARIABLES = ("COLOUR", "TREE", "HOUR")
SOURCE = "settings"
"""The ConfigMap from which some take variables."""


@dataclass(kw_only=True)
class Thing:
    """An object in a file of its own."""

    kind: str
    name: str
    file: str
    namespace: str
    """Where its Kustomization sets none."""
    values: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    image: str = "1"
    selector: str = ""

    def body(self, *, is_placed: bool) -> Body:
        """As it is written."""
        if self.kind == "Deployment":
            body = deployment(self.name, f"registry.test/it:{self.image}")
            if self.selector:
                body["spec"]["selector"]["matchLabels"] = body["spec"]["template"]["metadata"]["labels"] = {"app": self.selector}
            body["metadata"]["annotations"] = {**self.values, **self.annotations}
        else:
            body = config_map(self.name, None, self.annotations, **self.values)
            content = {"Secret": {"stringData": self.values}, "ServiceAccount": {}}.get(self.kind, {"data": self.values})
            body = {"apiVersion": "v1", "kind": self.kind, "metadata": body["metadata"], **content}
            if self.kind == "ServiceAccount":
                body["metadata"]["annotations"] = {**self.values, **self.annotations}
        return {**body, "metadata": {**body["metadata"], **({"namespace": self.namespace} if is_placed else {})}}


@dataclass(kw_only=True)
class Unit:
    """A Kustomization of Flux, and the directory that it applies."""

    name: str
    directory: str
    parent: str = ""
    inherits: bool = False
    has_file: bool = True
    """Whether there is a kustomization.yaml; else Flux makes one."""
    spec: dict[str, Any] = field(default_factory=dict)
    kustomize: dict[str, Any] = field(default_factory=dict)
    """Fields of the kustomization.yaml."""
    things: list[Thing] = field(default_factory=list)
    part: list[Thing] = field(default_factory=list)
    """Objects of a component beside the directory."""
    missing: bool = False
    """Whether the kustomization.yaml names a file that is not there."""

    @property
    def may_nest(self) -> bool:
        """Whether it leaves the namespace and the name of a Kustomization alone."""
        return (
            not {"targetNamespace", "namePrefix", "nameSuffix"} & self.spec.keys()
            and not {"namespace", "namePrefix"} & self.kustomize.keys()
        )


@dataclass(kw_only=True)
class Repository:
    """A directory of the synced repository."""

    seed: int
    units: list[Unit] = field(default_factory=list)
    made: int = 0
    """How many names were given."""

    @property
    def called(self) -> str:
        """The directory."""
        return f"g{self.seed:03}"

    @property
    def namespaces(self) -> tuple[str, str]:
        """Those of its objects."""
        return f"generated-{self.called}", f"generated-{self.called}-too"

    def new_name(self, what: str) -> str:
        """One that nothing has had before."""
        self.made += 1
        return f"{what.lower()}-{self.made}"

    def unit(self, name: str) -> Unit:
        """That of this name."""
        return next(each for each in self.units if each.name == name)

    def before(self, name: str) -> set[str]:
        """The Kustomizations without which this one is not applied, and itself: nothing for no name."""
        if not name:
            return set()
        unit = self.unit(name)
        direct = [unit.parent, *(entry["name"] for entry in unit.spec.get("dependsOn", []))]
        return {name}.union(*(self.before(each) for each in direct))

    def children(self, unit: Unit) -> list[Unit]:
        """Kustomizations that another one applies."""
        return [each for each in self.units if each.parent == unit.name]

    def below(self, unit: Unit) -> list[Unit]:
        """With their children."""
        return [each for child in self.children(unit) for each in (child, *self.below(child))]


def base(seed: int) -> Repository:
    """The repository of this number, of which every Kustomization can be applied."""
    rng = random.Random(f"base {seed}")  # noqa: S311
    made = Repository(seed=seed)
    for _ in range(rng.randint(1, 6)):
        nesting = [each for each in made.units if each.may_nest]
        parent = rng.choice(nesting).name if nesting and rng.random() < 0.4 else ""
        made.units.append(new_unit(rng, made, parent))
    return made


def any_unit(rng: random.Random, made: Repository, *, nests: bool | None = None) -> Unit | None:
    """One of them; `nests`: only with, or only without children."""
    units = [each for each in made.units if nests is None or bool(made.children(each)) is nests]
    return rng.choice(units) if units else None


def new_unit(rng: random.Random, made: Repository, parent: str) -> Unit:
    """One more Kustomization, which may depend on those that are there."""
    name = made.new_name(f"{made.called}-ks")
    unit = Unit(name=name, directory=made.new_name("app"), parent=parent, has_file=rng.random() < 0.6, inherits=rng.random() < 0.4)
    spec: dict[str, Any] = {"prune": rng.random() < 0.8}
    if target := rng.choice((*made.namespaces, "")):
        spec["targetNamespace"] = target
    waited_for = made.before(parent)
    others = [each.name for each in made.units if each.name not in waited_for]
    if others and not any(made.unit(each).spec.get("wait") for each in waited_for) and rng.random() < 0.4:
        spec["dependsOn"] = [{"name": rng.choice(others)}]
    for key, chance, value in choices(rng, made):
        if rng.random() < chance and not (key in ("namePrefix", "nameSuffix") and "targetNamespace" not in spec):
            spec[key] = value
    unit.spec = spec
    unit.things = [new_thing(rng, made, unit) for _ in range(rng.randint(1, 5))]
    if unit.has_file:
        unit.kustomize = dict(fields_of_kustomize(rng, made, unit))
    if rng.random() < 0.2:
        unit.part = [new_thing(rng, made, unit) for _ in range(rng.randint(1, 2))]
        if rng.random() < 0.6:
            spec["components"] = [f"../{unit.directory}-part"]
    return unit


def choices(rng: random.Random, made: Repository) -> Iterator[tuple[str, float, Any]]:
    """Fields of a Kustomization: which, how likely, and what."""
    word = rng.choice(WORDS)
    yield "namePrefix", 0.12, f"{word}-"
    yield "nameSuffix", 0.08, f"-{word}"
    where = rng.choice(("labels", "annotations"))
    yield "commonMetadata", 0.2, {where: {"team": word}}
    yield "deletionPolicy", 0.25, rng.choice(("Orphan", "Delete", "MirrorPrune", "WaitForTermination"))
    yield "force", 0.15, True
    yield "wait", 0.15, True
    yield "healthChecks", 0.15, [{"apiVersion": "v1", "kind": "Namespace", "name": made.namespaces[0]}]
    yield "images", 0.2, [{"name": "registry.test/it", "newTag": str(rng.randint(2, 9))}]
    yield "patches", 0.2, [patch(rng)]
    substitute = {name: rng.choice(WORDS) for name in VARIABLES if rng.random() < 0.8}
    after: Body = {"substitute": substitute}
    source = rng.choice(("cluster-settings", "stack-vars", f"{made.called}-{SOURCE}", "not-there", ""))
    if source:
        after["substituteFrom"] = [{"kind": "ConfigMap", "name": source, **({"optional": True} if source == "not-there" else {})}]
    yield "postBuild", 0.5, after


def patch(rng: random.Random) -> Body:
    """One that fits every ConfigMap."""
    kind = rng.choice(("ConfigMap", "ConfigMap", "Deployment"))
    if rng.random() < 0.5:
        operation = f'[{{"op": "add", "path": "/metadata/labels", "value": {{"patched": "{rng.choice(WORDS)}"}}}}]'
        return {"target": {"kind": kind}, "patch": operation}
    value = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "any", "annotations": {"patched": rng.choice(WORDS)}}}
    return {"target": {"kind": kind}, "patch": yaml.safe_dump(value)}


def fields_of_kustomize(rng: random.Random, made: Repository, unit: Unit) -> Iterator[tuple[str, Any]]:
    """What a kustomization.yaml has besides its resources."""
    word = rng.choice(WORDS)
    if rng.random() < 0.4:
        generated: Body = {"name": made.new_name("generated"), "literals": [f"answer={word}"]}
        generated |= {"namespace": made.namespaces[0]} if "targetNamespace" not in unit.spec else {}
        generated |= {"options": {"disableNameSuffixHash": True}} if rng.random() < 0.3 else {}
        yield "configMapGenerator", [generated]
    if rng.random() < 0.2:
        yield "labels", [{"pairs": {"part-of": word}}]
    if rng.random() < 0.15:
        yield "commonAnnotations", {"written-by": word}
    if rng.random() < 0.15 and "targetNamespace" in unit.spec:
        yield "namePrefix", f"{word}-"
    if rng.random() < 0.1 and "targetNamespace" not in unit.spec:
        yield "namespace", made.namespaces[1]


def new_thing(rng: random.Random, made: Repository, unit: Unit) -> Thing:
    """One more object of a Kustomization."""
    kind = rng.choice(KINDS if not unit.spec.get("wait") else KINDS[:-1])
    name = made.new_name(kind)
    folder = rng.choice(("", "", "more/"))
    thing = Thing(kind=kind, name=name, file=f"{folder}{name}.yaml", namespace=rng.choice(made.namespaces))
    thing.values = {key: new_value(rng) for key in rng.sample(("one", "two", "three"), rng.randint(1, 3))}
    for key, chance, values in ANNOTATIONS:
        if rng.random() < chance:
            thing.annotations[f"{FLUX}/{key}"] = rng.choice(values)
    return thing


ANNOTATIONS = (
    ("prune", 0.12, ("disabled",)),
    ("ssa", 0.15, ("IfNotPresent", "Merge", "Ignore", "Override")),
    ("force", 0.05, ("enabled",)),
    ("substitute", 0.08, ("disabled",)),
    ("reconcile", 0.04, ("disabled",)),
)


def new_value(rng: random.Random) -> str:
    """A word, with or without variables, of which each has a default where it may be undefined."""
    word, variable = rng.choice(WORDS), rng.choice((*VARIABLES, "CLUSTER_NAME"))
    return rng.choice((word, word, f"{word} 5", f"${{{variable}:=none}} and {word}", f"in ${{{variable}:-{word}}}"))


def files_of(made: Repository) -> dict[str, str]:
    """Path in the synced repository → text."""
    found: dict[str, str] = {}
    top = f"{GENERATED}/{made.called}"
    for unit in made.units:
        found.update({f"{top}/{path}": text for path, text in _files_of_unit(made, unit)})
    settings = config_map(f"{made.called}-{SOURCE}", HOUR=WORDS[made.seed % len(WORDS)])
    settings["metadata"]["namespace"] = "flux-system"
    namespaces = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in made.namespaces]
    roots = [_flux(made, unit) for unit in made.units if not unit.parent]
    found[f"{top}/ks.yaml"] = _text(*roots)
    found[f"{top}/first.yaml"] = _text(*namespaces, settings)
    found[f"{top}/kustomization.yaml"] = _text(kustomize("first.yaml", *(["ks.yaml"] if roots else [])))
    return found


def listed(repositories: Iterable[Repository]) -> dict[str, str]:
    """The file that names all of them."""
    return {f"{GENERATED}/kustomization.yaml": _text(kustomize(*(each.called for each in repositories)))}


def _files_of_unit(made: Repository, unit: Unit) -> Iterator[tuple[str, str]]:
    is_placed = "targetNamespace" not in unit.spec and "namespace" not in unit.kustomize
    names = []
    for thing in unit.things:
        names.append(thing.file)
        yield f"{unit.directory}/{thing.file}", _text(thing.body(is_placed=is_placed))
    for child in made.children(unit):
        names.append(f"{child.name}.yaml")
        yield f"{unit.directory}/{child.name}.yaml", _text(_flux(made, child))
    if unit.has_file:
        more = ["missing.yaml"] if unit.missing else []
        yield f"{unit.directory}/kustomization.yaml", _text(kustomize(*sorted(names), *more, **unit.kustomize))
    if unit.part:
        for thing in unit.part:
            yield f"{unit.directory}-part/{thing.file}", _text(thing.body(is_placed=is_placed))
        component = kustomize(*sorted(thing.file for thing in unit.part))
        yield f"{unit.directory}-part/kustomization.yaml", _text({**component, "apiVersion": COMPONENT, "kind": "Component"})


COMPONENT = "kustomize.config.k8s.io/v1alpha1"


def _flux(made: Repository, unit: Unit) -> Body:
    path = f"./{GENERATED}/{made.called}/{unit.directory}"
    body = kustomization(unit.name, "", None if unit.inherits else NOT_INHERITING, **{**unit.spec, "path": path, "timeout": "20s"})
    if "targetNamespace" not in unit.spec:
        del body["spec"]["targetNamespace"]
    return body


def _text(*bodies: Body) -> str:
    return yaml.safe_dump_all(bodies, sort_keys=False)
