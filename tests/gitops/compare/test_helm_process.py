"""Helm runs within bounds, and sees nothing of the caller's: with stand-ins for it, and without charts."""

import io
import os
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest

from devcluster.gitea.chart_package import tarball
from gitops.check.repository.documents import mapping
from gitops.compare.charts import chart_files, helm_process
from gitops.compare.charts.chart_files import ChartFiles, chart_in_tree, chart_of_archive
from gitops.compare.charts.chart_renderer import HelmRenderer, Release
from gitops.compare.charts.merged_values import values_of
from gitops.compare.charts.not_rendered import ChartNotRenderedError
from gitops.compare.charts.post_rendered import post_rendered
from gitops.compare.charts.pulled_charts import ChartPlace, place_of_artifact, server_of
from tests.gitops.check.test_kustomize_build import tree
from tests.gitops.compare.stand_in_helm import ENDLESS, FAILS, LEAVES_A_CHILD, LOOPS, TELLS, put_on_path

CHART = ChartFiles(files={"Chart.yaml": b"name: it\nversion: 1.0.0\n", "values.yaml": b"a: 1\n"})
RELEASE = Release(name="-it", namespace="media", values={"a": None}, kubernetes="1.36", kinds=("a.test/v1",))
HIDDEN = "-".join(("made", "up", "token", "7a6b5c"))


def why_not(renderer: HelmRenderer) -> str:
    with pytest.raises(ChartNotRenderedError) as caught:
        renderer.rendered(CHART, RELEASE)
    return caught.value.why.plain


def test_helm_sees_its_own_home_and_nothing_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_SECRET_TOKEN", HIDDEN)
    monkeypatch.setenv("HELM_PLUGINS", "/plugins")
    monkeypatch.setenv("KUBECONFIG", "/kubeconfig")
    put_on_path(tmp_path, TELLS, monkeypatch)
    (told,) = HelmRenderer().rendered(CHART, RELEASE)
    data = mapping(told, "data")
    home = data["env_HOME"]

    assert HIDDEN not in str(told)
    assert data["env_HTTPS_PROXY"] == data["env_http_proxy"] == "http://127.0.0.1:9", "a template reaches no network"
    assert data["env_KUBECONFIG"] == os.devnull
    assert data["env_PATH"] == home, "no program is found"
    assert all(value.startswith(home) for name, value in data.items() if name.startswith("env_HELM_"))
    folder = home.removesuffix("/home")
    assert data["arguments"] == (
        f"template --namespace=media --values={folder}/values.json --skip-tests --skip-schema-validation "
        f"--kube-version=1.36 --api-versions=a.test/v1 -- -it {folder}/chart"
    ), "a name is no option"
    assert not Path(folder).exists(), "nothing is left"


def test_what_helm_says_is_one_line_and_no_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_on_path(tmp_path, FAILS, monkeypatch)
    with pytest.raises(ChartNotRenderedError) as caught:
        HelmRenderer().rendered(CHART, RELEASE)
    assert caught.value.why.plain == "helm says template: it/a.yaml:1: \\x1b[31m<img src=x> @everyone"
    assert caught.value.why.markdown == "helm says `template: it/a.yaml:1: \\x1b[31m<img src=x> @everyone`"
    with pytest.raises(ChartNotRenderedError) as caught:
        HelmRenderer().pulled(ChartPlace(url="https://charts.test/stable", chart="it"))
    assert caught.value.why.plain == "it cannot be pulled from charts.test", "another server may have said the rest"


def test_without_helm_and_after_too_long_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert why_not(HelmRenderer()) == "helm is not on PATH"
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.setattr("gitops.compare.charts.chart_renderer.helm_program", lambda: "/bin/false")
    assert why_not(HelmRenderer(seconds=0)) == "the charts before it took more than 300 s"


