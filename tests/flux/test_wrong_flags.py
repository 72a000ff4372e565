"""A flag that a controller does not know, or whose value pflag cannot read, is found before the controller crashes on it."""

import re
from typing import Any

import pytest

from flux.minor_version import minor_of
from flux.release.distribution import component_of
from flux.release.install import install_objects
from flux.release.install_options import InstallOptions
from flux.release.known_flags import NEWEST, OLDEST, flags_of, gates_of, since
from flux.release.tested import TESTED_VERSIONS
from flux.release.wrong_flags import names_in, unjudged, wrong_flag, wrong_values
from tests.manifests import distribution
from tests.messages import assert_well_formed

CONTROLLERS = sorted({name for body in distribution().objects if (name := component_of(body))})


@pytest.mark.parametrize("version", TESTED_VERSIONS)
def test_every_flag_of_a_tested_release_is_known_for_its_minor(version: str) -> None:
    minor = minor_of(version)
    for size in (None, "large"):
        options = InstallOptions(components=CONTROLLERS, size=size)
        for body in install_objects(distribution(version), options).controllers:
            if body["kind"] == "Deployment":
                controller, container = body["metadata"]["name"], body["spec"]["template"]["spec"]["containers"][0]
                names = names_in(container["args"])
                assert names, controller
                assert [wrong_flag(controller, name, minor) for name in names] == [None] * len(names)
                for argument in container["args"]:
                    name, _, value = argument.removeprefix("--").partition("=")
                    assert not value or list(wrong_values(controller, name, value, minor)) == []


def test_the_table_covers_every_tested_release_and_every_controller() -> None:
    assert {minor_of(version) for version in TESTED_VERSIONS} == {(2, minor) for minor in range(OLDEST[1], NEWEST[1] + 1)}
    assert all(flags_of(controller) and gates_of(controller) for controller in CONTROLLERS)


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("concurent", "Write concurrent."),
        ("--concurrent", "Write concurrent."),
        ("requeueDependency", "Write requeue-dependency."),
        ("sops-age-secret", "Move it to kustomize-controller, or remove it."),
        ("rate-limit-interval", "Move it to notification-controller, or remove it."),
        ("zzz", "Remove it, or write a flag that `source-controller --help` lists."),
    ],
)
def test_a_misspelt_flag_is_told_with_the_one_that_was_meant(name: str, fix: str) -> None:
    message = wrong_flag("source-controller", name, NEWEST)

    assert message is not None
    assert (message.wrong, message.fix) == ("is not a flag of source-controller in Flux 2.9", fix)
    assert_well_formed(message)


def test_a_flag_that_came_later_is_told_with_the_flux_that_has_it() -> None:
    message = wrong_flag("helm-controller", "http-timeout", (2, 7))

    assert str(message) == (
        "is a flag that helm-controller has only from Flux 2.8 on. "
        "The controller would crash at every start. Remove it, or install Flux 2.8 or newer."
    )
    assert wrong_flag("helm-controller", "http-timeout", since("helm-controller", "http-timeout")) is None


@pytest.mark.parametrize("minor", [(2, 6), (2, 10), None])
def test_of_a_release_that_is_not_listed_nothing_is_refused_and_what_no_other_has_is_named(minor: tuple[int, int] | None) -> None:
    flags = {"source-controller": {"concurrent": "ten", "new-flag": 1}}

    assert wrong_flag("source-controller", "new-flag", minor) is None
    assert list(wrong_values("source-controller", "concurrent", "ten", minor)) == []
    assert unjudged(flags, minor) == ["--new-flag of source-controller"]
    assert unjudged(flags, NEWEST) == []


