"""Changes of a synced repository: told by the command, and done by real controllers in tests/e2e/test_compare_repository_agrees.py."""

from collections.abc import Mapping
from typing import Any

import yaml

from tests.gitops.compare.synced_builders import (
    FLUX,
    NAMESPACE,
    NOT_INHERITING,
    OTHER,
    ROOT,
    Body,
    SyncedChange,
    config_map,
    deployment,
    goes,
    kustomization,
    kustomize,
    moving,
    relabelled,
    respelt,
    simple,
    two,
)

GENERATOR = {"configMapGenerator": [{"name": "generated", "literals": ["answer=42"]}]}
OTHER_GENERATOR = {"configMapGenerator": [{"name": "generated", "literals": ["answer=43"]}]}
PATCH = {"target": {"kind": "ConfigMap"}, "patch": '[{"op": "add", "path": "/data/patched", "value": "yes"}]'}
COMPONENT = {
    "app/it.yaml": config_map("with-components"),
    "part/kustomization.yaml": {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component", "resources": ["it.yaml"]},
    "part/it.yaml": config_map("of-a-component"),
}
BOTH_PATHS = {
    "a/it.yaml": config_map("of-both"),
    "a/a.yaml": config_map("of-a"),
    "b/it.yaml": config_map("of-both"),
    "b/b.yaml": config_map("of-b"),
}
CHANGES: dict[str, SyncedChange] = {
    "changes": simple("changes", {"it.yaml": config_map("changes")}, {"it.yaml": config_map("changes", answer="43", more="yes")}),
    "comes": simple("comes", {"it.yaml": config_map("comes")}, {"it.yaml": config_map("comes"), "new.yaml": config_map("comes-new")}),
    "goes-and-is-pruned": simple(
        "goes-and-is-pruned", {"a.yaml": config_map("pruned-a"), "b.yaml": config_map("pruned-b")}, {"b.yaml": config_map("pruned-b")}
    ),
    "goes-without-prune": two(
        "goes-without-prune",
        {"app/a.yaml": config_map("without-prune-a"), "app/b.yaml": config_map("without-prune-b")},
        {"app/b.yaml": config_map("without-prune-b")},
        [kustomization("goes-without-prune", "goes-without-prune/app", prune=False)],
        [kustomization("goes-without-prune", "goes-without-prune/app", prune=False)],
    ),
    "prune-ends-with-it": two(
        "prune-ends-with-it",
        {"app/a.yaml": config_map("ends-a"), "app/b.yaml": config_map("ends-b")},
        {"app/b.yaml": config_map("ends-b")},
        [kustomization("prune-ends-with-it", "prune-ends-with-it/app")],
        [kustomization("prune-ends-with-it", "prune-ends-with-it/app", prune=False)],
        words=("prune", "old-spec-first"),
    ),
    "prune-is-disabled": simple(
        "prune-is-disabled",
        {"a.yaml": config_map("disabled-a", annotations={f"{FLUX}/prune": "disabled"}), "b.yaml": config_map("disabled-b")},
        {"b.yaml": config_map("disabled-b")},
    ),
    "flux-ignores-it": simple(
        "flux-ignores-it",
        {"a.yaml": config_map("ignored", annotations={f"{FLUX}/ssa": "Ignore"}), "b.yaml": config_map("not-ignored")},
        {"a.yaml": config_map("ignored", annotations={f"{FLUX}/ssa": "Ignore"}, answer="43"), "b.yaml": config_map("not-ignored", a="b")},
    ),
    "only-if-it-is-not-there": simple(
        "only-if-it-is-not-there",
        {"a.yaml": config_map("once", annotations={f"{FLUX}/ssa": "IfNotPresent"})},
        {
            "a.yaml": config_map("once", annotations={f"{FLUX}/ssa": "IfNotPresent"}, answer="43"),
            "b.yaml": config_map("once-new", annotations={f"{FLUX}/ssa": "IfNotPresent"}),
        },
    ),
    "variables": respelt(
        "variables",
        {"postBuild": {"substitute": {"ANSWER": "forty-two"}}},
        {"postBuild": {"substitute": {"ANSWER": "forty-three"}}},
        {
            "app/it.yaml": config_map("variables", answer="${ANSWER} in ${CLUSTER_NAME}, ${NOWHERE:=nowhere}"),
            "app/plain.yaml": config_map("variables-none"),
            "app/left.yaml": config_map("variables-left", annotations={f"{FLUX}/substitute": "disabled"}, answer="${ANSWER}"),
        },
    ),
    "a-secret-variable-and-another": respelt(
        "a-secret-variable-and-another",
        {"postBuild": {"substitute": {"WHO": "a"}}},
        {"postBuild": {"substitute": {"WHO": "b"}}},
        {"app/it.yaml": config_map("beside-a-secret", to="${WHO} ${SECRET_ALERT_EMAIL}")},
    ),
    "a-generator": simple(
        "a-generator",
        {
            "kustomization.yaml": kustomize("it.yaml", **GENERATOR),
            "it.yaml": deployment("uses-generated", envFrom=[{"configMapRef": {"name": "generated"}}]),
        },
        {
            "kustomization.yaml": kustomize("it.yaml", **OTHER_GENERATOR),
            "it.yaml": deployment("uses-generated", envFrom=[{"configMapRef": {"name": "generated"}}]),
        },
    ),
    "another-namespace": respelt(
        "another-namespace",
        {"targetNamespace": NAMESPACE},
        {"targetNamespace": OTHER},
        {"app/it.yaml": config_map("another-namespace"), "app/too.yaml": deployment("another-namespace")},
    ),
    "another-prefix": respelt("another-prefix", {"namePrefix": "a-"}, {"namePrefix": "b-"}, {"app/it.yaml": config_map("prefixed")}),
    "patches": respelt("patches", {}, {"patches": [PATCH]}, {"app/it.yaml": config_map("patched"), "app/too.yaml": deployment("patched")}),
    "components": two(
        "components",
        COMPONENT,
        COMPONENT,
        [kustomization("components", "components/app")],
        [kustomization("components", "components/app", components=["../part"])],
    ),
    "images": respelt(
        "images",
        {"images": [{"name": "registry.test/it", "newTag": "2"}]},
        {"images": [{"name": "registry.test/it", "newTag": "3"}]},
        {"app/it.yaml": deployment("images"), "app/too.yaml": config_map("images-none")},
    ),
    "common-metadata": respelt(
        "common-metadata",
        {"commonMetadata": {"labels": {"who": "a"}}},
        {"commonMetadata": {"labels": {"who": "b"}}},
        {"app/it.yaml": config_map("common-a"), "app/too.yaml": config_map("common-b")},
    ),
    "another-path": two(
        "another-path",
        BOTH_PATHS,
        BOTH_PATHS,
        [kustomization("another-path", "another-path/a")],
        [kustomization("another-path", "another-path/b")],
        words=("kustomization-moves",),
    ),
    "a-file-moves-with-the-path": two(
        "a-file-moves-with-the-path",
        {"a/it.yaml": config_map("moves-not"), "a/moves.yaml": config_map("moves-along")},
        {"a/it.yaml": config_map("moves-not"), "b/moves.yaml": config_map("moves-along")},
        [kustomization("a-file-moves-with-the-path", "a-file-moves-with-the-path/a")],
        [kustomization("a-file-moves-with-the-path", "a-file-moves-with-the-path/b")],
        words=("kustomization-moves", "old-spec-first"),
    ),
    "leaves-less": two(
        "leaves-less",
        {"app/it.yaml": config_map("leaves-it"), "app/too.yaml": config_map("leaves-too"), "stays/it.yaml": config_map("leaves-not")},
        {"app/it.yaml": config_map("leaves-it"), "stays/it.yaml": config_map("leaves-not")},
        [
            kustomization("leaves-less", "leaves-less/app", NOT_INHERITING, deletionPolicy="Orphan"),
            kustomization("no", "leaves-less/stays"),
        ],
        [kustomization("no", "leaves-less/stays")],
        words=("kustomization-goes", "old-spec-first"),
    ),
    "kustomization-goes": goes("kustomization-goes"),
    "kustomization-goes-and-leaves": goes("kustomization-goes-and-leaves", deletionPolicy="Orphan"),
    "kustomization-goes-without-prune": goes("kustomization-goes-without-prune", prune=False),
    "kustomization-is-suspended": two(
        "kustomization-is-suspended",
        {"app/it.yaml": config_map("suspended")},
        {"app/it.yaml": config_map("suspended", answer="43"), "app/new.yaml": config_map("suspended-new")},
        [kustomization("kustomization-is-suspended", "kustomization-is-suspended/app")],
        [kustomization("kustomization-is-suspended", "kustomization-is-suspended/app", suspend=True)],
        held=("kustomization-is-suspended",),
        words=("suspended", "old-spec-first"),
    ),
    "does-not-build": two(
        "does-not-build",
        {"app/kustomization.yaml": kustomize("it.yaml"), "app/it.yaml": config_map("unbuilt"), "next/it.yaml": config_map("waiting")},
        {
            "app/kustomization.yaml": kustomize("it.yaml", "missing.yaml"),
            "app/it.yaml": config_map("unbuilt", answer="43"),
            "next/it.yaml": config_map("waiting", answer="43"),
        },
        *(
            [
                [
                    kustomization("does-not-build", "does-not-build/app"),
                    kustomization("waits", "does-not-build/next", dependsOn=[{"name": "does-not-build"}]),
                ]
            ]
            * 2
        ),
        held=("does-not-build", "waits"),
        words=("build-fails", "waits"),
    ),
    "what-cannot-change": simple(
        "what-cannot-change",
        {"it.yaml": deployment("unchangeable"), "too.yaml": config_map("beside-it")},
        {"it.yaml": relabelled("unchangeable"), "too.yaml": config_map("beside-it", answer="43")},
        held=("what-cannot-change",),
        words=("build-fails",),
    ),
    "what-is-forced": two(
        "what-is-forced",
        {"app/it.yaml": deployment("forced"), "app/too.yaml": config_map("beside-the-forced")},
        {"app/it.yaml": relabelled("forced"), "app/too.yaml": config_map("beside-the-forced", answer="43")},
        *([[kustomization("what-is-forced", "what-is-forced/app", force=True)]] * 2),
    ),
    "moves-and-the-new-one-waits": moving(
        "move-first",
        source_needs=False,
        target_needs=True,
        recreated=("ConfigMap agreement/move-first-moves",),
        words=("moves-between-kustomizations",),
    ),
    "moves-and-the-old-one-waits": moving(
        "move-last", source_needs=True, target_needs=False, taken_over=("ConfigMap agreement/move-last-moves",)
    ),
    "another-name": two(
        "another-name",
        {"app/a.yaml": config_map("renamed-a"), "app/b.yaml": config_map("renamed-b")},
        {"app/a.yaml": config_map("renamed-a"), "app/b.yaml": config_map("renamed-b", answer="43")},
        [kustomization("old-name", "another-name/app")],
        [kustomization("new-name", "another-name/app")],
        moved=("ConfigMap agreement/renamed-a", "ConfigMap agreement/renamed-b"),
        words=("moves-between-kustomizations", "kustomization-goes"),
    ),
    "only-the-spelling": simple(
        "only-the-spelling",
        {"it.yaml": config_map("spelt")},
        {
            "kustomization.yaml": kustomize("renamed.yaml"),
            "renamed.yaml": '# a comment\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: spelt}\ndata: {answer: "42"}\n',
        },
    ),
    "a-child-of-a-child": two(
        "a-child-of-a-child",
        {"app/ks.yaml": kustomization("grandchild", "a-child-of-a-child/deep"), "deep/it.yaml": config_map("deep")},
        {"deep/it.yaml": config_map("deep")},
        [kustomization("child", "a-child-of-a-child/app", targetNamespace="flux-system")],
        [],
    ),
}


def files_of(changes: Mapping[str, SyncedChange], *, after: bool) -> dict[str, str]:
    """All of them as files of the repository: path → text."""
    found = {f"{ROOT}/namespace.yaml": _text([_namespace(NAMESPACE), _namespace(OTHER)])}
    kustomizations = []
    for name, change in changes.items():
        folder = _folder(name, change)
        for path, content in (change.after if after else change.before).items():
            found[f"{ROOT}/{folder}/{path}"] = content if isinstance(content, str) else _text(content)
        if change.after["ks.yaml"] if after else change.before["ks.yaml"]:
            kustomizations.append(f"{folder}/ks.yaml")
    found[f"{ROOT}/kustomization.yaml"] = _text(kustomize("namespace.yaml", *kustomizations))
    return found


def _folder(name: str, change: SyncedChange) -> str:
    path: str = change.before["ks.yaml"][0]["spec"]["path"]
    return path.removeprefix(f"./{ROOT}/").partition("/")[0] or name


def _namespace(name: str) -> Body:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _text(content: Any) -> str:
    return yaml.safe_dump_all(content, sort_keys=False) if isinstance(content, list) else yaml.safe_dump(content, sort_keys=False)
