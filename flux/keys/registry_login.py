"""A registry's login as Kubernetes keeps it."""

import base64
import json


def docker_config(server: str, username: str, password: str) -> str:
    """The content of `.dockerconfigjson`, which `docker login` would write."""
    login = base64.b64encode(f"{username}:{password}".encode()).decode()
    return json.dumps({"auths": {server: {"username": username, "password": password, "auth": login}}})
