"""A cluster that runs Flux, taken over step by step as `gitops adopt` says it, and the figures of that."""

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from devcluster.embedded_cluster import Devcluster
from devcluster.program.shell_environment import of_any_stack
from flux.release.install import install_objects
from flux.release.install_options import InstallOptions
from live.ownership.wanted_objects import plural_of
from tests.e2e.lifecycle.as_kubectl import as_kubectl
from tests.e2e.lifecycle.charts import helm_install
from tests.e2e.lifecycle.objects import apply
from tests.e2e.running_stack import Finished, RunningStack, eventually, own_clone
from tests.manifests import VERSION, distribution, manifests_directory, put_manifests

Body = dict[str, Any]
REPOSITORY = "fleet"
STACK = "homelab"
SYNCED = "/api/v1/namespaces/default/configmaps"
GONE = "gone"
PODS = "/api/v1/namespaces/flux-system/pods"
STEP = re.compile(r"^\d+\. (?P<title>.*) \[(?P<state>[^\]]*)\]$")


@dataclass
class Adopting:
    """A cluster with somebody else's Flux, and a clone without a stack."""

    stack: RunningStack
    clone: Path
    made: dict[str, str] = field(default_factory=dict)
    """Path of each object that the other tool made → its uid."""

    @property
    def cluster(self) -> Devcluster:
        return self.stack.cluster

    @property
    def git_url(self) -> str:
        return f"{self.cluster.environment()['GITOPS_DEV_GITEA_SSH']}/{REPOSITORY}"

    def make(self, body: Body, manager: str = "flux", *, labels: Body | None = None, annotations: Body | None = None) -> None:
        """Server-side apply under the other tool's name."""
        metadata = {**body["metadata"]}
        for key, more in (("labels", labels), ("annotations", annotations)):
            if more:
                metadata[key] = {**metadata.get(key, {}), **more}
        path = collection_of(body)
        made = apply(self.cluster, path, {**body, "metadata": metadata}, manager)
        self.made[f"{path}/{metadata['name']}"] = made["metadata"]["uid"]

    def install(self, manager: str = "flux", options: InstallOptions | None = None, version: str = VERSION, **more: Body) -> list[Body]:
        """Flux's own objects, as the other tool makes them; they are served afterwards."""
        bodies = installation(options, version)
        for body in bodies:
            self.make(body, manager, **more)
        self._wait_until_flux_is_served()
        return bodies

    def _wait_until_flux_is_served(self) -> None:
        for plural in ("source.toolkit.fluxcd.io/v1/gitrepositories", "kustomize.toolkit.fluxcd.io/v1/kustomizations"):
            self.wait_until_served(plural)

    def installed_by_helm(self, folder: Path, release: str, options: InstallOptions, labels: Body) -> None:
        """The same by a chart. Helm makes the namespace itself."""
        bodies = [body for body in installation(options) if body["kind"] != "Namespace"]
        labelled = [
            {**body, "metadata": {**body["metadata"], "labels": {**body["metadata"].get("labels", {}), **labels}}} for body in bodies
        ]
        helm_install(self.cluster, folder, release, labelled)
        with self.cluster.kube as kube:
            for body in bodies:
                path = f"{collection_of(body)}/{body['metadata']['name']}"
                self.made[path] = (kube.get(path) or {})["metadata"]["uid"]
        self._wait_until_flux_is_served()

    def wait_until_served(self, plural: str) -> None:
        """`plural`: `source.toolkit.fluxcd.io/v1/gitrepositories`."""
        with self.cluster.kube as kube, kube.credentials.client() as client:
            eventually(lambda: client.get(f"/apis/{plural}").is_success, bool, f"{plural} are served")

    def deploy_key(self, name: str = "flux-system") -> None:
        samples = self.cluster.samples
        data = {"identity": samples.deploy_key.read_text(), "known_hosts": self.cluster.gitea.known_hosts_line}
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": named(name), "type": "Opaque", "stringData": data})

    def sync_apps(self, manager: str) -> None:
        """A source with a deploy key and a Kustomization on ./apps, made by `manager`."""
        self.deploy_key("fleet")
        self.make(source("fleet", self.git_url, "fleet"), manager)
        self.make(kustomization("apps", "./apps", "fleet"), manager)

    def wait_for(self, kind: str, *names: str) -> None:
        for name in names:
            eventually(lambda: ready(self.stack.get(kind, name)), bool, f"{kind}/{name} is ready")  # noqa: B023

    def gitops(self, *arguments: str, expect: int | None = None) -> Finished:
        return self.stack.run(sys.executable, "-m", "gitops", "adopt", STACK, *arguments, expect=expect, changes={}, clone=self.clone)

    def pulumi(self, *arguments: str, expect: int | None = 0) -> Finished:
        command = ("pulumi", *arguments, "--stack", STACK, "--non-interactive", "--color", "never")
        return self.stack.run(*command, expect=expect, changes={}, clone=self.clone)

    def uids(self) -> dict[str, str]:
        """Of what the other tool made, now."""
        with self.cluster.kube as kube:
            return {path: (kube.get(path) or {"metadata": {"uid": GONE}})["metadata"]["uid"] for path in self.made}

    def pods(self) -> dict[str, int]:
        """Uid of each pod of a controller → restarts."""
        with self.cluster.kube as kube:
            listed = kube.get(PODS) or {"items": []}
        return {
            item["metadata"]["uid"]: sum(each.get("restartCount", 0) for each in item.get("status", {}).get("containerStatuses", []))
            for item in listed["items"]
        }

    def templates(self) -> dict[str, Body]:
        """The pod template of each Deployment."""
        with self.cluster.kube as kube:
            listed = kube.get("/apis/apps/v1/namespaces/flux-system/deployments") or {"items": []}
        return {item["metadata"]["name"]: item["spec"]["template"] for item in listed["items"]}

    def carry_out(self, in_git: Callable[[str], None]) -> list[str]:
        """Do what is next until nothing is; the titles of the steps, in order."""
        titles: list[str] = []
        for _ in range(20):
            printed = self.gitops().printed
            step = next_step(printed)
            if step is None:
                return titles
            title, commands = step
            assert title not in titles, f"the step does not become done: {title}\n{printed}"
            titles.append(title)
            self._do(title, commands, in_git)
        raise AssertionError("it does not end")

    def _do(self, title: str, commands: list[str], in_git: Callable[[str], None]) -> None:
        if title.startswith("Set the stack's secrets"):
            self.gitops("--with-secrets")
        elif title.startswith("Take it out of Git"):
            in_git(title)
        else:
            for command in commands:
                if command.startswith(("kubectl ", "helm ")):
                    assert as_kubectl(self.cluster, command), f"it found nothing: {command}"
                elif command.startswith("gitops migrate "):
                    self.stack.run(sys.executable, "-m", *command.split(), expect=0, changes={}, clone=self.clone)
                elif command.startswith("pulumi up"):
                    self.pulumi("up", "--yes", "--skip-preview")
                elif command.startswith("# remove gitops:takeOver"):
                    file = self.clone / f"Pulumi.{STACK}.yaml"
                    lines = file.read_text().splitlines(keepends=True)
                    file.write_text("".join(line for line in lines if "gitops:takeOver" not in line))


