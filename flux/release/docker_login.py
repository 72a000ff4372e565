"""The login that `docker login` keeps for a registry: in Docker's own config file, or in a credential helper that it names.

The file: https://docs.docker.com/reference/cli/docker/login/. The helpers: https://github.com/docker/docker-credential-helpers.
"""

import base64
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flux.any_shape import mapping
from flux.bounded_documents import Bounds, content_of, json_object
from flux.known_secrets import keep_secret

A_CONFIG = Bounds(size=1024 * 1024)
HELPER_SECONDS = 20.0
_HELPER = re.compile(r"^[A-Za-z0-9_-]+$")
_TOKEN_USER = "<token>"  # noqa: S105 (the user under which helpers give an identity token)
NAMES_OF_DOCKER_HUB = ("docker.io", "index.docker.io", "https://index.docker.io/v1/", "registry-1.docker.io")


@dataclass(frozen=True, kw_only=True)
class RegistryLogin:
    """What logs in to one registry."""

    username: str
    password: str = field(repr=False)
    identity_token: str | None = field(default=None, repr=False)
    """Instead of both: a refresh token."""


class DockerLoginError(ValueError):
    """Why a login cannot be read. Holds no secret; follows the name of the file or of the helper."""


def docker_login(registry: str, file: Path) -> RegistryLogin | None:
    """The login for `registry`, None when there is none.

    Raises DockerLoginError when the file or its credential helper cannot be read: without a login, "not found" would be all that
    the registry says.
    """
    config = _config(file)
    for name in NAMES_OF_DOCKER_HUB if registry in NAMES_OF_DOCKER_HUB else (registry, f"https://{registry}"):
        helper = mapping(config, "credHelpers").get(name) or config.get("credsStore")
        found = _in_file(mapping(config, "auths", name), file)
        if found is None and isinstance(helper, str):
            found = _from_helper(helper, name, file)
        if found:
            keep_secret(found.password, found.identity_token)
            return found
    return None


def _config(file: Path) -> Mapping[str, Any]:
    try:
        content = content_of(file, A_CONFIG)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise DockerLoginError(f"{file} cannot be read ({error.strerror})") from None
    config = json_object(content, A_CONFIG)
    if config is None:
        raise DockerLoginError(f"{file} is not a JSON object of at most {A_CONFIG.size // 1024} KiB")
    return config


def _in_file(entry: Mapping[str, Any], file: Path) -> RegistryLogin | None:
    if isinstance(token := entry.get("identitytoken"), str) and token:
        return RegistryLogin(username="", password="", identity_token=token)
    if not isinstance(auth := entry.get("auth"), str) or not auth:
        return None
    try:
        username, colon, password = base64.b64decode(auth, validate=True).decode().partition(":")
    except ValueError:  # no base64, no ASCII, or no UTF-8 in it
        colon, username, password = "", "", ""
    if not colon:
        raise DockerLoginError(f"{file} has a login that is not base64 of user:password")
    return RegistryLogin(username=username, password=password.rstrip("\0"))


def _from_helper(helper: str, registry: str, file: Path) -> RegistryLogin | None:
    if not _HELPER.match(helper):
        raise DockerLoginError(f"{file} names a credential helper with an invalid name")
    program = f"docker-credential-{helper}"
    try:
        done = subprocess.run([program, "get"], input=registry.encode(), capture_output=True, timeout=HELPER_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DockerLoginError(f"{program}, which {file} names, could not be run ({type(error).__name__})") from None
    if done.returncode != 0:
        return None  # how a helper says that it has none
    told = json_object(done.stdout, A_CONFIG) or {}
    username, secret = told.get("Username"), told.get("Secret")
    if not isinstance(username, str) or not isinstance(secret, str):
        raise DockerLoginError(f"{program}, which {file} names, did not answer like a credential helper")
    if username == _TOKEN_USER:
        return RegistryLogin(username="", password="", identity_token=secret)
    return RegistryLogin(username=username, password=secret)
