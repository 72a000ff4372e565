"""How what Pulumi's state does not know is deleted: the object that was seen and no other, until it is gone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flux.object_reference import ObjectReference
from live.access.target import find_target
from live.errors import LiveError
from live.ownership.marked_objects import MarkedObjects
from live.ownership.wanted_objects import WantedObject
from tests.any_server import Answer, AnyServer, Request, any_server
from tests.gitops.api_server import write_kubeconfig
from tests.live.test_owned_objects import SECRETS, answered, status

ONE = WantedObject("v1", "secrets", ObjectReference("Secret", "flux-system", "one"))
TWO = WantedObject("v1", "secrets", ObjectReference("Secret", "flux-system", "two"))


def asking(folder: Path, work: Callable[[MarkedObjects, AnyServer], Any], answer: Callable[[Request], Answer]) -> None:
    with any_server(answer) as server:
        cluster = MarkedObjects(find_target(write_kubeconfig(folder / "config", f"http://{server.address}"), None))
        try:
            work(cluster, server)
        finally:
            cluster.close()


def test_only_the_object_that_was_seen_is_deleted_and_one_that_is_gone_is_no_error(tmp_path: Path) -> None:
    def work(cluster: MarkedObjects, server: AnyServer) -> None:
        cluster.delete({ONE: "uid-1", TWO: "uid-2"})
        assert [(each.method, each.path) for each in server.requests] == [("DELETE", f"{SECRETS}/one"), ("DELETE", f"{SECRETS}/two")]
        options = json.loads(server.requests[0].body)
        assert (options["preconditions"], options["propagationPolicy"]) == ({"uid": "uid-1"}, "Background")

    asking(tmp_path, work, lambda request: status(404) if request.path.endswith("one") else status(409))


def test_what_is_still_there_is_told_with_its_finalizers_and_what_was_made_anew_is_not(tmp_path: Path) -> None:
    def answer(request: Request) -> Answer:
        name = request.path.rpartition("/")[2]
        return answered({"metadata": {"name": name, "uid": "uid-1", "finalizers": ["finalizers.fluxcd.io"]}})

    def work(cluster: MarkedObjects, _: AnyServer) -> None:
        assert cluster.left({ONE: "uid-1", TWO: "uid-2"}) == {ONE: ("finalizers.fluxcd.io",)}

    def nothing(cluster: MarkedObjects, server: AnyServer) -> None:
        assert cluster.left({ONE: "uid-1"}) == {}
        assert all("PartialObjectMetadata" in request.headers["accept"] for request in server.requests), (
            "a Secret would come with its values"
        )

    asking(tmp_path, work, answer)
    asking(tmp_path, nothing, lambda _: status(404))


def test_a_refusal_is_told_with_what_to_ask_for(tmp_path: Path) -> None:
    with pytest.raises(LiveError) as caught:
        asking(tmp_path, lambda cluster, _: cluster.delete({ONE: "uid-1"}), lambda _: status(403, "secrets is forbidden"))

    assert "What left the stack file stays in the cluster." in str(caught.value)
