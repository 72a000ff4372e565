"""Charts that helm itself pulls and renders, hostile ones included; they need no cluster."""

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from devcluster.gitea.chart_package import tarball
from devcluster.toolchain.build_tools import build_missing_tools, entry
from devcluster.toolchain.tool import load_tool
from gitops.compare.charts import helm_process
from gitops.compare.charts.chart_files import ChartFiles
from gitops.compare.charts.chart_renderer import HelmRenderer, Release
from gitops.compare.charts.not_rendered import ChartNotRenderedError
from tests.any_server import Answer, Request, any_server
from tests.gitops.compare.charts_at_hand import chart_repository
from tests.gitops.compare.effect_files import actions, app, printed, release
from tests.gitops.compare.synced_repository import NAME, InMemory, synced_clone
from tests.gitops.compare.test_rendered_releases import artifact, with_spec

TEMPLATE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}, labels: {helm.sh/chart: tiny-{{ .Chart.Version }}}}
spec: {replicas: {{ .Values.replicas }}}
{{ if .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: {{ .Release.Name }}, annotations: {upgrade: {{ .Release.IsUpgrade | quote }}}}
spec: {selector: {replicas: {{ .Values.replicas }}}}
{{ end }}
"""
RULE = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": {"name": "it", "namespace": "media"}, "spec": {}}
HOSTILE: Mapping[str, tuple[str, str]] = {
    "memory": (
        'a: {{ repeat 100000000 "0123456789012345678901234567890123456789012345678901234567890123" | upper }}',
        "more memory or output",
    ),
    "output": ('{{ range until 100000 }}\n---\na: {{ repeat 1000 "0123456789" }}\n{{ end }}', "more memory or output"),
    "loop": ("{{ range until 10000000 }}{{ range until 10000000 }}{{ end }}{{ end }}", "took more than"),
    "recursion": ('{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}', "helm says "),
    "file": ('a: {{ .Files.Get "../../../etc/passwd" | required "no file" }}', "no file"),
    "name": ("kind: ConfigMap\nmetadata: {name: }{{", "helm says "),
    "not yaml": ("a: [", "helm says "),
}


@pytest.fixture(scope="module")
def helm() -> Iterator[Path]:
    build_missing_tools(["helm"])
    folder = entry(load_tool("helm")) / "bin"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        yield folder


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> InMemory:
    return InMemory(tmp_path_factory.mktemp("stacks"))


def packaged(version: str, **files: str) -> bytes:
    chart = f"apiVersion: v2\nname: tiny\nversion: {version}\n"
    content = {"Chart.yaml": chart, "values.yaml": "replicas: 1\n", "templates/it.yaml": TEMPLATE, **files}
    return tarball({f"tiny/{path}": text.encode() for path, text in content.items()})


def repository(address: Callable[[], str]) -> Callable[[Request], Answer]:
    """Two versions, in a chart repository."""

    def answer(request: Request) -> Answer:
        version = request.path.removeprefix("/tiny-").removesuffix(".tgz")
        if request.path != "/index.yaml":
            return Answer(body=packaged(version))
        entries = [
            {"name": "tiny", "apiVersion": "v2", "version": each, "urls": [f"http://{address()}/tiny-{each}.tgz"]}
            for each in ("1.1.0", "1.0.0")
        ]
        return Answer(body=yaml.safe_dump({"apiVersion": "v1", "entries": {"tiny": entries}}).encode())

    return answer


def registry(request: Request) -> Answer:
    """The same versions in an OCI registry."""
    layers = {version: packaged(version) for version in ("1.0.0", "1.1.0")}
    config = b'{"name": "tiny", "version": "1.0.0", "apiVersion": "v2"}'

    def described(content: bytes, media: str) -> dict[str, object]:
        return {"mediaType": media, "digest": f"sha256:{hashlib.sha256(content).hexdigest()}", "size": len(content)}

    manifests = {
        version: json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": described(config, "application/vnd.cncf.helm.config.v1+json"),
                "layers": [described(layer, "application/vnd.cncf.helm.chart.content.v1.tar+gzip")],
            }
        ).encode()
        for version, layer in layers.items()
    }
    blobs = {f"sha256:{hashlib.sha256(each).hexdigest()}": each for each in (config, *layers.values(), *manifests.values())}
    name = request.path.rpartition("/")[2]
    content = manifests.get(name) or blobs.get(name)
    if content is None:
        return Answer(status=200 if request.path == "/v2/" else 404)
    media = "application/vnd.oci.image.manifest.v1+json" if content in manifests.values() else "application/octet-stream"
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return Answer(headers={"Content-Type": media, "Docker-Content-Digest": digest}, body=content)


def test_a_chart_of_a_repository_is_pulled_and_rendered_in_both_versions(helm: Path, memory: InMemory) -> None:
    with any_server() as server:
        server.answer = repository(lambda: server.address)
        charts, rule = chart_repository(f"http://{server.address}"), RULE
        before, after = (app(charts=charts, rule=rule, tiny=release(each, replicas=2)) for each in ("1.0.0", ">=1.1.0"))
        found = memory.compared(before, app(charts=charts, rule=rule, tiny=release("1.0.0", replicas=3)), HelmRenderer())
        assert actions(found) == {
            "HelmRelease media/tiny": "changed",
            "Deployment media/tiny": "changed",
            "ServiceMonitor media/tiny": "changed",
        }, printed(found)
        assert "Deployment media/tiny replicas 2 → 3" in " ".join(printed(found).split())
        found = memory.compared(before, after, HelmRenderer())
        assert "its objects stay the same" in printed(found), "a range of versions is resolved; the label is not told"
        assert "/tiny-1.1.0.tgz" in [each.path for each in server.requests]
        assert server.authorizations == []


def test_a_chart_of_a_registry_is_pulled_by_its_tag(helm: Path, memory: InMemory) -> None:
    with any_server(registry) as server:
        reference = with_spec(release(replicas=2), chartRef={"kind": "OCIRepository", "name": "it"})
        del reference["spec"]["chart"]
        old, new = (
            with_spec(artifact(tag, f"oci://{server.address}/charts/tiny"), insecure=True, layerSelector={"operation": "copy"})
            for tag in ("1.0.0", "1.1.0")
        )
        found = memory.compared(app(tiny=reference, it=old), app(tiny=reference, it=new), HelmRenderer())
        assert "HelmRelease media/tiny  its chart changes; its objects stay the same" in printed(found)
        missing = with_spec(artifact("2.0.0", f"oci://{server.address}/charts/tiny"), insecure=True)
        found = memory.compared(app(tiny=reference, it=old), app(tiny=reference, it=missing), HelmRenderer())
        assert "its chart is not rendered here: with this change, it cannot be pulled from " in printed(found)


def test_a_server_that_sends_no_end_is_left(helm: Path, memory: InMemory) -> None:
    with any_server(lambda _: Answer(body=lambda: b"# and so on\n" * 100_000)) as server:
        before = app(charts=chart_repository(f"http://{server.address}"))
        started = time.monotonic()
        found = memory.compared(
            before, {**before, **app(charts=chart_repository(f"http://{server.address}"), tiny=release())}, HelmRenderer()
        )
        assert re.search("its chart is not rendered here: (helm took more|it cannot be pulled from)", printed(found))
        assert time.monotonic() - started < 100


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_template_ends_within_bounds(helm: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helm_process, "TEMPLATE_SECONDS", 10.0)
    template, why = HOSTILE[name]
    chart = ChartFiles(files={"Chart.yaml": b"apiVersion: v2\nname: it\nversion: 1.0.0\n", "templates/it.yaml": template.encode()})
    started = time.monotonic()
    with pytest.raises(ChartNotRenderedError) as caught:
        HelmRenderer().rendered(chart, Release(name="it", namespace="media", values={}))
    assert why in caught.value.why.plain
    assert time.monotonic() - started < 60


def test_what_a_chart_makes_anew_each_time_is_no_change(helm: Path, memory: InMemory) -> None:
    password = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: it}\nstringData: {password: {{ randAlphaNum 20 }}, user: {{ .Values.user }}}\n"
    )
    chart = {"charts/own/Chart.yaml": "apiVersion: v2\nname: own\nversion: 1.0.0\n", "charts/own/templates/it.yaml": password}
    in_git = {"chart": "./charts/own", "sourceRef": {"kind": "GitRepository", "name": NAME, "namespace": "flux-system"}}
    before, after, unchanged = (
        app(own=with_spec({**release(user=user, more=more), "metadata": {"name": "own", "namespace": "media"}}, chart={"spec": in_git}))
        for user, more in (("me", 1), ("you", 1), ("me", 2))
    )
    found = memory.compared({**chart, **before}, after, HelmRenderer())
    (change,) = (each for each in found.changes if each.kind == "Secret")
    assert [each.path for each in change.diffs[0].fields] == ["stringData.user"]
    assert "its objects stay the same" in printed(memory.compared({**chart, **before}, unchanged, HelmRenderer()))


def test_a_schema_of_values_asks_nobody(helm: Path) -> None:
    with any_server() as server:
        schema = json.dumps({"$ref": f"http://{server.address}/schema.json", "allOf": [{"$ref": "file:///etc/passwd"}]})
        files = {"Chart.yaml": b"apiVersion: v2\nname: it\nversion: 1.0.0\n", "values.schema.json": schema.encode()}
        lookup = '{{ lookup "v1" "Secret" "a" "b" }}{{ getHostByName "localhost" }}'
        files["templates/it.yaml"] = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{a: '{lookup}'}}\n".encode()
        (found,) = HelmRenderer().rendered(ChartFiles(files=files), Release(name="it", namespace="media", values={}))
        assert found["data"] == {"a": "map[]"}
        assert server.requests == []


def test_the_command_renders_the_charts_of_a_clone(helm: Path, tmp_path: Path) -> None:
    with any_server() as server, synced_clone(tmp_path) as clone:
        server.answer = repository(lambda: server.address)
        charts = chart_repository(f"http://{server.address}")
        clone.commit(app(charts=charts, tiny=release("1.0.0", replicas=2)), "before")
        clone.commit(app(charts=charts, tiny=release("1.0.0", replicas=3)), "after")
        told = clone.json("before", "after")
    made = {each["helmRelease"]: each["text"] for each in told["changes"]}
    assert made == {
        None: "HelmRelease media/tiny: values.replicas 2 → 3",
        "media/tiny": "Deployment media/tiny: replicas 2 → 3",
    }


def test_many_values_are_given_to_helm_as_they_are(helm: Path) -> None:
    values = {f"key{index}": "x" * 1000 for index in range(5_000)}
    files = {"Chart.yaml": b"apiVersion: v2\nname: it\nversion: 1.0.0\n"}
    files["templates/it.yaml"] = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {count: {{ len .Values | quote }}}\n"
    (found,) = HelmRenderer().rendered(ChartFiles(files=files), Release(name="it", namespace="media", values=values))
    assert found["data"] == {"count": "5000"}
