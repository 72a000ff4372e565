"""Random trees as people write them for kustomize, a few of them wrong, and a path of each prepared as Flux prepares it.

Written without the check's own modules: what is compared with them must not share their mistakes.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import yaml

KUBECTL = Path(sys.executable).with_name("kubectl")
DIRECTORIES = ("apps", "apps/one", "apps/one/deep", "base", "base/two", "other")
COMPONENTS = ("components/labels", "components/more")
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "ConfigMap": ("v1", {"data": {"a": "1", "b": "yes"}}),
    "Secret": ("v1", {"stringData": {"a": "made up"}}),
    "Service": ("v1", {"spec": {"selector": {"app": "a"}, "ports": [{"port": 80, "name": "http"}]}}),
    "ServiceAccount": ("v1", {}),
    "Namespace": ("v1", {}),
    "ClusterRole": ("rbac.authorization.k8s.io/v1", {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}),
    "Deployment": (
        "apps/v1",
        {
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"app": "a"}},
                "template": {
                    "metadata": {"labels": {"app": "a"}},
                    "spec": {
                        "serviceAccountName": "one",
                        "containers": [
                            {"name": "web", "image": "registry.test/web:1", "envFrom": [{"configMapRef": {"name": "made"}}]},
                            {"name": "side", "image": "registry.test/side@sha256:" + "0" * 64, "args": ["--a"]},
                        ],
                    },
                },
            }
        },
    ),
    "Thing": ("example.org/v1", {"spec": {"list": ["a", {"name": "b", "value": 1}], "map": {"a/b": {"c": None}}, "time": "10:30:00"}}),
    "HelmRelease": ("helm.toolkit.fluxcd.io/v2", {"spec": {"interval": "1h", "values": {"on": True, "off": "off", "n": "012"}}}),
    "Kustomization": ("kustomize.toolkit.fluxcd.io/v1", {"spec": {"path": "./x", "sourceRef": {"kind": "GitRepository", "name": "x"}}}),
}
NAMES = ("one", "two", "three")
SPEC_FIELDS = ("targetNamespace", "namePrefix", "nameSuffix", "patches", "components", "images")


def tree_of(random: Random) -> dict[str, str]:
    """The files of a tree."""
    files: dict[str, str] = {}
    for directory in DIRECTORIES:
        if directory == "apps" or random.random() < 0.7:
            _directory(random, files, directory)
    for component in COMPONENTS:
        value = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component", **_changes(random)}
        if random.random() < 0.5:
            value["resources"] = ["it.yaml"]
            files[f"{component}/it.yaml"] = _objects(random, component)
        files[f"{component}/kustomization.yaml"] = yaml.safe_dump(value)
    files["apps/notes.txt"] = "a\n"
    files["apps/variables.env"] = "A=1\nB=two words\n"
    files["base/patch.yaml"] = yaml.safe_dump(
        _object(random, "base", random.choice(list(KINDS)), {"metadata": {"labels": {"patched": "yes"}}})
    )
    return files


def spec_of(random: Random) -> dict[str, Any]:
    """The fields of a Flux Kustomization that change what is built."""
    spec: dict[str, Any] = {}
    for name in random.sample(SPEC_FIELDS, random.randint(0, 3)):
        spec[name] = {
            "targetNamespace": "target",
            "namePrefix": "flux-",
            "nameSuffix": "-flux",
            "patches": [_patch(random, "base") for _ in range(random.randint(1, 2))],
            "components": ["../components/labels"],
            "images": [{"name": "registry.test/web", "newTag": "2"}],
        }[name]
    return spec


def _directory(random: Random, files: dict[str, str], directory: str) -> None:
    own = [f"{name}.yaml" for name in random.sample(NAMES, random.randint(0, 3))]
    for index, name in enumerate(own):
        files[f"{directory}/{name}"] = _objects(random, f"{directory.replace('/', '-')}-{index}")
    if random.random() < 0.3:
        return
    named: list[str] = list(own)
    for other in DIRECTORIES:
        if other != directory and f"{other}/kustomization.yaml" in files and random.random() < 0.35:
            named.append(_from(directory, other))
    if random.random() < 0.03:
        named.append(random.choice(["gone.yaml", "../gone", "notes.txt", _from(directory, "base")]))
    value: dict[str, Any] = {"resources": named, **_changes(random, directory)}
    if random.random() < 0.2:
        value["components"] = [_from(directory, random.choice(COMPONENTS))]
    if random.random() < 0.03:
        value[random.choice(["resource", "spec", "Images", "namePrefixes"])] = random.choice(["a", [], {}])
    if random.random() < 0.3:
        value = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", **value}
    files[f"{directory}/{random.choice(['kustomization.yaml'] * 4 + ['kustomization.yml', 'Kustomization'])}"] = yaml.safe_dump(value)


def _from(directory: str, other: str) -> str:
    return "/".join([".."] * len(directory.split("/"))) + f"/{other}"


def _objects(random: Random, prefix: str) -> str:
    objects = [_object(random, f"{prefix}-{index}", random.choice(list(KINDS))) for index in range(random.randint(1, 4))]
    if random.random() < 0.1:
        return yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": objects})
    text = yaml.safe_dump_all(objects, sort_keys=False)
    if random.random() < 0.02:
        text += random.choice(["---\na: [\n", "---\na: 1\n", "a: 1\na: 2\n", "---\n# nothing\n", "x: &x 1\ny: *x\nz: &x 2\n"])
    return text


def _object(random: Random, name: str, kind: str, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    api, body = KINDS[kind]
    metadata: dict[str, Any] = {"name": f"{name}-{kind.lower()}"}
    if random.random() < 0.3 and kind not in ("Namespace", "ClusterRole"):
        metadata["namespace"] = random.choice(["here", "there"])
    if random.random() < 0.3:
        metadata["labels"] = {"tier": random.choice(["web", "store"])}
    body = json.loads(json.dumps(body))
    return {"apiVersion": api, "kind": kind, "metadata": {**metadata, **(more or {}).get("metadata", {})}, **body}


def _changes(random: Random, directory: str = "") -> dict[str, Any]:
    """Fields of a kustomization.yaml besides what it brings."""
    up = _from(directory, "") if directory else "../../"
    possible: dict[str, Any] = {
        "namespace": random.choice(["ns", "other"]),
        "namePrefix": "pre-",
        "nameSuffix": "-post",
        "labels": [{"pairs": {"by": "labels"}, "includeSelectors": random.random() < 0.3, "includeTemplates": random.random() < 0.3}],
        "commonLabels": {"common": "label"},
        "commonAnnotations": {"note": "1"},
        "images": [{"name": "registry.test/web", "newName": "mirror.test/web", "newTag": random.choice(["2", "v3"])}],
        "replicas": [{"name": "apps-0-0-deployment", "count": 3}],
        "patches": [_patch(random, up) for _ in range(random.randint(1, 2))],
        "patchesStrategicMerge": [yaml.safe_dump(_object(random, "apps-0-0", "ConfigMap"))],
        "configMapGenerator": [_generator(random, up, "made")],
        "secretGenerator": [{**_generator(random, up, "made-secret"), "type": "Opaque"}],
        "generatorOptions": {"disableNameSuffixHash": random.random() < 0.5, "labels": {"made": "by"}},
        "replacements": [_replacement()],
        "transformers": [_transformer(random)],
        "buildMetadata": random.choice([["managedByLabel"], ["originAnnotations"], []]),
        "sortOptions": {"order": random.choice(["legacy", "fifo"])},
    }
    weights = {"patchesStrategicMerge": 0.1, "replicas": 0.1, "replacements": 0.2, "transformers": 0.3}
    return {name: value for name, value in possible.items() if random.random() < 0.15 * weights.get(name, 1.0)}


def _patch(random: Random, up: str) -> dict[str, Any]:
    kind = random.choice(list(KINDS))
    api, _ = KINDS[kind]
    target: dict[str, Any] = random.choice(
        [{"kind": kind}, {"kind": kind, "name": ".*-0-.*"}, {"labelSelector": "tier=web"}, {"version": "v1"}, {"namespace": "here"}]
    )
    strategic: dict[str, Any] = {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": "any", "annotations": {"patched": "yes", "gone": None}},
    }
    operation: dict[str, Any] = random.choice(
        [
            {"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}},
            {"op": "replace", "path": "/metadata/name", "value": "renamed"},
            {"op": "test", "path": "/kind", "value": kind},
            {"op": "copy", "from": "/metadata/name", "path": "/metadata/generateName"},
            {"op": "remove", "path": "/metadata/labels"},
        ]
    )
    chosen = random.random()
    if chosen < 0.5:
        return {"patch": yaml.safe_dump(strategic), "target": target}
    if operation["op"] == "remove":
        target = {"labelSelector": "tier"}
    if chosen < 0.9:
        return {"patch": yaml.safe_dump([operation]), "target": target}
    if chosen < 0.96 and up != "base":
        return {"path": f"{up.rstrip('/')}/base/patch.yaml", "target": target}
    return {"patch": yaml.safe_dump({**strategic, "metadata": {"name": "apps-0-0-" + kind.lower(), "labels": {"x": "y"}}})}


def _generator(random: Random, up: str, name: str) -> dict[str, Any]:
    generator: dict[str, Any] = {"name": name, "literals": ["a=b", "c='d e'"]}
    if random.random() < 0.3:
        generator["files"] = [f"{up.rstrip('/')}/apps/notes.txt", f"named={up.rstrip('/')}/apps/notes.txt"]
    if random.random() < 0.3:
        generator["envs"] = [f"{up.rstrip('/')}/apps/variables.env"]
    if random.random() < 0.3:
        generator["namespace"] = "made"
    if random.random() < 0.05:
        generator["behavior"] = "merge"
    return generator


def _replacement() -> dict[str, Any]:
    targets = [{"select": {"kind": "ConfigMap"}, "fieldPaths": ["data.replaced"], "options": {"create": True}}]
    return {"source": {"kind": "ConfigMap", "name": "apps-0-0-configmap", "fieldPath": "metadata.name"}, "targets": targets}


def _transformer(random: Random) -> str:
    namespace = {"kind": "NamespaceTransformer", "metadata": {"name": "n", "namespace": "transformed"}, "unsetOnly": random.random() < 0.5}
    prefix = {"kind": "PrefixTransformer", "metadata": {"name": "p"}, "prefix": "t-", "fieldSpecs": [{"path": "metadata/name"}]}
    plugin = {"apiVersion": "example.org/v1", "kind": "Unknown", "metadata": {"name": "u"}}
    value = random.choice([namespace] * 4 + [prefix] * 4 + [plugin])
    return yaml.safe_dump({"apiVersion": "builtin", **value})


def written(folder: Path, files: Mapping[str, str]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)


def built_by_kubectl(folder: Path, path: str, spec: Mapping[str, Any]) -> list[dict[str, Any]] | str:
    """What kubectl makes of a path that was prepared in place; what it says where it fails."""
    refused = _prepare(folder, folder / path, spec)
    if refused:
        return refused
    done = subprocess.run(
        [KUBECTL, "kustomize", "--load-restrictor", "LoadRestrictionsNone", str(folder / path)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return done.stderr
    objects = [each for each in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if each]
    nameless = [each for each in objects if not (each.get("apiVersion") and each.get("kind") and each["metadata"].get("name"))]
    return "failed to decode Kubernetes apiVersion, kind and name" if nameless else objects


_KNOWN = {
    *("apiVersion", "kind", "resources", "components", "namespace", "namePrefix", "nameSuffix", "labels", "commonLabels"),
    *("commonAnnotations", "images", "replicas", "patches", "patchesStrategicMerge", "configMapGenerator", "secretGenerator"),
    *("generatorOptions", "replacements", "transformers", "buildMetadata", "sortOptions"),
}


def _prepare(folder: Path, directory: Path, spec: Mapping[str, Any]) -> str:
    """As kustomize-controller writes the kustomization.yaml of a path; what it says where it refuses."""
    names = ("kustomization.yaml", "kustomization.yml", "Kustomization")
    there = next((directory / name for name in names if (directory / name).is_file()), None)
    if there is None:
        try:
            resources = _scan(directory, directory)
        except yaml.YAMLError as error:
            return str(error)
        value: dict[str, Any] = {"resources": resources} if resources else {"namespace": "_placeholder"}
    else:
        read = yaml.safe_load(there.read_text()) or {}
        value = {key if key != "Images" else "images": each for key, each in read.items() if key in _KNOWN or key == "Images"}
    if not isinstance(value.get("images", []), list):
        return "cannot unmarshal the field images"
    has_resources = there is None or value.get("resources")
    value["buildMetadata"] = [*(value.get("buildMetadata", []) if has_resources else []), "originAnnotations"]
    for own, theirs in (("namespace", "targetNamespace"), ("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix")):
        if theirs in spec:
            value[own] = spec[theirs]
    for key in ("patches", "components"):
        if key in spec:
            value[key] = [*value.get(key, []), *spec[key]]
    for image in spec.get("images", []):
        images = value.setdefault("images", [])
        known = next((each for each in images if each["name"] == image["name"]), None)
        if known is None:
            images.append(image)
        else:
            known.pop("digest", None)
            known["newTag"] = image["newTag"]
    (there or directory / "kustomization.yaml").write_text(yaml.safe_dump(value))
    return ""


def _scan(directory: Path, root: Path) -> list[str]:
    found: list[str] = []
    for each in sorted(directory.iterdir(), key=lambda path: path.name):
        if each.is_dir():
            is_whole = any((each / name).is_file() for name in ("kustomization.yaml", "kustomization.yml", "Kustomization"))
            found += [f"./{each.relative_to(root)}"] if is_whole else _scan(each, root)
        elif each.suffix in (".yaml", ".yml"):
            found.append(f"./{each.relative_to(root)}")
    return found
