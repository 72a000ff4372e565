"""What a Git server does to `gitops doctor`, which asks it for each repository, without a login."""

import time

import pytest

from gitops.doctor import reach
from gitops.doctor.check_result import Check, State
from gitops.doctor.reach import FetchedRepository, forge_check
from tests.any_server import Answer, any_server
from tests.security.odd_servers import REDIRECTS


def asked(address: str) -> Check:
    return forge_check("it", [FetchedRepository(url=f"http://{address}/a", has_login=False)])


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_git_server_redirects_to_an_internal_service(status: int) -> None:
    with any_server(lambda _: Answer(body=b"welcome")) as other, any_server() as server:
        server.answer = lambda _: Answer(status=status, headers={"Location": f"http://{other.address}/x"})
        found = asked(server.address)
        assert not other.requests
    assert found.state is State.WARNING
    assert found.message is not None
    assert found.message.wrong == f"redirects to another address ({status}), which was not contacted"


def test_a_git_server_redirects_without_end() -> None:
    with any_server() as server:
        server.answer = lambda _: Answer(status=302, headers={"Location": f"http://{server.address}/a/info/refs"})
        assert asked(server.address).state is State.WARNING
        assert len(server.requests) == 1


def test_a_git_server_answers_without_end() -> None:
    with any_server(lambda _: Answer(body=lambda: b"a" * 65_536)) as server:
        assert asked(server.address).state is State.OK
        assert server.sent < 16 * 1024**2, "what it says is not read"


def test_a_git_server_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "WHOLE_SECONDS", 0.5)

    def late() -> bytes:
        time.sleep(0.05)
        return b""

    def answer(_: object) -> Answer:
        time.sleep(2)
        return Answer(body=late)

    with any_server(answer) as server:
        found = asked(server.address)
    assert found.message is not None
    assert found.message.wrong.startswith("does not answer within")
