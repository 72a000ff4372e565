"""What is waited for after a create and after a delete, against a double of the API server."""

from typing import Any

import httpx
import pytest

from devcluster.providers.kubernetes import readiness
from devcluster.providers.kubernetes.served_kinds import GroupVersionKind
from devcluster.providers.serving import NotInitializedError
from tests.devcluster.providers.fake_api import KINDS, Answer, Request, accepts, provider, run

QUOTA = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "quota", "namespace": "there"}, "spec": {"hard": {"pods": "5"}}}
ENFORCED = {"status": {"hard": {"pods": "5"}, "used": {"pods": "0"}}}


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "/api/v1", [("resourcequotas", "ResourceQuota", True)])
    monkeypatch.setitem(KINDS, "/apis/batch/v1", [("jobs", "Job", True)])
    monkeypatch.setitem(KINDS, "/apis/batch.example.com/v1", [("jobs", "Job", True)])


def enforcing(request: httpx.Request) -> Answer:
    """Accepts a quota, and shows it enforced whoever watches it or looks again."""
    if request.method == "POST":
        return accepts(request)
    live = {**QUOTA, **ENFORCED, "metadata": {"name": "quota", "namespace": "there", "uid": "uid-1", "resourceVersion": "2"}}
    return 200, {"type": "MODIFIED", "object": live} if "watch" in request.url.params else live


def test_a_quota_is_waited_for_until_it_is_enforced_and_no_longer_than_its_kind_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    async def create(answer: Any) -> Any:
        made, _, _ = await provider(answer)
        return await made.create(Request("kubernetes:core/v1:ResourceQuota", "quota", properties=QUOTA, timeout=30.0))

    assert "status" in run(create(enforcing)).properties

    monkeypatch.setitem(readiness._LONGEST_SECONDS, GroupVersionKind("v1", "ResourceQuota"), 0.2)
    with pytest.raises(NotInitializedError, match=r"timed out after 0\.2 s; its limits are not those that are enforced yet"):
        run(create(lambda request: accepts(request) if request.method == "POST" else (500, {"code": 500})))


@pytest.mark.parametrize(("api_version", "waited"), [("batch/v1", False), ("batch.example.com/v1", True)])
def test_skip_await_also_skips_the_wait_after_a_delete_for_some_kinds_of_kubernetes_alone(api_version: str, waited: bool) -> None:
    metadata = {"name": "job", "namespace": "there", "annotations": {"pulumi.com/skipAwait": "true"}}
    job = {"apiVersion": api_version, "kind": "Job", "metadata": {**metadata, "uid": "uid-1", "resourceVersion": "1"}}
    answers: dict[str, Answer] = {"DELETE": (200, job), "GET": (404, {"code": 404})}

    async def looked_after_it() -> bool:
        made, api, _ = await provider(lambda request: answers[request.method])
        await made.delete(Request(f"kubernetes:{api_version}:Job", "job", id="there/job", properties=job))
        return [request.method for request in api.requests] != ["DELETE"]

    assert run(looked_after_it()) is waited
