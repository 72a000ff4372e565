import io
from datetime import UTC, datetime, timedelta
from textwrap import dedent
from typing import Any

import pytest
from rich.console import Console

from gitops.status.collect import rows_of
from gitops.status.table import age, print_table, summary
from tests.gitops.flux_objects import COMMIT, CONTROLLERS, condition, controller, flux_object, objects_only, ready

NOW = datetime(2026, 11, 23, 12, 5, tzinfo=UTC)
REASON = "dependency 'flux-system/cluster-vars' is not ready: kustomize build failed: open /tmp/kustomization/vars: no such file"


def objects() -> list[dict[str, Any]]:
    revision = f"main@sha1:{COMMIT}"
    return [
        flux_object("HelmRelease", "tiny", ready("Helm install succeeded"), status={"history": [{"chartVersion": "0.1.0"}]}),
        flux_object("Kustomization", "cluster-apps", condition("Ready", "False", "DependencyNotReady", REASON)),
        flux_object(
            "GitRepository",
            "homelab-k8s2",
            ready(f"stored artifact for revision '{revision}'"),
            status={"artifact": {"revision": revision, "lastUpdateTime": "2026-11-23T12:04:15Z"}},
        ),
        flux_object("HelmRepository", "charts", spec={"type": "oci"}),
    ]


def printed(bodies: list[dict[str, Any]], width: int, *, terminal: bool = True) -> str:
    stream = io.StringIO()
    print_table(objects_only(bodies), Console(file=stream, width=width, force_terminal=terminal, color_system=None), NOW)
    return stream.getvalue()


def test_a_wide_terminal_gets_a_table_in_groups() -> None:
    expected = """\
        KIND            NAME          REVISION            READY  AGE  MESSAGE

        GitRepository   homelab-k8s2  main@sha1:1a2b3c4d  yes    45s  stored artifact for revision 'main@sha1:1a2b3c4d'
        HelmRepository  charts        –                   –      1h   an OCI HelmRepository has no status; the HelmReleas…

        Kustomization   cluster-apps  –                   no     5m   dependency 'flux-system/cluster-vars' is not ready:
                                                                      kustomize build failed: open
                                                                      /tmp/kustomization/vars: no such file

        HelmRelease     tiny          0.1.0               yes    5m   Helm install succeeded

        2 of 3 ready; not ready: Kustomization/flux-system/cluster-apps; 1 without a status
    """  # noqa: RUF001
    assert printed(objects(), 114) == dedent(expected)


def test_more_than_one_namespace_gets_a_column() -> None:
    bodies = [flux_object("HelmRelease", "jellyfin", ready(), namespace="media"), flux_object("Kustomization", "apps", ready())]
    assert printed(bodies, 100) == dedent("""\
        KIND           NAMESPACE    NAME      REVISION  READY  AGE  MESSAGE

        Kustomization  flux-system  apps      –         yes    5m   fine

        HelmRelease    media        jellyfin  –         yes    5m   fine

        2 of 2 ready
    """)  # noqa: RUF001


def test_a_narrow_terminal_gets_a_list_and_whole_names() -> None:
    text = printed(objects(), 40)
    assert text == dedent("""\
        GitRepository/flux-system/homelab-k8s2
          yes  main@sha1:1a2b3c4d  45s
          stored artifact for revision 'main@sh…
        HelmRepository/flux-system/charts
          –  –  1h
          an OCI HelmRepository has no status;…
        Kustomization/flux-system/cluster-apps
          no  –  5m
          dependency 'flux-system/cluster-vars'
          is not ready: kustomize build failed:
          open /tmp/kustomization/vars: no such
          file
        HelmRelease/flux-system/tiny
          yes  0.1.0  5m
          Helm install succeeded

        2 of 3 ready; not ready: Kustomization/flux-system/cluster-apps; 1 without a status
    """)  # noqa: RUF001


@pytest.mark.parametrize("width", [10, 20, 40, 60, 80, 100, 140])
@pytest.mark.parametrize("terminal", [True, False])
def test_a_name_is_whole_at_any_width(width: int, terminal: bool) -> None:
    name = "a-name-that-is-longer-than-most-terminals-are-wide-when-they-are-split-in-two"
    assert name in printed([*objects(), flux_object("Kustomization", name, ready())], width, terminal=terminal)