WRONG: list[tuple[str, str, Any, str]] = [
    ("whole number", "concurrent", "ten", "is not a whole number"),
    ("whole number that is empty", "concurrent", "", "is not a whole number"),
    ("whole number that is a switch", "concurrent", True, "is not a whole number"),
    ("whole number with a fraction", "concurrent", "4.0", "is not a whole number"),
    ("number", "kube-api-qps", "many", "is not a number"),
    ("small number", "interval-jitter-percentage", 256, "is not a whole number from 0 to 255"),
    ("small number below zero", "interval-jitter-percentage", -1, "is not a whole number from 0 to 255"),
    ("duration", "requeue-dependency", 5, "is not a duration with its unit"),
    ("duration in days", "requeue-dependency", "1d", "is not a duration with its unit"),
    ("switch", "watch-all-namespaces", "yes", "is not true or false"),
    ("gates", "feature-gates", "DirectSourceFetch", "is not a list of gates"),
    ("gate of no value", "feature-gates", "DirectSourceFetch=on", "is not a list of gates"),
    ("gate", "feature-gates", "A=true", "has the feature gate A, which kustomize-controller does not have"),
]


@pytest.mark.parametrize(("name", "value", "wrong"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_value_that_the_controller_could_not_read_is_found(name: str, value: Any, wrong: str) -> None:
    ((index, message),) = wrong_values("kustomize-controller", name, value, NEWEST)

    assert (index, message.wrong) == (None, wrong)
    assert_well_formed(message)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("concurrent", 4),
        ("concurrent", "0x10"),
        ("kube-api-qps", "1e2"),
        ("interval-jitter-percentage", 0),
        ("requeue-dependency", "1h30m5.5s"),
        ("requeue-dependency", 0),
        ("watch-all-namespaces", False),
        ("watch-all-namespaces", "T"),
        ("feature-gates", ["DirectSourceFetch=true", "GroupChangeLog=false,DisableConfigWatchers=1"]),
        ("feature-gates", ""),
        ("override-manager", ["a", "b"]),
        ("sops-age-secret", 5),
        ("concurrent", "$(CONCURRENT)"),
        ("concurrent", None),
        ("no-such-flag", "x"),
    ],
)
def test_a_value_that_the_controller_reads_is_taken(name: str, value: Any) -> None:
    assert list(wrong_values("kustomize-controller", name, value, NEWEST)) == []


def test_of_a_list_the_item_is_told() -> None:
    ((index, message),) = wrong_values("kustomize-controller", "feature-gates", ["GroupChangeLog=true", "GrupChangeLog=true"], NEWEST)

    assert (index, message.fix) == (1, "Write GroupChangeLog.")


def test_a_flag_or_a_gate_of_another_controller_is_moved_though_one_here_is_like_it() -> None:
    message = wrong_flag("helm-controller", "helm-cache-max-size", NEWEST)
    ((_, gate),) = wrong_values("source-controller", "feature-gates", "GitForcePushBranch=true", NEWEST)

    assert message is not None
    assert message.fix == "Move it to source-controller, or remove it."
    assert gate.fix == "Move it to image-automation-controller, or remove it."


def test_a_gate_that_could_be_a_secret_is_not_repeated() -> None:
    ((_, message),) = wrong_values("helm-controller", "feature-gates", "ghp_" + "a1B2" * 9 + "=true", NEWEST)

    assert message.wrong == "has a feature gate that helm-controller does not have"


def test_a_gate_that_came_later_is_told_with_the_flux_that_has_it() -> None:
    ((_, message),) = wrong_values("helm-controller", "feature-gates", "UseHelm3Defaults=true", (2, 7))

    assert message.wrong == "has UseHelm3Defaults, which is a feature gate that helm-controller has only from Flux 2.8 on"


def test_names_are_found_in_arguments_of_any_shape() -> None:
    assert names_in(["--a=1", "--b", "--", "-c", "d", 5, None]) == ["a", "b"]


def test_every_name_of_the_table_is_one_that_pflag_could_have() -> None:
    names = {name for controller in CONTROLLERS for name in flags_of(controller)}

    assert all(re.fullmatch(r"[a-z][A-Za-z0-9-]+", name) for name in names)
