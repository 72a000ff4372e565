"""Releases and sources that are suspended, or resumed: what Flux makes of a change then."""

from gitops.compare.charts.pulled_charts import ChartPlace
from tests.gitops.compare.charts_at_hand import ChartsAtHand, chart_repository
from tests.gitops.compare.effect_files import actions, app, printed, release
from tests.gitops.compare.synced_repository import InMemory
from tests.gitops.compare.test_rendered_releases import WITH_CHARTS, artifact, with_spec


def test_a_release_that_is_resumed_is_not_said_to_stay_as_it_is(memory: InMemory) -> None:
    suspended, resumed = with_spec(release("8.0.0"), suspend=True), release("9.0.0")
    found = memory.compared(app(**WITH_CHARTS, tiny=suspended), app(**WITH_CHARTS, tiny=resumed), ChartsAtHand())
    assert "its chart is not rendered here: it is resumed, and what it had applied before is not known" in printed(found)
    assert set(actions(found)) == {"HelmRelease media/tiny"}
    found = memory.compared(app(**WITH_CHARTS, tiny=resumed), app(**WITH_CHARTS, tiny=suspended), ChartsAtHand())
    assert "with this change, it is suspended, so its release stays as it is" in printed(found)
    out = printed(memory.compared(app(**WITH_CHARTS, tiny=suspended), app(**WITH_CHARTS, tiny=None), ChartsAtHand()))
    assert "HelmRelease media/tiny  is deleted; its chart is not rendered here: it is suspended, so its release stays as it is" in out
    assert "uninstalled" not in out


def test_a_source_that_is_suspended_keeps_what_it_had(memory: InMemory) -> None:
    reference = with_spec(release(), chartRef={"kind": "OCIRepository", "name": "it"})
    del reference["spec"]["chart"]
    old, new = artifact("1.0.0"), artifact("1.1.0")
    stopped = with_spec(new, suspend=True)
    found = memory.compared(app(tiny=reference, it=old), app(tiny=reference, it=stopped), charts := ChartsAtHand())
    assert actions(found) == {"OCIRepository media/it": "changed"}
    assert not charts.asked
    found = memory.compared(app(tiny=reference, it=stopped), app(tiny=reference, it=new), ChartsAtHand())
    assert "OCIRepository it, which has it, is resumed, and what Flux had fetched is not known" in printed(found)
    found = memory.compared(app(), app(tiny=reference, it=stopped), ChartsAtHand())
    assert "OCIRepository it, which has it, is suspended, and Flux has fetched nothing from it" in printed(found)

    moved = {"charts": with_spec(chart_repository("https://charts.test/another"), suspend=True)}
    memory.compared(app(**WITH_CHARTS, tiny=release("8.0.0")), app(**moved, tiny=release("9.0.0")), charts := ChartsAtHand())
    assert charts.asked == [ChartPlace(url="https://charts.test/stable", chart="tiny", version=each) for each in ("8.0.0", "9.0.0")]
    by_oci = [chart_repository(f"oci://charts.test/{path}") for path in ("a", "b")]
    before, after = ({"charts": by_oci[0]}, {"charts": with_spec(by_oci[1], suspend=True)})
    found = memory.compared(app(**before, tiny=release()), app(**after, tiny=release()), ChartsAtHand())
    assert "with this change, it would come from oci://charts.test/b/tiny" in printed(found)
