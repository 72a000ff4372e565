"""What comes over what a chart makes: common metadata, and signs in place of secrets of a chart in Git."""

import json
from typing import Any

import pytest

from gitops.compare.effect import rendered_releases
from gitops.compare.json_document import document
from gitops.compare.markdown import markdown
from tests.gitops.compare.charts_at_hand import ChartsAtHand
from tests.gitops.compare.effect_files import actions, app, printed, release
from tests.gitops.compare.synced_repository import NAME, InMemory
from tests.gitops.compare.test_rendered_releases import WITH_CHARTS, with_spec

SECRET = "-".join(("made", "up", "for", "this", "test", "9d8c7b"))


def test_common_metadata_is_put_on_every_object_but_the_definitions_of_a_chart(memory: InMemory) -> None:
    before, after = (
        app(**WITH_CHARTS, tiny=with_spec(release("8.0.0"), upgrade={"crds": "CreateReplace"}, commonMetadata={"labels": {"team": each}}))
        for each in ("a", "b")
    )
    found = memory.compared(before, after, ChartsAtHand())
    assert "Deployment media/tiny" in actions(found)
    assert "CustomResourceDefinition films.test" not in actions(found)
    assert "metadata.labels.team a → b" in printed(found)


def test_a_secret_in_the_values_of_a_chart_in_git_is_shown_nowhere(memory: InMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    class TakesChartValues(ChartsAtHand):
        def rendered(self, chart: Any, release: Any) -> Any:
            data = {"it": f"password is {chart.values['password']}"}
            return [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it"}, "data": data}]

    in_git = {"chart": "./charts/own", "sourceRef": {"kind": "GitRepository", "name": NAME, "namespace": "flux-system"}}
    spec = {**in_git, "reconcileStrategy": "Revision", "valuesFiles": ["secret.yaml"]}
    own = app(own=with_spec(release(), chart={"spec": spec}))
    before = {"charts/own/Chart.yaml": "name: own\nversion: 1.0.0\n", "secret.yaml": f"password: {SECRET}\n", **own}
    after = {"secret.yaml": f"password: {SECRET.replace('made', 'done')}\n", "charts/own/a.txt": "a"}
    found = memory.compared(before, after, TakesChartValues())
    assert actions(found)["ConfigMap media/it"] == "changed"
    assert "9d8c7b" not in json.dumps(document(found, 0)) + printed(found) + markdown(found)

    monkeypatch.setattr(rendered_releases, "ALL_SECONDS", -1.0)
    patched = app(own=with_spec(release(), chart={"spec": spec}, postRenderers=[{"kustomize": {"patches": []}}]))
    out = printed(memory.compared({**before, **patched}, after, TakesChartValues()))
    assert "the postRenderers before it took more than" in out
