"""`flux.controllers` as patches of the Deployments."""

from typing import Any

from flux.release.controller_settings import controller_patches

TAINT = {"key": "a", "operator": "Exists"}


def pods(**settings: Any) -> list[dict[str, Any]]:
    patches = controller_patches(settings, [TAINT], ["source-controller"])
    return [dict(each.patch)["spec"]["template"]["spec"] for each in patches]


def test_tolerations_come_in_addition_to_those_of_all() -> None:
    assert pods(**{"all": {"tolerations": [{"key": "b"}]}, "source-controller": {"tolerations": [{"key": "c"}]}}) == [
        {"tolerations": [TAINT, {"key": "b"}]},
        {"tolerations": [TAINT, {"key": "b"}, {"key": "c"}]},
    ]


def test_a_key_without_a_value_adds_and_removes_nothing() -> None:
    empty = dict.fromkeys(("env", "annotations", "affinity", "hostAliases", "nodeSelector", "tolerations", "priorityClassName"))

    assert pods(**{"all": {**empty}, "source-controller": {**empty, "tolerations": [{"key": "c"}]}, "helm-controller": empty}) == [
        {"tolerations": [TAINT, {"key": "c"}]},
    ]
