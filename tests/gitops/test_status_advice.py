"""What `gitops status` advises after a wait in vain: what Flux reports as failed has a page, and all else may need more time."""

import pytest

from gitops.status.remedies import after_a_wait, what_to_do
from tests.gitops.flux_objects import condition, flux_object, objects_only


@pytest.mark.parametrize(
    ("bodies", "pages"),
    [
        ([("Kustomization", "BuildFailed")], ["a-kustomization-is-not-ready"]),
        ([("Kustomization", "ReconciliationFailed")], ["a-kustomization-is-not-ready"]),
        ([("GitRepository", "GitOperationFailed")], ["a-source-is-not-ready"]),
        (
            [("Kustomization", "ArtifactFailed"), ("GitRepository", "AuthenticationFailed")],
            ["a-source-is-not-ready", "a-kustomization-is-not-ready"],
        ),
        ([("Kustomization", "DependencyNotReady")], []),
    ],
)
def test_what_flux_reports_as_failed_is_not_waited_for_but_read_about(bodies: list[tuple[str, str]], pages: list[str]) -> None:
    rows = objects_only([flux_object(kind, "x", condition("Ready", "False", reason, "no such path")) for kind, reason in bodies])
    told = what_to_do(rows)
    assert ("Wait longer with --wait" in told) is not bool(pages)
    assert [word for word in told.split() if word.startswith("docs/runbooks/")] == [f"docs/runbooks/{page}.md" for page in pages]


def test_a_row_that_only_waits_is_worth_a_longer_wait() -> None:
    assert "Wait longer with --wait" in what_to_do(objects_only([flux_object("Kustomization", "x")]))


def test_what_is_not_ready_is_named_with_how_long_was_waited_and_what_only_waits_comes_last() -> None:
    rows = objects_only(
        [
            flux_object("Kustomization", "after", condition("Ready", "False", "DependencyNotReady", "waits")),
            *(flux_object("Kustomization", name, condition("Ready", "False", "BuildFailed", "no such path")) for name in "bcd"),
            flux_object("GitRepository", "fine", condition("Ready", "True", "Succeeded", "stored")),
        ]
    )
    told = after_a_wait(rows, 300)
    b, c, d = (f"Kustomization/flux-system/{name}" for name in "bcd")
    assert told.wrong == f"After 300 s, {b}, {c}, {d} and 1 more are not ready"
    assert told.consequence == "The cluster may not have what they should bring."
