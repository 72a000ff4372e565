"""What is said where the API server refuses a change, which is neither a wrong address nor a missing right."""

import json
from pathlib import Path

import pytest

from flux.object_reference import ObjectReference
from live.access.target import find_target
from live.errors import LiveError
from live.ownership.compared_objects import DeclaredObjects
from live.ownership.wanted_objects import WantedObject
from tests.any_server import Answer, any_server
from tests.gitops.api_server import write_kubeconfig

VALUE = "a-value-of-a-secret"
NO_ADDRESS = "Check the server's address"


def refused(folder: Path, kind: str, plural: str, answer: Answer) -> str:
    """What is said when the server answers so to an apply."""
    wanted = WantedObject("v1", plural, ObjectReference(kind, "flux-system", "one"))
    with any_server(lambda _: answer) as server:
        cluster = DeclaredObjects(find_target(write_kubeconfig(folder / "config", f"http://{server.address}"), None))
        try:
            with pytest.raises(LiveError) as told:
                cluster.make(wanted, {"apiVersion": "v1", "kind": kind, "metadata": {"name": "one"}})
        finally:
            cluster.close()
    return str(told.value)


def invalid(message: str, *fields: object) -> Answer:
    causes = [{"reason": "FieldValueForbidden", "message": message, "field": each} for each in fields]
    body = {"kind": "Status", "reason": "Invalid", "message": message, "details": {"causes": causes}}
    return Answer(status=422, body=json.dumps(body).encode())


def test_what_the_server_says_of_an_object_that_it_refuses_is_shown(tmp_path: Path) -> None:
    said = refused(tmp_path, "ConfigMap", "configmaps", invalid("data: Forbidden: field is immutable when `immutable` is set", "data"))

    assert "refuses the change: data: Forbidden: field is immutable when `immutable` is set (422). The object is as it was." in said
    assert "delete it, and `pulumi up` makes it again" in said
    assert NO_ADDRESS not in said


def test_of_a_secret_only_the_fields_are_named(tmp_path: Path) -> None:
    said = refused(tmp_path, "Secret", "secrets", invalid(f"data: Invalid value: {VALUE}", "data", "type\x1b[2J", 7))

    assert "refuses the change: Secret/flux-system/one data, type\\x1b[2J; the reason is not shown, as it may quote values (422)." in said
    assert VALUE not in said
    assert NO_ADDRESS not in said


@pytest.mark.parametrize("status", [400, 409, 413])
def test_other_refusals_of_an_api_server_do_not_ask_for_a_new_object(tmp_path: Path, status: int) -> None:
    body = {"kind": "Status", "message": "admission webhook denied the request"}
    said = refused(tmp_path, "ConfigMap", "configmaps", Answer(status=status, body=json.dumps(body).encode()))

    assert said.endswith(
        f"refuses the change: admission webhook denied the request ({status}). The object is as it was. Correct what it names."
    )


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"kind": "Status", "details": {"causes": 7}}', b'{"details": []}'])
def test_an_answer_that_is_no_status_is_none_of_an_api_server(tmp_path: Path, body: bytes) -> None:
    said = refused(tmp_path, "ConfigMap", "configmaps", Answer(status=422, body=body))
    assert (NO_ADDRESS in said) == (b"Status" not in body)