@contextmanager
def adopting(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Adopting]:
    """An empty cluster with an empty Git server, and a clone with Flux's manifests and no stack."""
    folder = tmp_path_factory.mktemp(name)
    cluster = Devcluster(folder / "cluster", name)
    try:
        cluster.start(samples=False)
        clone = own_clone(folder / "clone")
        for file in (*clone.glob("Pulumi.*.yaml"), clone / "catalog.yaml"):
            file.unlink()
        put_manifests(clone / "manifests", manifests_directory().parent)
        environment = {**of_any_stack(cluster.home), "PULUMI_CONFIG_PASSPHRASE": "made for this test"}
        yield Adopting(RunningStack(cluster, environment, STACK), clone)
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def next_step(printed: str) -> tuple[str, list[str]] | None:
    """Title and lines of the step that is next."""
    title, commands = None, []
    for line in printed.splitlines():
        if found := STEP.match(line):
            if title:
                break
            title = found["title"] if found["state"].partition(":")[0] == "next" else None
        elif title and line.startswith("     "):
            commands.append(line.strip())
        elif title:
            break
    return (title, commands) if title else None


def installation(options: InstallOptions | None = None, version: str = VERSION) -> list[Body]:
    objects = install_objects(distribution(version), options or InstallOptions())
    return [*objects.definitions, *objects.controllers]


def source(name: str, url: str, credential: str = "flux-system") -> Body:
    spec = {"interval": "1m0s", "ref": {"branch": "main"}, "url": url, "secretRef": {"name": credential}}
    return {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": named(name), "spec": spec}


def kustomization(name: str, path: str, source_name: str = "flux-system", **spec: Any) -> Body:
    given = {"interval": "10m0s", "path": path, "prune": True, "sourceRef": {"kind": "GitRepository", "name": source_name}, **spec}
    return {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": named(name), "spec": given}


def workload(name: str, value: str = "1") -> Body:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}, "data": {"value": value}}


def named(name: str) -> Body:
    return {"name": name, "namespace": "flux-system"}


def as_yaml(*bodies: Body) -> bytes:
    return "---\n".join(json.dumps(body) + "\n" for body in bodies).encode()


def collection_of(body: Body) -> str:
    version, namespace = body["apiVersion"], body["metadata"].get("namespace")
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    return f"{root}/{f'namespaces/{namespace}/' if namespace else ''}{plural_of(body['kind'], [])}"


def ready(body: Body | None) -> bool:
    """Whether it says so of its newest generation."""
    status = (body or {}).get("status", {})
    return any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions", []))


def written(file: Path) -> Any:
    return yaml.safe_load(file.read_text())
