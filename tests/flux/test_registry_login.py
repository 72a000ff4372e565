"""A registry's login is what `docker login` writes."""

import base64
import json

from flux.keys.registry_login import docker_config


def test_user_and_password_stand_there_apart_and_together() -> None:
    login = json.loads(docker_config("ghcr.io", "flux", 'a "quoted" password: with a colon'))["auths"]["ghcr.io"]

    assert (login["username"], login["password"]) == ("flux", 'a "quoted" password: with a colon')
    assert base64.b64decode(login["auth"]).decode() == 'flux:a "quoted" password: with a colon'
