"""Which controllers reconcile an object, by its label."""

from typing import Any

import pytest

from tests.flux.rules.plans import Body, an, git, ks, release, said

KEY = "sharding.fluxcd.io/key"
TWO = frozenset({"shard1", "shard2"})


def of(shard: str, body: Body) -> Body:
    return {**body, "metadata": {**body["metadata"], "labels": {KEY: shard}}}


def charts(**spec: Any) -> Body:
    return an("HelmRepository", "charts", interval="1h", url="https://charts.test", **spec)


def chart_of(shard: str | None) -> Body:
    metadata = {"metadata": {"labels": {KEY: shard}}} if shard else {}
    chart = {**metadata, "spec": {"chart": "web", "version": "1.0.0", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}}
    return release(chart=chart)


def told(*bodies: Body, shards: frozenset[str] = TWO) -> list[str]:
    return [each for each in said(*bodies, shards=shards) if "shard" in each]


def test_an_object_of_a_shard_that_is_not_there_is_told_with_those_that_are() -> None:
    assert told(of("shard3", git()), of("shard1", ks())) == [
        f'GitRepository/flux-system/homelab metadata.labels.{KEY}: names "shard3", which is not a shard of this stack. '
        "No controller would reconcile the object. Write shard2 or shard1, or add shard3 to gitops:flux.shards."
    ]


@pytest.mark.parametrize(
    ("bodies", "shards"),
    [
        ([of("shard1", git()), of("shard2", ks())], TWO),
        ([git(), of("shard2", ks())], TWO),
        ([of("shard1", ks("first")), of("shard2", ks(dependsOn=[{"name": "first"}])), git()], TWO),
        ([of("another", git())], frozenset()),
        ([of("another", an("Alert", "alarm", eventSources=[]))], TWO),
        ([of("${SHARD}", git())], TWO),
    ],
    ids=["a source elsewhere", "a source in none", "a dependency elsewhere", "no shards", "not sharded", "a variable"],
)
def test_what_flux_reconciles_is_right(bodies: list[Body], shards: frozenset[str]) -> None:
    assert told(*bodies, shards=shards) == []


@pytest.mark.parametrize(
    ("bodies", "where"),
    [
        ([of("shard1", charts()), of("shard1", chart_of(None))], "spec.chart.metadata.labels: puts the HelmChart in no shard"),
        ([charts(), chart_of("shard1")], f'spec.chart.metadata.labels.{KEY}: puts the HelmChart in shard "shard1"'),
        (
            [of("shard1", git("part")), of("shard2", git(include=[{"repository": {"name": "part"}}]))],
            f'metadata.labels.{KEY}: puts the GitRepository in shard "shard2"',
        ),
    ],
    ids=["the chart", "the repository", "an included repository"],
)
def test_source_controller_finds_only_sources_of_its_own_shard(bodies: list[Body], where: str) -> None:
    (sentence,) = told(*bodies)
    assert where in sentence
    assert told(*bodies, shards=frozenset()) == []


def test_a_chart_in_the_shard_of_its_repository_is_right_whatever_the_release_has() -> None:
    assert told(of("shard1", charts()), of("shard2", chart_of("shard1"))) == []


def test_what_git_brings_is_judged_by_the_shards_of_the_stack() -> None:
    from_git = [of("shard3", git("tenant", namespace="apps")), of("shard1", ks("tenant", namespace="apps", source="tenant"))]

    (sentence,) = [each for each in said(git(), ks(), shards=TWO, from_git=from_git) if "shard" in each]

    assert sentence.startswith(f'GitRepository/apps/tenant metadata.labels.{KEY}: names "shard3"')
