"""Resources of a controller go on top of its size, on top of what the release sets; a request above its limit is refused."""

from typing import Any

import pytest

from flux.quantities import amount_of
from flux.release.install import install_objects
from flux.release.install_options import InstallOptions
from flux.release.usable_options import usable_options
from tests.manifests import distribution
from tests.messages import assert_well_formed


def resources(controller: str, **options: Any) -> Any:
    objects = install_objects(distribution(), InstallOptions(**options)).controllers
    found = next(body for body in objects if (body["kind"], body["metadata"]["name"]) == ("Deployment", controller))
    return found["spec"]["template"]["spec"]["containers"][0]["resources"]


def test_what_is_given_is_set_and_the_rest_stays_as_the_release_has_it() -> None:
    before = resources("kustomize-controller")
    given = {"kustomize-controller": {"requests": {"memory": "256Mi"}, "limits": {"memory": "2Gi"}}}

    after = resources("kustomize-controller", resources=given)

    assert after["requests"] == {**before["requests"], "memory": "256Mi"}
    assert after["limits"] == {**before["limits"], "memory": "2Gi"}
    assert resources("source-controller", resources=given) == resources("source-controller")


def test_what_is_given_wins_over_the_size() -> None:
    given = {"source-controller": {"limits": {"memory": "8Gi"}}}

    assert resources("source-controller", size="large", resources=given)["limits"] == {"cpu": "3000m", "memory": "8Gi"}


def test_null_removes_a_limit() -> None:
    assert "cpu" not in resources("source-controller", size="large", resources={"source-controller": {"limits": {"cpu": None}}})["limits"]


@pytest.mark.parametrize(
    ("given", "path", "wrong", "fix"),
    [
        (
            {"requests": {"memory": "2Gi"}, "limits": {"memory": "1024Mi"}},
            ("requests", "memory"),
            "is 2Gi, more than the limit of 1024Mi",
            "Write at most 1024Mi, or raise limits.memory.",
        ),
        (
            {"requests": {"cpu": 4}},
            ("requests", "cpu"),
            "is 4, more than the limit of 1000m",
            "Write at most 1000m, or raise limits.cpu.",
        ),
        (
            {"limits": {"memory": "1Mi"}},
            ("limits", "memory"),
            "is 1Mi, less than the request of 64Mi, which the release sets",
            "Write at least 64Mi, or lower requests.memory, too.",
        ),
    ],
)
def test_a_request_above_its_limit_is_refused_at_what_was_written(given: Any, path: tuple[str, str], wrong: str, fix: str) -> None:
    _, (finding,) = usable_options(distribution(), InstallOptions(resources={"source-controller": given}))

    assert (finding.path, finding.message.wrong, finding.message.fix) == (("flux", "resources", "source-controller", *path), wrong, fix)
    assert_well_formed(finding.message)


def test_a_request_that_equals_its_limit_is_taken() -> None:
    given = {"source-controller": {"requests": {"memory": "1Gi"}, "limits": {"memory": "1024Mi"}}}

    assert usable_options(distribution(), InstallOptions(resources=given))[1] == []


def test_resources_of_what_is_not_installed_are_refused() -> None:
    _, (finding,) = usable_options(distribution(), InstallOptions(resources={"helm-controler": {}}))

    assert str(finding.message) == (
        "is not an installed controller. These resources would have no effect. Write helm-controller, or remove the resources."
    )


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("500m", 1),
        ("999Mi", "1Gi"),
        ("1G", "1Gi"),
        ("1e3", "1Ki"),
        (0.5, "600m"),
        ("1023", "1Ki"),
        ("1E", "1Ei"),
        ("9n", "1u"),
        ("9u", "1m"),
    ],
)
def test_quantities_are_compared_by_what_they_are(less: Any, more: Any) -> None:
    small, large = amount_of(less), amount_of(more)

    assert small is not None
    assert large is not None
    assert small < large


@pytest.mark.parametrize("text", ["", "half", "-1", "1GB", "512 Mi", "1mi", "0x10", "1e", "1\n", True, None, [], "inf", "1_000", "٣"])
def test_what_is_no_quantity_is_none(text: Any) -> None:
    assert amount_of(text) is None
