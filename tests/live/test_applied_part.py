"""What somebody applied of an object, told by managedFields."""

from typing import Any

from live.client.object_metadata import FieldEntry
from live.ownership.applied_part import applied_part


def entry(manager: str, fields: dict[str, Any], **more: Any) -> FieldEntry:
    return FieldEntry(manager=manager, operation="Apply", api_version="v1", fields_v1=fields, **more)


BODY: dict[str, Any] = {
    "spec": {
        "interval": "1m",
        "timeout": "60s",
        "containers": [
            {"name": "manager", "args": ["--a", "--b"], "terminationMessagePath": "/dev/termination-log"},
            {"name": "injected", "image": "sidecar"},
        ],
        "finalizers": ["one", "two"],
        "ports": [{"port": 80, "protocol": "TCP", "name": "http"}],
    },
    "status": {"ready": True},
}


def test_what_the_server_and_controllers_filled_in_is_left_out() -> None:
    applier = entry(
        "flux",
        {
            "f:spec": {
                "f:interval": {},
                "f:containers": {'k:{"name":"manager"}': {".": {}, "f:name": {}, "f:args": {}}},
                "f:finalizers": {'v:"two"': {}},
                "f:ports": {'k:{"port":80,"protocol":"TCP"}': {"f:name": {}, "f:port": {}}},
            }
        },
    )
    others = [
        entry("gotk-source-controller", {"f:spec": {"f:timeout": {}}}),
        entry("x", {"f:status": {"f:ready": {}}}, subresource="status"),
    ]

    assert applied_part(BODY, [applier, *others]) == {
        "spec": {
            "interval": "1m",
            "containers": [{"name": "manager", "args": ["--a", "--b"]}],
            "finalizers": ["two"],
            "ports": [{"port": 80, "name": "http"}],
        }
    }


def test_several_appliers_own_what_each_of_them_owns() -> None:
    found = applied_part(BODY, [entry("flux", {"f:spec": {"f:interval": {}}}), entry("helm", {"f:spec": {"f:timeout": {}}})])

    assert found == {"spec": {"interval": "1m", "timeout": "60s"}}
    assert applied_part(BODY, []) == {}


def test_a_key_that_is_no_json_matches_nothing() -> None:
    assert applied_part({"spec": [1]}, [entry("flux", {"f:spec": {"k:{": {}, "v:[": {}}})]) == {"spec": []}
