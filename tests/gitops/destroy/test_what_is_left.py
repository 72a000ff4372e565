"""What `gitops destroy` advises where `pulumi destroy` failed: it announces a list only if one follows."""

from contextlib import suppress
from typing import Any

import pytest

from flux.message import Message
from live.errors import LiveError
from live.flux_objects.namespace_content import Holder
from tests.gitops.destroy.test_destruction import SOPS_AGE, Cluster, cluster, destroy

__all__ = ["cluster"]


@pytest.mark.parametrize(
    ("answer", "fix"),
    [
        ([Holder(SOPS_AGE, ("example.com/backup",))], "Remove the finalizers or objects listed below, and run this command again"),
        ([], "Correct what pulumi reports above, and run this command again"),
        (LiveError("the API server", Message("is silent")), "Correct what pulumi reports above, and run this command again"),
    ],
    ids=["something holds the namespace", "nothing does", "unknown"],
)
def test_a_list_is_announced_only_where_there_is_one(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, answer: list[Holder] | LiveError, fix: str
) -> None:
    said: list[str] = []

    def holders(*_: Any) -> list[Holder]:
        if isinstance(answer, LiveError):
            raise answer
        return answer

    def fails(*_: str, **__: Any) -> int:
        monkeypatch.setattr("gitops.destroy.destruction.holders_in", holders)
        return 1

    monkeypatch.setattr("gitops.destroy.destruction.run_pulumi", fails)
    monkeypatch.setattr("gitops.destroy.destruction.print_lines", lambda text, *_: said.append(text))

    with suppress(LiveError):
        assert destroy(monkeypatch)[0] == 1

    told = " ".join(" ".join(said).split())
    assert f"What is left is in the state. To see it, run: pulumi stack --stack dev {fix}" in told
    assert ("Secret/flux-system/sops-age has the finalizer example.com/backup" in told) == ("below" in fix)
