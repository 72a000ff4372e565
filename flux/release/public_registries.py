"""Where public registries send a client besides their own host: to log in, and for the content of a layer.

A registry may name any host in its answers; so may a server in its place. So a client of a registry talks to that registry's own
host, and to the hosts of this list. What each does: https://distribution.github.io/distribution/spec/auth/token/ for logging in, and
redirects of blobs to a storage (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs).
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PublicRegistry:
    """What belongs to one registry."""

    address: str | None = None
    """Where its API is, if that host differs from the one that people write."""
    login: frozenset[str] = frozenset()
    """Hosts that give tokens for it."""
    storage: frozenset[str] = frozenset()
    """Hosts to which it redirects for blobs. No token goes there."""


_DOCKER_HUB = PublicRegistry(
    address="registry-1.docker.io",
    login=frozenset({"auth.docker.io"}),
    storage=frozenset({"production.cloudflare.docker.com", "docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com"}),
)
PUBLIC_REGISTRIES = {
    "ghcr.io": PublicRegistry(storage=frozenset({"pkg-containers.githubusercontent.com"})),
    "docker.io": _DOCKER_HUB,
    "index.docker.io": _DOCKER_HUB,
    "registry-1.docker.io": _DOCKER_HUB,
    "quay.io": PublicRegistry(storage=frozenset({"cdn.quay.io", "cdn01.quay.io", "cdn02.quay.io", "cdn03.quay.io"})),
    "registry.gitlab.com": PublicRegistry(login=frozenset({"gitlab.com"}), storage=frozenset({"cdn.registry.gitlab-static.net"})),
}
_NONE = PublicRegistry()


def public_registry(name: str) -> PublicRegistry:
    """What is known of the registry that a reference names; of any other that it has no further hosts."""
    return PUBLIC_REGISTRIES.get(name, _NONE)
