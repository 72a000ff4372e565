"""Whatever a stack file, a catalog or Pulumi.yaml can say has a line in a comparison: a change that looks harmless hides nothing.

The example of docs/examples has every key. Each is taken away or gets another value, and the comparison has to tell.
"""

import copy
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from gitops.compare.comparing import compared
from gitops.compare.found_changes import RevisionComparison, StackOutcome
from gitops.compare.stack_file_changes import BECOMES_OBJECTS
from gitops.rendered.stack_view import FACTS, StackView
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from tests.engine import REPOSITORY
from tests.gitops.compare.test_kinds_of_change import views
from tests.keys import certificate

EXAMPLES = REPOSITORY / "docs" / "examples"
GONE = object()
"""In place of a value: the key is taken away."""
PERSON = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEdlc3RrZXl0ZXN0a2V5dGVzdGtleXRlc3RrZXl0ZXN0"
PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5Mhpt2YLK88zfnPbgDrDZ8z8ETuV
/maWoZ0CSpB7FUtQKNKqp6yqP+n0T8oeZ1OxHxItLwY2MYd00dytT2nfUg==
-----END PUBLIC KEY-----
"""
ONE_VALUE = {
    "flux.verify.provider": "only cosign is valid",
    "age.keys.*.origin": "only supplied is valid",
    "credentials.*.type": "another type is another model",
    **dict.fromkeys(
        [f"flux.patches.*.target.{key}" for key in ("group", "version", "kind", "namespace", "annotationSelector")], "as the name"
    ),
    "credentials.*.server": "the URLs of the sources have to name the same registry",
    "hosts.*.knownHosts": "the stack file overrides it; the golden file host-keys-change shows it",
    "git.*.certificate": "Git reads certificates from its credential",
    "objects.*.object.apiVersion": "another version is another object",
    "objects.*.object.kind": "another kind is another object",
    "objects.*.object.metadata.namespace": "only flux-system is valid",
}
"""Keys that have no other value here, and why."""
SECTIONS = {"git": "argo-workflows", "helm": "jetstack", "oci": "platform", "kustomizations": "platform"}
STACK: dict[str, Any] = {
    "environment": "staging",
    "cluster.name": "another",
    "cluster.kubeconfig": "secret",
    "cluster.context": "another",
    "cluster.server": "https://192.168.1.66:6443",
    "cluster.caSha256": "b" * 64,
    "cluster.kubernetesVersion": "1.34",
    "flux.manifests": "ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:" + "1" * 64,
    "flux.verify.matchOIDCIdentity.*.issuer": "^https://issuer\\.test$",
    "flux.verify.matchOIDCIdentity.*.subject": "^https://github\\.com/somebody/.*$",
    "flux.allowDowngrade": True,
    "flux.components": [
        "source-controller",
        "kustomize-controller",
        "helm-controller",
        "notification-controller",
        "image-reflector-controller",
    ],
    "flux.logLevel": "debug",
    "flux.clusterDomain": "lab.test",
    "flux.networkPolicy": False,
    "flux.shards": ["shard1", "shard2"],
    "flux.controllers.*.annotations": {"a": "b"},
    "flux.controllers.*.priorityClassName": "another",
    "flux.patches.*.kind": "ServiceAccount",
    "flux.patches.*.name": "helm-controller",
    "flux.patches.*.target.name": "kustomize-controller",
    "flux.patches.*.target.labelSelector": "app.kubernetes.io/component=kustomize-controller",
    "flux.patches.*.patch": {"metadata": {"annotations": {"a": "b"}}},
    "age.recipients": [PERSON],
    "age.keys.*.recipient": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "credentials.*.generated": ["2026-05", "2026-11", "2026-12"],
    "credentials.*.active": "2026-05",
    "credentials.*.username": "somebody",
    "credentials.*.appId": "999",
    "credentials.*.installationId": "999",
    "credentials.*.installationOwner": "somebody",
    "credentials.*.address": "http://proxy.test:3128",
    "credentials.*.email": "somebody@project.iam.gserviceaccount.com",
    "credentials.*.audience": "https://elsewhere.test",
    "credentials.*.keys": {"cosign.pub": PUBLIC_KEY},
    "hosts.*.url": "ssh://git@github.com/somebody",
    "hosts.*.knownHosts": "github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEdlc3RrZXl0ZXN0a2V5dGVzdGtleXRlc3RrZXl0ZXN0",
    "variables": {"CLUSTER_NAME": "another", "CLUSTER_DOMAIN": "lab.daviestechlabs.io"},
    "externalKustomizations": ["gateway", "another"],
    "insecureHosts": {"s3.lab.daviestechlabs.io": "another reason"},
    "takeOver": ["flux", "kubectl"],
    "removeTakenOver": True,
    "acknowledge.*.finding": "another",
    "acknowledge.*.repository": "argo-workflows",
    "acknowledge.*.because": "another reason",
    "onDestroy": "removeWorkloads",
}
"""Key → another value; without one, the key is taken away."""
AS_A_WHOLE: dict[str, dict[str, Any]] = {
    "flux.resources.*.requests.ephemeral-storage": {"flux.resources.kustomize-controller.requests.ephemeral-storage": "5Gi"},
    "flux.verify.key": {"flux.verify": {"key": PUBLIC_KEY}},
    "hosts.*.ca": {"hosts.gitea": {"ca": certificate("another")}},
    "use": {"use": ["base"], "insecureHosts": {}, "acknowledge": []},
}
"""Key → what changes instead, so that the file stays valid."""
SECRETS_TOO = {"cluster.kubeconfig": {"kubeconfig": {"secure": "v1:shape-only"}}}
CATALOG: dict[str, Any] = {
    "git.*.from": "github/another",
    "git.*.url": "https://github.com/somebody/another.git",
    "git.*.credential": "mirror-deploy",
    "helm.*.spec": {"ref": {"semver": "0.4.x"}},
    "oci.*.url": "oci://ghcr.io/somebody/platform",
    "oci.*.spec": {"ref": {"tag": "another"}},
    "kustomizations.*.spec": {"sourceRef": {"kind": "OCIRepository", "name": "platform"}, "path": "./another"},
    "objects.*.object.metadata.name": "another",
    "objects.*.object.metadata.annotations": {"pulumi.com/deletionPropagationPolicy": "orphan"},
    "objects.*.object.spec": {
        "interval": "10m",
        "endpoint": "s3.lab.daviestechlabs.io",
        "bucketName": "another",
        "provider": "generic",
        "insecure": True,
        "secretRef": {"name": "models-key"},
    },
}
GROUP = ["nobody-uses-it"]
PLATFORM = {"credential": "ghcr", "spec": {"ref": {"tag": "latest"}}}
ELSEWHERE: dict[str, dict[str, Any]] = {
    "defaults": {"defaults.GitRepository.interval": "30m"},
    "hosts.*.url": {"hosts.gitea.url": "https://git.daviestechlabs.io/somebody"},
    "hosts.*.ca": {"hosts.gitea.ca": certificate("another")},
    **{f"{section}.*.labels": {f"{section}.{name}.labels": {"a": "b"}} for section, name in SECTIONS.items()},
    **{
        f"{section}.*.annotations": {f"{section}.{name}.annotations": {"pulumi.com/skipAwait": "true"}}
        for section, name in SECTIONS.items()
    },
    **{f"{section}.*.shard": {f"{section}.{name}.shard": "shard1"} for section, name in SECTIONS.items()},
    "git.*.groups": {"git.flink-analytics-jobs.groups": GROUP},
    "helm.*.groups": {"helm.stakater.groups": GROUP},
    "oci.*.groups": {"oci.platform.groups": GROUP, "kustomizations.platform.groups": GROUP},
    "kustomizations.*.groups": {"kustomizations.argo-workflows.groups": GROUP},
    "objects.*.groups": {"objects.1.groups": GROUP},
    "git.*.proxy": {"git.argo-workflows.proxy": "office-proxy"},
    "oci.*.proxy": {"oci.platform.proxy": "office-proxy"},
    "oci.*.certificate": {"oci.platform.certificate": "client-certificate"},
    "helm.*.from": {"helm.internal": {"from": "gitea/helm", "credential": "gitea-read"}},
    "helm.*.url": {"helm.internal.url": "https://git.daviestechlabs.io/somebody/helm"},
    "helm.*.kind": {"helm.stakater": {"url": "oci://ghcr.io/stakater/charts", "spec": {"ref": {"semver": "1.x"}}}},
    "oci.*.from": {"hosts.ghcr": {"url": "oci://ghcr.io/somebody"}, "oci.platform": {"from": "ghcr/platform", **PLATFORM}},
}
"""Key → what is added or replaced elsewhere."""


def models(annotation: Any) -> list[tuple[type[BaseModel], bool]]:
    """Those that an annotation names, and whether there may be several."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [(annotation, False)]
    many = typing.get_origin(annotation) in (dict, list)
    return [(model, many or inner) for each in typing.get_args(annotation) for model, inner in models(each)]