@pytest.mark.thorough
def test_a_chart_that_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helm_process, "TEMPLATE_SECONDS", 2.0)
    for script in (ENDLESS, LOOPS, LEAVES_A_CHILD % (tmp_path / "child")):
        put_on_path(tmp_path, script, monkeypatch)
        started = time.monotonic()
        assert why_not(HelmRenderer()) == "helm took more than 2 s, or more memory or output than is allowed", script
        assert time.monotonic() - started < 10
    child = int((tmp_path / "child").read_text())
    until = time.monotonic() + 10
    while _runs(child):
        assert time.monotonic() < until, "what helm started is ended with it"
        time.sleep(0.05)


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_archive_that_leads_out_of_itself_is_refused_and_links_are_left_out() -> None:
    assert set(chart_of_archive(tarball({"it/Chart.yaml": b"name: it\n", "it/charts/sub/Chart.yaml": b"name: sub\n"})).files) == {
        "Chart.yaml",
        "charts/sub/Chart.yaml",
    }
    for name in ("it/../../etc/passwd", "/etc/passwd", "it/./a"):
        with pytest.raises(ChartNotRenderedError, match="it cannot be unpacked: it holds a file whose path leads out of it"):
            chart_of_archive(tarball({name: b"a"}))
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, link in (("it/Chart.yaml", ""), ("it/values.yaml", "/etc/passwd"), ("it/templates", "../..")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = (tarfile.SYMTYPE if link else tarfile.REGTYPE), link
            archive.addfile(member, io.BytesIO())
    assert set(chart_of_archive(written.getvalue()).files) == {"Chart.yaml"}
    with pytest.raises(ChartNotRenderedError, match="it cannot be unpacked: it is not compressed with gzip"):
        chart_of_archive(b"<html>")


def test_a_chart_in_a_repository_brings_the_charts_beside_it_and_its_values_files(tmp_path: Path) -> None:
    beside = "name: it\ndependencies: [{name: lib, repository: 'file://../lib'}, {name: out, repository: 'file://../../../out'}]\n"
    repository = tree(tmp_path, {"charts/it/Chart.yaml": beside, "charts/lib/Chart.yaml": "name: lib\n", "a.yaml": "x: {a: 1}\n"})
    chart = chart_in_tree(repository, "charts/it")
    assert set(chart.files) == {"Chart.yaml", "charts/lib/Chart.yaml"}
    files = {"a.yaml": b"x: {a: 1}\n", "b.yaml": b"x: {b: 2}\n"}
    assert chart.with_values(["./a.yaml", "b.yaml"], files, may_lack=False).files["values.yaml"] == b'{"x": {"a": 1, "b": 2}}'
    with pytest.raises(ChartNotRenderedError, match=r"its values file c\.yaml is missing"):
        chart.with_values(["c.yaml"], files, may_lack=False)
    assert chart.with_values(["c.yaml"], files, may_lack=True).files["values.yaml"] == b"{}"
    with pytest.raises(ChartNotRenderedError, match=r"charts/none has no Chart\.yaml"):
        chart_in_tree(repository, "charts/none")


def test_a_chart_in_a_repository_depends_on_few_charts_and_stays_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    many = {f"lib/{number}.txt": "x" for number in range(10)}

    def dependencies(count: int) -> str:
        return "".join(f"- {{name: lib{number}, repository: 'file://../lib'}}\n" for number in range(count))

    def taken(tree: Any, path: str) -> Any:
        copied.append(path)
        return below(tree, path)

    below = chart_files._below
    monkeypatch.setattr(chart_files, "_below", taken)
    monkeypatch.setattr(chart_files, "_MOST_FILES", 25)
    for count, why, most in ((51, "it depends on more than 50 charts", 1), (50, "it has more than 25 files or 32 MiB", 4)):
        copied.clear()
        repository = tree(tmp_path / str(count), {"it/Chart.yaml": f"name: it\ndependencies:\n{dependencies(count)}", **many})
        with pytest.raises(ChartNotRenderedError, match=why):
            chart_in_tree(repository, "it")
        assert len(copied) == most, "nothing more is copied"


def test_values_are_put_together_as_helm_controller_does() -> None:
    maps = {"a": {"values.yaml": "x: {one: 1, two: 1}\nlist: [1, 2]\n", "more": "x: {two: 2}\n", "port": "8080\n", "quoted": "'8080'"}}

    def of(*entries: Any, **values: Any) -> dict[str, Any]:
        return values_of({"valuesFrom": [{"kind": "ConfigMap", "name": "a", **each} for each in entries], "values": values}, maps.get)

    assert of({}, {"valuesKey": "more"}, list=[3], x={"one": None}) == {"x": {"one": None, "two": 2}, "list": [3]}
    assert of({"valuesKey": "port", "targetPath": "a.port"}) == {"a": {"port": 8080}}
    assert of({"valuesKey": "quoted", "targetPath": "a.port"}) == {"a": {"port": "8080"}}
    assert of({"name": "none", "optional": True}, {"valuesKey": "none", "optional": True}) == {}
    for entry, why in (
        ({"name": "none"}, "values.yaml of ConfigMap none, which has a part of its values, is in no file here"),
        ({"kind": "Secret", "optional": True}, "Secret a, which has a part of its values, is not read here"),
        ({"valuesKey": "port", "targetPath": "a[0]"}, "what targetPath a[0] means is not known here"),
    ):
        with pytest.raises(ChartNotRenderedError) as caught:
            of(entry)
        assert caught.value.why.plain == why


def test_only_urls_that_two_programs_read_alike_are_asked() -> None:
    assert server_of("https://charts.test/stable") == ("https", "charts.test", 443)
    assert server_of("oci://registry.test:5000/charts") == ("oci", "registry.test", 5000)
    odd = ("file:///etc", "https://u:p@charts.test", "https://a.test\\@b.test", "ftp://a.test", "https://a.test/?x", "-x", "https://[::1]/")
    assert [each for each in odd if server_of(each)] == []
    spec = {"url": "oci://registry.test/it", "ref": {"tag": "1.0.0", "digest": f"sha256:{'a' * 64}"}}
    assert place_of_artifact({"spec": spec}) == ChartPlace(url="oci://registry.test/it", reference=f"sha256:{'a' * 64}")
    with pytest.raises(ChartNotRenderedError):
        place_of_artifact({"spec": {"url": "oci://registry.test/it", "ref": {"tag": "--insecure"}}})


def test_patches_and_images_of_a_release_are_applied_and_no_file_is_read() -> None:
    objects = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it", "namespace": "media"}, "data": {"a": "b"}}]
    patch = {"patch": '[{"op": "replace", "path": "/data/a", "value": "c"}]', "target": {"kind": "ConfigMap"}, "path": "/etc/passwd"}
    (found,) = post_rendered(objects, [{"kustomize": {"patches": [patch]}}])
    assert found["data"] == {"a": "c"}
    for renderer in ({}, {"kustomize": {"patchesStrategicMerge": ["/etc/passwd"]}}):
        with pytest.raises(ChartNotRenderedError, match="its postRenderers have more than patches and images"):
            post_rendered(objects, [renderer])
