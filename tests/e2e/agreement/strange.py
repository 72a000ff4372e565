"""Values at the edge of what Kubernetes takes, or beyond it."""

from itertools import product
from typing import Any

INTEGERS: list[Any] = [
    *(0, 1, -1, 1.0, 1.5, -0.0, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**70),
    *(float(2**53 - 1), float(2**53), float(2**62), 1e20, 1e300),
]
VALUES: list[Any] = [
    *(
        None,
        "",
        " ",
        True,
        False,
        [],
        {},
        [None],
        [""],
        ["x"],
        [{}],
        {"name": "x"},
        {"": ""},
        {"a": None},
        "5m",
        "1h",
        "5 minutes",
        "300",
        "true",
    ),
    *("5m\n", "1d", "git@host:path", "https://x", "oci://x", "HTTP://x", "a" * 300, "a" * 1100, "é" * 64, "\n", "\u2028", "\x00"),
    *INTEGERS,
]
NAMES: list[Any] = [
    *("", "A", "a_b", "-a", "a-", "a..b", ".a", "a.b", "a" * 63, "a" * 64, "a" * 253, "a" * 254, "x y", "ä", "a\n", "1"),
    *(None, 1, True, [], {}),
]
KEYS = [
    *("", "a", "A/b", "a/B", "/a", "a/", "a/b/c", "a b", "-a", "a-", "a_b", "a" * 63, "a" * 64, "a/" + "b" * 64, "a." * 126 + "a/x"),
    *("a" * 254 + "/x", "ä", "_a", "a.b/c", "a..b/c", "App.kubernetes.io/name", "a\n"),
]
LABELS: list[Any] = ["", "a", "A_b.c-d", "-a", "a-", "a b", "a/b", "a" * 63, "a" * 64, "ä", None, 1, True, "1", [], {}, 1.5, "a\n"]
TIMES: list[Any] = [
    *(None, "", "now", 0, "2026-01-02T03:04:05Z", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02T03:04:05.123+02:00"),
    *("2026-01-02T3:04:05Z", "2026-02-30T03:04:05Z", "2026-13-02T03:04:05Z", "2026-01-02t03:04:05z", "2026-01-02T24:04:05Z"),
    *("2026-01-02T03:04:60Z", "0000-01-01T00:00:00Z", "2026-01-02T03:04:05+25:00", "2026-01-02T03:04:05,5Z"),
    *("2026-01-00T03:04:05Z", "2024-02-29T03:04:05Z", "2026-02-29T03:04:05Z", "0001-01-01T00:00:00Z"),
    *("2026-01-02T03:04:05+24:60", "2026-01-02T03:04:05+00:61", "0000-02-29T00:00:00Z"),
]
_MORE: list[dict[str, Any]] = [{}, {"controller": "x"}, {"foo": 1}]
OWNERS: list[Any] = [
    [{"apiVersion": version, "kind": kind, "name": name, "uid": "u"} | more]
    for version in ("v1", "a/v1", "/v1", "", "a/b/c", "a/", None, 1)
    for kind, name, more in product(["A", "", "Event"], ["a", None], _MORE)
]
TWO_CONTROLLERS = [{"apiVersion": "v1", "kind": "A", "name": name, "uid": "u", "controller": True} for name in ("a", "b")]
UNKNOWN: dict[str, list[Any]] = {name: ["x", None, {}, 1] for name in ("foo", "Name", "Labels", "clusterName", "", "initializers")}
METADATA: dict[str, list[Any]] = {
    "name": NAMES,
    "generateName": ["", "a-", "a", "A-", "-", "a.", "a--", "a" * 300, "a.-", "x_", None, 1, "--", "---a", "a" * 57 + "-"],
    "namespace": ["", "flux-system", "A", "a.b", "a_b", None, 1, [], "a" * 64],
    "labels": [*({key: "x"} for key in KEYS), *({"a": label} for label in LABELS), None, [], "x"],
    "annotations": [*({key: "x"} for key in KEYS), *({"a": label} for label in LABELS), None, [], {"a": "é" * 128 * 1024}],
    "finalizers": [[], ["a"], ["a/b"], ["a b"], [""], [None], [1], "a", None, ["orphan"], {}, ["orphan", "foregroundDeletion"]],
    "generation": ["1", None, *INTEGERS],
    "deletionGracePeriodSeconds": [0, -1, "1", 1.0, None],
    "creationTimestamp": TIMES,
    "deletionTimestamp": TIMES,
    "uid": ["", "x", None, 1],
    "selfLink": ["", "x", None, 1],
    "resourceVersion": ["", "0", "1", "007", "x", None, 1],
    "managedFields": [[], None, {}, "x", [1], [{}], [{"foo": 1}], [{"time": "x"}], [{"manager": 1}], [{"fieldsV1": 1}], [None]],
    "ownerReferences": [*OWNERS, TWO_CONTROLLERS, [], None, {}, [None], [{}], ["x"], [{"name": 1}]],
    **UNKNOWN,
}
"""Field of an object's metadata → what it may not always hold."""
WHOLE_METADATA: list[Any] = [None, {}, "x", [], {"generateName": "a-"}, {"name": ""}, {"name": None}, {"name": None, "generateName": "A-"}]
