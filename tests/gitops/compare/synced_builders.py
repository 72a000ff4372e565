"""Objects of a synced repository, and changes of one directory in it, each with Kustomizations of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROOT = "kubernetes/apps/agreement"
NAMESPACE, OTHER = "agreement", "agreement-too"
NOT_INHERITING = {"substitution.flux.home.arpa/disabled": "true"}
FLUX = "kustomize.toolkit.fluxcd.io"
Body = dict[str, Any]
Files = Mapping[str, Any]
"""Path below the case → objects, or a text."""


@dataclass(frozen=True, kw_only=True)
class SyncedChange:
    """A directory before and after; `ks.yaml` in it are the Kustomizations."""

    before: Files
    after: Files
    recreated: tuple[str, ...] = ()
    """Objects of which another one is there afterwards."""
    taken_over: tuple[str, ...] = ()
    """Objects that move, and stay the same."""
    moved: tuple[str, ...] = ()
    """Objects that move, and may be other ones afterwards."""
    held: tuple[str, ...] = ()
    """Kustomizations that do not reach the new revision."""
    words: tuple[str, ...] = field(default=())
    """Kinds of decisions."""


def config_map(name: str, labels: Mapping[str, str] | None = None, annotations: Mapping[str, str] | None = None, **data: str) -> Body:
    metadata: Body = {"name": name}
    metadata |= {"labels": dict(labels)} if labels else {}
    metadata |= {"annotations": dict(annotations)} if annotations else {}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data or {"answer": "42"}}


def deployment(name: str, image: str = "registry.test/it:1", **more: Any) -> Body:
    pod = {"containers": [{"name": "it", "image": image, **more}]}
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def relabelled(name: str) -> Body:
    """The deployment with another selector, which the API server refuses to change."""
    body, labels = deployment(name), {"app": f"{name}-too"}
    body["spec"]["selector"]["matchLabels"] = body["spec"]["template"]["metadata"]["labels"] = labels
    return body


def kustomization(name: str, directory: str, labels: Mapping[str, str] | None = None, **spec: Any) -> Body:
    """A Kustomization of Flux; `directory` is below the root of all cases."""
    return {
        "apiVersion": f"{FLUX}/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": "flux-system", **({"labels": dict(labels)} if labels else {})},
        "spec": {
            "interval": "1h",
            "retryInterval": "5s",
            "timeout": "1m",
            "prune": True,
            "targetNamespace": NAMESPACE,
            "path": f"./{ROOT}/{directory}",
            "sourceRef": {"kind": "GitRepository", "name": "homelab-k8s2"},
            **spec,
        },
    }


def kustomize(*resources: str, **more: Any) -> Body:
    return {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": list(resources), **more}


def simple(name: str, before: Files, after: Files, **more: Any) -> SyncedChange:
    """One Kustomization, the same before and after."""
    ks = {"ks.yaml": [kustomization(name, f"{name}/app")]}
    return SyncedChange(
        before={**ks, **{f"app/{path}": each for path, each in before.items()}},
        after={**ks, **{f"app/{path}": each for path, each in after.items()}},
        **more,
    )


def two(name: str, first: Files, second: Files, before: list[Body], after: list[Body], **more: Any) -> SyncedChange:
    """Two sets of files, and Kustomizations of both."""
    return SyncedChange(before={"ks.yaml": before, **first}, after={"ks.yaml": after, **second}, **more)


def moving(name: str, *, source_needs: bool, target_needs: bool, **more: Any) -> SyncedChange:
    """A ConfigMap that another Kustomization gets."""
    needs_target: Body = {"dependsOn": [{"name": f"{name}-b"}]} if source_needs else {}
    needs_source: Body = {"dependsOn": [{"name": f"{name}-a"}]} if target_needs else {}
    ks = [kustomization(f"{name}-a", f"{name}/a", **needs_target), kustomization(f"{name}-b", f"{name}/b", **needs_source)]
    stays = {"a/it.yaml": config_map(f"{name}-stays-a"), "b/it.yaml": config_map(f"{name}-stays-b")}
    moved = config_map(f"{name}-moves")
    return two(name, {**stays, "a/moves.yaml": moved}, {**stays, "b/moves.yaml": moved}, ks, ks, **more)


def goes(name: str, **spec: Any) -> SyncedChange:
    """A Kustomization that is no longer in Git."""
    labels = NOT_INHERITING if spec else {}
    files = {"app/it.yaml": config_map(f"{name}-it"), "app/too.yaml": config_map(f"{name}-too")}
    stays = kustomization(f"{name}-stays", f"{name}/stays")
    rest = {"stays/it.yaml": config_map(f"{name}-stays")}
    ks = [kustomization(name, f"{name}/app", labels, **spec), stays]
    return two(name, {**files, **rest}, rest, ks, [stays])


def respelt(name: str, before: Body, after: Body, files: Files) -> SyncedChange:
    """Another spec of the Kustomization, with the same files."""
    path = f"{name}/app"
    return two(name, files, files, [kustomization(name, path, **before)], [kustomization(name, path, **after)])
