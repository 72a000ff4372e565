"""Clusters as each tool leaves them, in memory: objects with the labels, annotations and field managers that it writes."""

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

from flux.release.install import install_objects
from flux.release.install_options import InstallOptions
from flux.release.install_patches import InstallPatch
from live.client.object_metadata import FieldEntry, LiveMetadata
from live.flux_objects.running_flux import LiveObject, LiveSecret, RunningFlux
from tests.keys import host_key, ssh_key
from tests.manifests import distribution

Body = dict[str, Any]
GIT = "ssh://git@git.test/you/fleet.git"
IDENTITY = ssh_key("the deploy key of a Flux that runs")
BOOTSTRAPPED = {"kustomize.toolkit.fluxcd.io/name": "flux-system", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}


def fields_of(value: Any) -> Body:
    """`fieldsV1` of what somebody applies: lists of named items are merged by name, others belong to one as a whole."""
    if isinstance(value, Mapping):
        return {f"f:{key}": fields_of(each) for key, each in value.items()}
    if isinstance(value, list) and value and all(isinstance(item, Mapping) and "name" in item for item in value):
        return {f"k:{json.dumps({'name': item['name']})}": {".": {}, **fields_of(item)} for item in value}
    return {}


def live(
    body: Body, manager: str = "flux", *, labels: Body | None = None, annotations: Body | None = None, status: Body | None = None
) -> LiveObject:
    body = deepcopy(body)
    metadata = body["metadata"]
    for key, more in (("labels", labels), ("annotations", annotations)):
        metadata[key] = {**metadata.get(key, {}), **(more or {})}
    applied = {key: value for key, value in body.items() if key not in ("apiVersion", "kind", "metadata")}
    fields = {**fields_of(applied), "f:metadata": {"f:labels": fields_of(metadata["labels"])}}
    entry = FieldEntry(manager=manager, operation="Apply", api_version=body["apiVersion"], fields_v1=fields)
    if isinstance(body.get("spec"), dict) and body["kind"] in ("GitRepository", "Kustomization"):
        body["spec"]["timeout"] = "60s"  # by the API server, unless somebody wrote it
    identity = {key: metadata[key] for key in ("name", "namespace", "labels", "annotations") if key in metadata}
    return LiveObject(
        api_version=body["apiVersion"],
        kind=body["kind"],
        metadata=LiveMetadata(**identity, managed_fields=[entry]),
        body={**body, **({"status": status} if status else {})},
    )


def source(name: str = "flux-system", **spec: Any) -> Body:
    given = {"interval": "1m0s", "ref": {"branch": "main"}, "url": GIT, "secretRef": {"name": "flux-system"}, **spec}
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": given,
    }


def kustomization(name: str = "flux-system", **spec: Any) -> Body:
    reference = {"kind": "GitRepository", "name": "flux-system"}
    given = {"interval": "10m0s", "path": "./clusters/homelab", "prune": True, "sourceRef": reference, **spec}
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": given,
    }


def secret(name: str, manager: str = "flux", **values: str) -> dict[str, LiveSecret]:
    entries = {key.replace("__", "."): value for key, value in values.items()}
    made = live({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "flux-system"}, "data": entries}, manager)
    return {name: LiveSecret(metadata=made.metadata, values=entries)}


def inventory(*objects: Body) -> Body:
    def identity(body: Body) -> str:
        group = body["apiVersion"].rpartition("/")[0]
        return f"{body['metadata'].get('namespace', '')}_{body['metadata']['name']}_{group}_{body['kind']}"

    return {"inventory": {"entries": [{"id": identity(each), "v": "v1"} for each in objects]}}


def installation(options: InstallOptions | None = None) -> list[Body]:
    objects = install_objects(distribution(), options or InstallOptions())
    return [*objects.definitions, *objects.controllers]


def running(
    installed: Sequence[LiveObject], objects: Sequence[LiveObject], secrets: Mapping[str, LiveSecret] | None = None, **more: Any
) -> RunningFlux:
    parts: dict[str, Any] = {"instances": (), "releases": (), "definitions": (), "kubernetes": "1.35", **more}
    return RunningFlux(installed=tuple(installed), objects=tuple(objects), secrets=secrets or {}, **parts)


def deploy_key() -> dict[str, LiveSecret]:
    return secret("flux-system", identity=IDENTITY, identity__pub="ssh-ed25519 AAAA", known_hosts=f"git.test {host_key()}")


def by_install() -> RunningFlux:
    return running([live(each) for each in installation()], [live(source()), live(kustomization())], deploy_key())


def by_bootstrap() -> RunningFlux:
    applied = installation()
    apps = kustomization("apps", path="./apps", dependsOn=[{"name": "infrastructure"}])
    root = kustomization()
    by: dict[str, Any] = {"manager": "kustomize-controller", "labels": BOOTSTRAPPED}
    objects = [live(source(), **by), live(root, **by, status=inventory(*applied, source(), root, apps)), live(apps, **by)]
    return running([live(each, **by) for each in applied], objects, deploy_key())


def by_terraform() -> RunningFlux:
    found = by_bootstrap()
    namespace = next(each for each in found.installed if each.kind == "Namespace")
    entries = [*namespace.metadata.managed_fields, FieldEntry(manager="Terraform", operation="Update", fields_v1={"f:spec": {}})]
    marked = replace(namespace, metadata=namespace.metadata.model_copy(update={"managed_fields": entries}))
    return replace(found, installed=tuple(marked if each is namespace else each for each in found.installed))