def test_a_pipe_gets_one_line_for_each_object() -> None:
    lines = printed(objects(), 40, terminal=False).splitlines()
    assert [line for line in lines if line.startswith("Kustomization")] == [
        f"Kustomization   cluster-apps  –                   no     5m   {REASON}"  # noqa: RUF001
    ]
    assert not any(line != line.rstrip() for line in lines), "no blanks at the end of a line"


def test_brackets_of_a_message_are_text_not_markup() -> None:
    bodies = [
        flux_object("Kustomization", "x", condition("Ready", "False", "HealthCheckFailed", "timeout waiting for: [red]x[/red]\n[/oops]"))
    ]
    assert "timeout waiting for: [red]x[/red] [/oops]" in printed(bodies, 140)


def test_a_controller_that_gave_up_is_said_to_have() -> None:
    body = flux_object(
        "HelmRelease", "x", condition("Ready", "False", "InstallFailed", "broken"), condition("Stalled", "True", "RetriesExceeded")
    )
    assert "stalled: broken" in printed([body], 100)


LONG = f"kustomize build failed: {'accumulating resources: ' * 100}open /tmp/vars: no such file"


def test_on_a_terminal_a_message_without_end_keeps_its_end_where_the_reason_stands() -> None:
    text = " ".join(printed([flux_object("Kustomization", "x", condition("Ready", "False", "BuildFailed", LONG))], 100).split())
    assert len(text) < 1500
    assert "kustomize build failed: accumulating" in text
    assert "…" in text
    assert "open /tmp/vars: no such file" in text


def test_in_a_pipe_nothing_of_a_message_is_cut() -> None:
    text = printed([flux_object("Kustomization", "x", condition("Ready", "False", "BuildFailed", LONG))], 40, terminal=False)
    assert LONG in text
    assert printed([flux_object("Kustomization", "x", ready("fine " * 100))], 40, terminal=False).count("fine") == 100


def test_a_controller_says_what_it_did_last_or_that_it_is_idle() -> None:
    busy = flux_object("GitRepository", "a", ready(since="2026-11-23T12:04:48Z"))
    quiet = flux_object("Kustomization", "b", ready(since="2026-11-20T12:05:00Z"))
    rows = rows_of([busy, quiet], [*map(controller, CONTROLLERS)], now=NOW)
    stream = io.StringIO()
    print_table(rows, Console(file=stream, width=160, force_terminal=True, color_system=None), NOW)
    lines = {line.split()[1]: line for line in stream.getvalue().splitlines() if line.startswith("Deployment")}
    assert lines["source-controller"].endswith("v1.2.3    yes    5m   running; last seen to reconcile 12s ago")
    assert lines["kustomize-controller"].endswith("running; idle: its objects show nothing new for 3d")
    assert lines["helm-controller"].endswith("running; idle: no object of its kinds shows a reconciliation")
    assert summary(rows) == "6 of 6 ready"
    assert summary(rows_of([], [controller("source-controller")])) == "no Flux object found; 1 of 1 ready"


def test_the_summary_counts_what_can_be_ready_and_names_the_rest() -> None:
    bodies = [
        flux_object("GitRepository", "a", ready()),
        flux_object("GitRepository", "b", spec={"suspend": True}),
        flux_object("GitRepository", "c"),
        flux_object("Alert", "d"),
    ]
    expected = "1 of 2 ready; unknown: GitRepository/flux-system/c; suspended: GitRepository/flux-system/b; 1 without a status"
    assert summary(objects_only(bodies)) == expected
    assert summary([]) == "no Flux object found"


def test_a_long_list_of_failures_is_not_spelled_out() -> None:
    bodies = [flux_object("GitRepository", f"r{number}", condition("Ready", "False", "Failed")) for number in range(9)]
    assert summary(objects_only(bodies)).endswith("GitRepository/flux-system/r5 and 3 more")


@pytest.mark.parametrize(
    ("passed", "shown"),
    [(0, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (86399, "23h"), (86400, "1d"), (-30, "0s")],
)
def test_an_age_is_given_in_the_largest_unit_that_fits(passed: int, shown: str) -> None:
    assert age(NOW - timedelta(seconds=passed), NOW) == shown