def leaves(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[str]:
    """`flux.controllers.*.env`: each key, those of credentials without their type."""
    for name, field in model.model_fields.items():
        here, found = (*path, field.alias or name), models(field.annotation)
        if not found:
            yield ".".join(here)
        for inner, many in found:
            yield from leaves(inner, (*here, "*") if many else here)


@cache
def keys_of(model: type[BaseModel]) -> list[str]:
    return list(dict.fromkeys(leaves(model)))


def test_each_key_of_a_stack_file_is_a_fact_or_becomes_an_object() -> None:
    shown = {tuple(key.split(".")[:2]) for key in keys_of(Stack)}
    by_objects = {("override",), ("variables",)}

    assert set(FACTS) | {key for (key,) in by_objects} == {key for key, *_ in shown}
    known = {path[:length] for path in shown for length in (1, 2)}
    assert known >= BECOMES_OBJECTS, "it names a key that no model has"


def occurrences(value: Any, pattern: list[str], path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths in a file that a key of a model has."""
    if not pattern:
        yield path
        return
    first, *rest = pattern
    parts = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for part in parts if first == "*" else [first] if isinstance(value, dict) and first in value else ():
        yield from occurrences(value[part], rest, (*path, part))


def edited(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    document = copy.deepcopy(document)
    holder = document
    for part in path[:-1]:
        if isinstance(holder.get(part) if isinstance(holder, dict) else None, str):
            holder[part] = {"url": holder[part]}  # of `helm`, the short form
        holder = holder[part]
    if value is GONE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return document


@cache
def example(name: str) -> Any:
    return yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))


def settings_of(document: Any) -> dict[str, Any]:
    return {key.removeprefix("gitops:"): value for key, value in document["config"].items()}


def view_of(folder: Path, config: dict[str, Any], catalog: Any) -> StackView:
    text = yaml.safe_dump({"config": {f"gitops:{key}" if ":" not in key else key: value for key, value in config.items()}})
    return views(folder, {"homelab": text}, yaml.safe_dump(catalog))["homelab"]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> StackView:
    view = view_of(tmp_path_factory.mktemp("before") / "clone", settings_of(example("Pulumi.example.yaml")), example("catalog.yaml"))
    assert not view.refusals, view.refusals
    return view


def told(before: StackView, after: StackView) -> RevisionComparison:
    return compared({"homelab": before}, {"homelab": after}, base="a", head="b")


def assert_told(before: StackView, after: StackView) -> None:
    found = told(before, after)
    assert not after.refusals, "\n".join(each.lines for each in after.refusals)
    assert [each.state for each in found.stacks] == [StackOutcome.CHANGED]
    assert found.changes or found.decisions


@pytest.mark.thorough
@pytest.mark.parametrize("key", [key for key in keys_of(Stack) if key not in ONE_VALUE])
def test_a_key_of_the_stack_file_that_changes_has_a_line(key: str, before: StackView, tmp_path: Path) -> None:
    settings = settings_of(example("Pulumi.example.yaml"))
    for whole, value in AS_A_WHOLE.get(key, {key: STACK.get(key, GONE)}).items():
        settings = edited(settings, next(occurrences(settings, whole.split(".")), tuple(whole.split("."))), value)
    assert_told(before, view_of(tmp_path / "clone", settings | SECRETS_TOO.get(key, {}), example("catalog.yaml")))


@pytest.mark.thorough
@pytest.mark.parametrize("key", [key for key in keys_of(Catalog) if key not in ONE_VALUE])
def test_a_key_of_the_catalog_that_changes_has_a_line(key: str, before: StackView, tmp_path: Path) -> None:
    catalog = example("catalog.yaml")
    for where, value in ELSEWHERE.get(key, {key: CATALOG.get(key, GONE)}).items():
        plain = tuple(int(part) if part.isdigit() else part for part in where.split("."))
        catalog = edited(catalog, next(occurrences(catalog, where.split(".")), plain), value)
    assert_told(before, view_of(tmp_path / "clone", settings_of(example("Pulumi.example.yaml")), catalog))