def by_cluster_template() -> RunningFlux:
    """The older cluster-template: Flux itself from an OCIRepository, with patches, by a Kustomization that `cluster` applies."""
    sized = ("kustomize-controller", "helm-controller", "source-controller")
    flags = {"concurrent": 8, "kube-api-qps": 500, "kube-api-burst": 1000, "requeue-dependency": "5s"}
    annotated = {"spec": {"template": {"metadata": {"annotations": {"a.test/b": "c"}}}}}
    options = InstallOptions(
        network_policy=False,
        flags=dict.fromkeys(sized, flags),
        resources={name: {"limits": {"cpu": "2000m", "memory": "2Gi"}} for name in sized},
        patches=[InstallPatch(target={"kind": "Deployment", "name": "helm-controller"}, patch=annotated)],
    )
    applied = installation(options)
    flux = {"kustomize.toolkit.fluxcd.io/name": "flux", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
    cluster = {**flux, "kustomize.toolkit.fluxcd.io/name": "cluster"}
    manifests = {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "OCIRepository",
        "metadata": {"name": "flux-manifests", "namespace": "flux-system"},
        "spec": {"interval": "10m", "url": "oci://ghcr.io/fluxcd/flux-manifests", "ref": {"tag": "v2.9.4"}},
    }
    repository = source("home-kubernetes", interval="30m")
    here = {"sourceRef": {"kind": "GitRepository", "name": "home-kubernetes"}}
    root = kustomization(
        "cluster", path="./kubernetes/flux", interval="30m", wait=False, **here,
        decryption={"provider": "sops", "secretRef": {"name": "sops-age"}},
        postBuild={"substituteFrom": [{"kind": "ConfigMap", "name": "cluster-settings"}, {"kind": "Secret", "name": "cluster-secrets"}]},
    )  # fmt: skip
    own = kustomization("flux", path="./", sourceRef={"kind": "OCIRepository", "name": "flux-manifests"})
    apps = kustomization("cluster-apps", path="./kubernetes/apps", **here)
    by: dict[str, Any] = {"manager": "kustomize-controller", "labels": cluster}
    objects = [
        live(repository, **by),
        live(manifests, **by),
        live(root, **by, status=inventory(repository, manifests, root, own, apps)),
        live(own, **by, status=inventory(*applied)),
        live(apps, **by),
    ]
    installed = [live(each, manager="kustomize-controller", labels=flux) for each in applied]
    age = secret("sops-age", "kubectl-create", age__agekey=age_identity(), homelab__asc="a private key block")
    return running(installed, objects, {**deploy_key(), **age})


def age_identity() -> str:
    from flux.keys.age_identity import identity_from_seed

    return identity_from_seed("an age key made for this test")


def instance(labels: Body | None = None, **annotations: str) -> LiveObject:
    body = {
        "apiVersion": "fluxcd.controlplane.io/v1",
        "kind": "FluxInstance",
        "metadata": {"name": "flux", "namespace": "flux-system"},
        "spec": {"distribution": {"version": "2.9.x"}},
    }
    return live(body, "helm", labels=labels, annotations={"meta.helm.sh/release-name": "flux-instance", **annotations})


def by_operator() -> RunningFlux:
    """The newer cluster-template: flux-operator and a FluxInstance, each a Helm release; its sync makes the source and the root."""
    by: dict[str, Any] = {
        "manager": "flux-operator",
        "labels": {"fluxcd.controlplane.io/name": "flux", "fluxcd.controlplane.io/namespace": "flux-system"},
    }
    apps = {"kustomize.toolkit.fluxcd.io/name": "flux-system", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
    objects = [live(source(), **by), live(kustomization(), **by), live(kustomization("cluster-apps"), "kustomize-controller", labels=apps)]
    installed = [live(each, **by) for each in installation(InstallOptions(flags={"helm-controller": {"feature-gates": ["OOMWatch=true"]}}))]
    return running(installed, objects, deploy_key(), instances=(instance(),), releases=("flux-instance", "flux-operator"))


def by_chart() -> RunningFlux:
    annotations = {"meta.helm.sh/release-name": "flux2", "meta.helm.sh/release-namespace": "flux-system"}
    by: dict[str, Any] = {
        "manager": "helm",
        "annotations": annotations,
        "labels": {"app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "flux2-2.17.0"},
    }
    patch = {"spec": {"template": {"metadata": {"labels": {"app.kubernetes.io/instance": "flux2"}}}}}
    options = InstallOptions(patches=[InstallPatch(target={"kind": "Deployment", "name": "source-controller"}, patch=patch)])
    objects = [live(source(), "kubectl-client-side-apply"), live(kustomization(), "kubectl-client-side-apply")]
    return running([live(each, **by) for each in installation(options)], objects, deploy_key(), releases=("flux2",))


PREPARED: dict[str, Callable[[], RunningFlux]] = {
    "install": by_install,
    "bootstrap": by_bootstrap,
    "terraform": by_terraform,
    "cluster-template": by_cluster_template,
    "flux-operator": by_operator,
    "chart": by_chart,
}
"""Origin → the cluster that it leaves."""
