"""A client of one OCI registry that trusts no answer: each is bounded in size and time, and leads to no other host.

The protocol: https://github.com/opencontainers/distribution-spec/blob/main/spec.md.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flux.addresses import Address, address_of, is_loopback
from flux.bounded_documents import Bounds, json_object
from flux.environment import docker_config_file, trusted_authorities
from flux.errors import FluxInputError
from flux.message import Message
from flux.release.artifact_reference import MANIFESTS, ArtifactReference
from flux.release.bounded_answer import CLIENT, HEADERS, TooLargeError, TooSlowError, received
from flux.release.docker_login import DockerLoginError, RegistryLogin, docker_login
from flux.release.public_registries import public_registry

if TYPE_CHECKING:
    import httpx

SILENT_SECONDS = 30.0
"""How long a registry may say nothing."""
WHOLE_SECONDS = 300.0
"""How long one answer may take in all, however steadily it drips."""
LARGEST_TOKEN_BYTES = 64 * 1024
MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_UNAUTHORIZED = 401
_NOT_THERE = (400, 404, 405, 406)
"""How registries answer for what they do not have, or do not know."""
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_NOTHING = "There is nothing to install."


class OciRegistry:
    """The repository of one reference, while it is connected. See `connected`."""

    def __init__(self, reference: ArtifactReference, client: "httpx.Client", login: RegistryLogin | None) -> None:
        self.reference = reference
        self._known = public_registry(reference.registry)
        host = self._known.address or reference.registry
        self._own = f"{'http' if is_on_this_machine(reference.registry) else 'https'}://{host}"
        self._client, self._login = client, login
        self._authorization: str | None = None

    def get(self, path: str, largest: int, accept: str = "*/*") -> bytes:
        """What the repository has at `manifests/…` or `blobs/…`.

        Raises FluxInputError when it is not there, is larger than `largest`, or leads to another host.
        """
        status, content = self._logged_in(path, largest, accept, MOST_REDIRECTS)
        if status != 200:
            raise refused(f"{self.reference.registry} answered {status} for {self.reference}", _NOTHING, self._mend(status))
        return content

    def find(self, path: str, largest: int, accept: str = "*/*") -> bytes | None:
        """As `get`, but None where the repository does not have it, or the registry does not know such a path.

        No redirect is followed: ghcr.io, which has no `referrers/…`, redirects it to a page.
        """
        status, content = self._logged_in(path, largest, accept, 0)
        if status != 200 and status not in (*_REDIRECTS, *_NOT_THERE):
            raise refused(f"{self.reference.registry} answered {status} for {path} of {self.reference}", _NOTHING, self._mend(status))
        return content if status == 200 else None

    def _logged_in(self, path: str, largest: int, accept: str, redirects: int) -> tuple[int, bytes]:
        url = f"{self._own}/v2/{self.reference.repository}/{path}"
        status, headers, content = self._ask(url, largest, {"Accept": accept}, redirects)
        if status == _UNAUTHORIZED and self._authorization is None:
            self._authorization = self._authorized(headers.get("www-authenticate", ""))
            if self._authorization:
                status, headers, content = self._ask(url, largest, {"Accept": accept}, redirects)
        return status, content

    def _mend(self, status: int) -> str:
        if status in (_UNAUTHORIZED, 403) and self._login is None:
            return f"Check name, tag and digest. If it needs a login, run: docker login {self.reference.registry}"
        return "Check name, tag and digest, and whether the login may read it." if self._login else "Check name, tag and digest."

    def _ask(self, url: str, largest: int, headers: Mapping[str, str], redirects: int) -> tuple[int, Mapping[str, str], bytes]:
        """Follow redirects where they may lead. Authorization goes to the registry itself, and nowhere else."""
        for _ in range(redirects + 1):
            sent = dict(headers)
            if self._authorization and self._is_own(address_of(url)):
                sent["Authorization"] = self._authorization
            status, answered, content = self._received("GET", url, largest, headers=sent)
            if status not in _REDIRECTS or not redirects:
                return status, answered, content
            url = self._next(url, answered.get("location", ""))
        raise refused(f"{self.reference.registry} redirects {self.reference} in a loop", _NOTHING, "Check its name.")

    def _next(self, url: str, location: str) -> str:
        import httpx

        try:
            target = str(httpx.URL(url).join(location)) if location else ""
        except (httpx.InvalidURL, ValueError):
            target = ""
        address = address_of(target)
        if not self._may_lead_to(address, self._known.storage):
            raise refused(
                f"{self.reference.registry} redirects {self.reference} to {_shown(address)}",
                "Content is fetched only from the registry's own host.",
                "Name a mirror that serves its content itself, or a directory.",
            )
        return target

    def _may_lead_to(self, address: Address | None, further: frozenset[str]) -> bool:
        if address is None:
            return False
        is_further = address.scheme == "https" and address.port in (None, 443) and address.host in further
        return is_further or self._is_own(address)

    def _is_own(self, address: Address | None) -> bool:
        own = address_of(self._own)
        if address is None or own is None:
            return False
        return (address.scheme, address.host, address.port) == (own.scheme, own.host, own.port)

    def _authorized(self, challenge: str) -> str | None:
        """The header that the registry asks for; None when it asks for a login that does not exist."""
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "basic":
            return _basic(self._login) if self._login and not self._login.identity_token else None
        if scheme.lower() != "bearer":
            return None
        fields = dict(_CHALLENGE.findall(rest[:4096]))
        realm = address_of(fields.get("realm", ""))
        if not self._may_lead_to(realm, self._known.login):
            raise refused(
                f"{self.reference.registry} asks for a token from {_shown(realm)}",
                "The login would be sent to a host other than the registry.",
                "Name a mirror that issues its own tokens, or a directory.",
            )
        scope = {"scope": fields.get("scope") or f"repository:{self.reference.repository}:pull"}
        token = self._token(fields["realm"], {**scope, **({"service": fields["service"]} if "service" in fields else {})})
        return f"Bearer {token}" if token else None

    def _token(self, realm: str, asked: Mapping[str, str]) -> str | None:
        if self._login and self._login.identity_token:
            form = {"grant_type": "refresh_token", "refresh_token": self._login.identity_token, "client_id": CLIENT, **asked}
            status, _, content = self._received("POST", realm, LARGEST_TOKEN_BYTES, data=form)
        else:
            headers = {"Authorization": _basic(self._login)} if self._login else {}
            status, _, content = self._received("GET", realm, LARGEST_TOKEN_BYTES, params=dict(asked), headers=headers)
        if status != 200:
            return None
        answer = json_object(content, Bounds(size=LARGEST_TOKEN_BYTES)) or {}
        token = answer.get("token") or answer.get("access_token")
        # What is no token of visible characters would be another header.
        return token if isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token else None

    def _received(self, method: str, url: str, largest: int, **more: Any) -> tuple[int, Mapping[str, str], bytes]:
        try:
            return received(self._client, method, url, largest=largest, seconds=WHOLE_SECONDS, **more)
        except TooLargeError:
            raise refused(f"{self.reference} is larger than {largest} bytes", _NOTHING, "Check its name and digest.") from None
        except TooSlowError:
            raise refused(f"{self.reference.registry} takes longer than {WHOLE_SECONDS:.0f} s", _NOTHING, "Try again later.") from None


@contextmanager
def connected(reference: ArtifactReference, seconds: float = SILENT_SECONDS, login: RegistryLogin | None = None) -> Iterator[OciRegistry]:
    """Connections to the registry of a reference, with `login`, else with the one that Docker has for it.

    Raises FluxInputError when it cannot be reached, or its login cannot be read.
    """
    import httpx  # only a first pull needs it, and it costs a tenth of a second

    from flux.http_client import http_client

    try:
        login = login or docker_login(reference.registry, docker_config_file())
    except DockerLoginError as error:
        raise refused(f"the login for {reference.registry}: {error}", _NOTHING, f"Run: docker login {reference.registry}") from None
    try:
        with http_client(timeout=seconds, follow_redirects=False, headers=HEADERS, verify=trusted_authorities()) as client:
            yield OciRegistry(reference, client, login)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise refused(
            f"{reference} is not in the cache, and {reference.registry} cannot be reached ({type(error).__name__})",
            "It is unknown what would be installed.",
            "Check the network, or name a mirror or a directory in gitops:flux.manifests.",
        ) from error


def is_on_this_machine(registry: str) -> bool:
    """Whether a registry is this machine; such a one alone is spoken to without TLS."""
    address = address_of(f"https://{registry}")
    return address is not None and is_loopback(address.host)


def refused(wrong: str, consequence: str, fix: str) -> FluxInputError:
    """What is wrong with `flux.manifests`."""
    return FluxInputError(Message(wrong, consequence, fix), MANIFESTS)


def _basic(login: RegistryLogin) -> str:
    import base64

    return f"Basic {base64.b64encode(f'{login.username}:{login.password}'.encode()).decode()}"


def _shown(address: Address | None) -> str:
    if address is None or not re.fullmatch(r"[a-z0-9.:-]{1,253}", address.host):
        return "an invalid address"
    return f"{address.scheme}://{address.host}{f':{address.port}' if address.port else ''}"
