"""Where a registry's login goes, and where it does not."""

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flux.errors import FluxInputError
from flux.release.artifact import pull_manifests
from flux.release.docker_login import DockerLoginError, docker_login
from tests.any_server import Answer, AnyServer, Request, any_server
from tests.flux.oci_server import Registry, digest_of
from tests.security.conftest import FILES, PASSWORD, log_in, reference


def guarded(registry: AnyServer, files: Registry) -> Callable[[Request], Answer]:
    """A registry that gives a token to whoever has the password, and what `files` has to whoever has the token."""
    login = base64.b64encode(f"flux:{PASSWORD}".encode()).decode()

    def answer(request: Request) -> Answer:
        given = request.headers.get("authorization")
        if request.path.startswith("/token"):
            admitted = given == f"Basic {login}" or f"refresh_token={PASSWORD}".encode() in request.body
            return Answer(body=b'{"access_token": "good"}') if admitted else Answer(status=401)
        if given != "Bearer good":
            return Answer(status=401, headers={"WWW-Authenticate": f'Bearer realm="http://{registry.address}/token",service="s"'})
        content = files.content.get(request.path.removeprefix("/v2/fluxcd/flux-manifests/"))
        return Answer(status=404) if content is None else Answer(body=content)

    return answer


def helper(folder: Path, answer: str, code: int = 0) -> None:
    program = folder / "docker-credential-test"
    program.write_text(f"#!/bin/sh\nread -r asked\necho \"$asked\" > {folder}/asked\ncat <<'EOF'\n{answer}\nEOF\nexit {code}\n")
    program.chmod(0o755)


@pytest.mark.harmless
@pytest.mark.parametrize("way", ["config", "identity token", "helper", "store"])
def test_a_private_registry_is_read_with_the_login_that_docker_keeps(
    way: str, tmp_path: Path, no_docker_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with any_server() as registry:
        files = Registry()
        digest = files.add(FILES)
        registry.answer = guarded(registry, files)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        helper(tmp_path, json.dumps({"Username": "flux", "Secret": PASSWORD}))
        if way == "helper":
            no_docker_config.write_text(json.dumps({"credHelpers": {registry.address: "test"}}))
        elif way == "store":
            no_docker_config.write_text(json.dumps({"credsStore": "test", "auths": {registry.address: {}}}))
        else:
            log_in(no_docker_config, registry.address, **({"identitytoken": PASSWORD} if way == "identity token" else {}))

        assert set(pull_manifests(reference(registry, digest), tmp_path / "cache")) == set(FILES)
        # The password goes where the token comes from, and nowhere else.
        assert all(
            request.path.startswith("/token") for request in registry.requests if PASSWORD in str(request) or "Basic" in str(request)
        )


def test_the_login_of_another_registry_is_not_sent(tmp_path: Path, no_docker_config: Path) -> None:
    log_in(no_docker_config, "127.0.0.1:1")
    with any_server() as registry:
        registry.answer = guarded(registry, Registry())
        with pytest.raises(FluxInputError, match=r"answered 401 .* docker login 127\.0\.0\.1"):
            pull_manifests(reference(registry, digest_of(b"")), tmp_path)
        assert registry.authorizations == []


BROKEN_CONFIGS = {
    "cut off": "[",
    "a list": "[]",
    "no base64": '{"auths": {"r.test": {"auth": "%%%"}}}',
    "no colon": '{"auths": {"r.test": {"auth": "YQ=="}}}',
    "a helper that is a path": '{"credsStore": "../../evil"}',
    "a helper that is missing": '{"credsStore": "no-such-helper"}',
    "deep": "{" * 100_000,
}


@pytest.mark.parametrize("text", BROKEN_CONFIGS.values(), ids=list(BROKEN_CONFIGS))
def test_a_docker_config_that_is_broken_is_one_message(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(DockerLoginError) as caught:
        docker_login("r.test", tmp_path / "config.json")
    assert len(str(caught.value)) < 300 + len(str(tmp_path))


def test_no_repr_of_a_login_shows_it(no_docker_config: Path) -> None:
    log_in(no_docker_config, "r.test")
    assert PASSWORD not in repr(docker_login("r.test", no_docker_config))
