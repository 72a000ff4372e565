"""Every type of credential opens a door for the real Flux, and each is rotated without a fetch that fails.

Git: ssh with a passphrase, bearer, githubApp, tls; Helm: basic with a client's certificate; OCI: a registry's login with a client's
certificate; proxy: for Git and OCI. That of an access token alone is test_rotating_git_credentials.py.
"""

import secrets as random_values
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from devcluster.gitea.gitea_server import ORGANISATION
from devcluster.gitea.organisation import GiteaApi
from devcluster.gitea.sample_repositories import READER, ROOT_REPOSITORY
from gitops.status.row import Readiness, StatusRow
from tests.e2e.events import Event, about, events_of, failures
from tests.e2e.running_stack import RunningStack, changed_stack_file, eventually
from tests.e2e.secrets.conftest import current_keys
from tests.e2e.secrets.guarded_servers import GITHUB_API, GuardedGitea, LoginProxy, basic, server_files
from tests.e2e.secrets.own_certificates import own_certificate

SOURCES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system"
SECRETS = "/api/v1/namespaces/flux-system/secrets"
APP_ID = "4711"
SOURCE_OF = {
    "ssh, with a passphrase": ("GitRepository", "homelab-k8s2"),
    "bearer, through a proxy": ("GitRepository", "kuberay-images"),
    "githubApp": ("GitRepository", "mlflow"),
    "tls": ("GitRepository", "gradio-ui"),
    "basic, with a client's certificate": ("HelmRepository", "internal"),
    "registry, with a client's certificate, through a proxy": ("OCIRepository", "tiny-chart"),
}
"""What is used → the source that is fetched with it."""
CREDENTIALS = {"homelab-deploy", "every-bearer", "every-app", "every-tls", "every-basic", "every-registry", "every-proxy"}


@dataclass(frozen=True, kw_only=True)
class Values:
    """One value for every secret."""

    name: str
    passphrase: str = field(default_factory=lambda: random_values.token_hex(16), repr=False)
    token: str = field(default_factory=lambda: random_values.token_hex(16), repr=False)
    password: str = field(default_factory=lambda: random_values.token_hex(16), repr=False)
    login: str = field(default_factory=lambda: random_values.token_hex(16), repr=False)
    proxy: str = field(default_factory=lambda: random_values.token_hex(16), repr=False)
    app_key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048), repr=False)
    deploy_key: EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False)
    client: tuple[str, str] = field(default_factory=lambda: ("", ""), repr=False)
    """Certificate and key."""


def _values(name: str) -> Values:
    return Values(name=name, client=own_certificate(name))


@dataclass(kw_only=True)
class Guards:
    """The servers that are asked."""

    git: GuardedGitea
    certificates: GuardedGitea
    """Lets in by certificate alone."""
    packages: GuardedGitea
    proxy: LoginProxy

    def accept(self, *accepted: Values) -> None:
        """From now on, these and no others. Flux keeps an app's token for as long as it holds, so that is let in with any of them."""
        app = {basic("x-access-token", self.git.app_token)} if accepted else set()
        self.git.accepted = {*app, *(f"Bearer {each.token}" for each in accepted)}
        self.git.app_keys = [each.app_key.public_key() for each in accepted]
        self.certificates.accepted = {None}
        self.packages.accepted = {header for each in accepted for header in (basic("helm", each.password), basic("oci", each.login))}
        self.proxy.accepted = {basic("flux", each.proxy) for each in accepted}

    @property
    def refused(self) -> int:
        """How many logins any of them did not let in."""
        return self.git.refused + self.certificates.refused + self.packages.refused + self.proxy.refused


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What came of it."""

    first: dict[tuple[str, str], StatusRow]
    """Source → its state with the first values."""
    last: dict[tuple[str, str], StatusRow]
    """The same with the second ones, when only those were let in."""
    preview: str
    sources: list[Event]
    secrets: list[Event]
    proxied: set[str]
    certificates: list[str]
    """Whose certificates new connections showed after the first values were refused. A connection made before may still be used:
    source-controller keeps those to a Helm repository for 60 s after their last request (its internal/transport)."""
    refused: int


@pytest.fixture(scope="module")
def guards(running: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Guards, Values, Values]]:
    """Guarded servers before Gitea, and two sets of values that may become theirs; afterwards the stack is as it was."""
    old, new = _values("old"), _values("new")
    files = server_files(tmp_path_factory.mktemp("guards"))
    gitea = running.cluster.gitea.url
    reader = basic(READER, running.environment["GITOPS_SECRET_GITEA_READ_PASSWORD"])
    clients = old.client[0] + new.client[0]
    made = Guards(
        git=GuardedGitea(gitea, reader, files),
        certificates=GuardedGitea(gitea, reader, files, clients),
        packages=GuardedGitea(gitea, reader, files, clients),
        proxy=LoginProxy(),
    )
    made.git.app_token = random_values.token_hex(16)
    with GiteaApi(running.cluster.gitea) as api:
        for each in (old, new):
            public = each.deploy_key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
            api.ensure_deploy_key(ROOT_REPOSITORY, each.name, public.decode())
    with ExitStack() as stack:
        for server in (made.git, made.certificates, made.packages, made.proxy):
            stack.enter_context(server.running())
        yield made, old, new
        file = changed_stack_file(tmp_path_factory.mktemp("restored"), **current_keys(running))
        running.up("--config-file", file)


@pytest.fixture(scope="module")
def seen(running: RunningStack, guards: tuple[Guards, Values, Values], tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """The stack with the first values; both let in; the stack with the second values; only those let in."""
    servers, old, new = guards
    servers.accept(old)
    _up(running, servers, old, tmp_path_factory.mktemp("old"))
    first = _fetched(running)
    servers.accept(old, new)
    with ExitStack() as watching:
        sources = [
            watching.enter_context(events_of(running.cluster, f"{SOURCES}/{plural}"))
            for plural in ("gitrepositories", "helmrepositories", "ocirepositories")
        ]
        secrets = watching.enter_context(events_of(running.cluster, SECRETS))
        preview = _up(running, servers, new, tmp_path_factory.mktemp("new"))
        _fetched(running)
        servers.accept(new)
        for server in (servers.certificates, servers.packages):
            server.certificates_seen.clear()
        last = _fetched(running)
    return Seen(
        first=first,
        last=last,
        preview=preview,
        sources=[event for kind in sources for event in kind],
        secrets=secrets,
        proxied=set(servers.proxy.connected),
        certificates=[*servers.certificates.certificates_seen, *servers.packages.certificates_seen],
        refused=servers.refused,
    )


def _up(running: RunningStack, servers: Guards, values: Values, folder: Path) -> str:
    """Apply the stack with these values; what the preview printed before."""
    pem, text = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    sealed = values.deploy_key.private_bytes(pem, text, serialization.BestAvailableEncryption(values.passphrase.encode()))
    secrets = {
        "HOMELAB_DEPLOY_IDENTITY": sealed.decode(),
        "HOMELAB_DEPLOY_PASSPHRASE": values.passphrase,
        "EVERY_BEARER_TOKEN": values.token,
        "EVERY_APP_PRIVATE_KEY": values.app_key.private_bytes(pem, text, serialization.NoEncryption()).decode(),
        "EVERY_TLS_PRIVATE_KEY": values.client[1],
        "EVERY_BASIC_PASSWORD": values.password,
        "EVERY_REGISTRY_PASSWORD": values.login,
        "EVERY_PROXY_PASSWORD": values.proxy,
    }
    changes: dict[str, Any] = {f"GITOPS_SECRET_{name}": value for name, value in secrets.items()}
    file = changed_stack_file(folder, **current_keys(running), **_settings(servers, values))
    preview = running.preview("--config-file", file, **changes).printed
    running.up("--config-file", file, **changes)
    return preview


def _settings(servers: Guards, values: Values) -> dict[str, Any]:
    ca, git = servers.git.authority, f"https://{servers.git.address}"
    credentials = {
        "homelab-deploy": {"type": "ssh", "passphrase": True},
        "gitea-read": {"type": "basic", "username": "flux"},
        "every-bearer": {"type": "bearer", "ca": ca},
        "every-app": {"type": "githubApp", "appId": APP_ID, "installationId": "1", "baseUrl": f"{git}{GITHUB_API}", "ca": ca},
        "every-tls": {"type": "tls", "certificate": values.client[0], "ca": ca},
        "every-basic": {"type": "basic", "username": "helm"},
        "every-registry": {"type": "registry", "server": servers.packages.address, "username": "oci"},
        "every-proxy": {"type": "proxy", "address": servers.proxy.url, "username": "flux"},
    }
    packages = servers.packages.address
    with_certificate = f"https://{servers.certificates.address}/{ORGANISATION}"
    override = {
        "git/kuberay-images": {
            "from": None,
            "url": f"{git}/{ORGANISATION}/kuberay-images",
            "credential": "every-bearer",
            "proxy": "every-proxy",
        },
        "git/mlflow": {"from": None, "url": f"{git}/{ORGANISATION}/mlflow", "credential": "every-app"},
        "git/gradio-ui": {"from": None, "url": f"{with_certificate}/gradio-ui", "credential": "every-tls"},
        "helm/internal": {
            "from": None,
            "url": f"https://{packages}/api/packages/{ORGANISATION}/helm",
            "credential": "every-basic",
            "certificate": "every-tls",
        },
        "helm/tiny-chart": {
            "from": None,
            "url": f"oci://{packages}/{ORGANISATION}/charts/tiny",
            "credential": "every-registry",
            "certificate": "every-tls",
            "proxy": "every-proxy",
        },
    }
    return {"credentials": credentials, "override": override}


def _fetched(running: RunningStack) -> dict[tuple[str, str], StatusRow]:
    """Have Flux fetch every source now; their states afterwards."""
    for source in SOURCE_OF.values():
        running.reconcile(*source)
    rows = {(row.kind, row.name): row for row in running.rows()}
    return {source: rows[source] for source in SOURCE_OF.values()}


@pytest.mark.parametrize("used", SOURCE_OF)
def test_a_source_is_fetched_with_every_type_of_credential(seen: Seen, used: str) -> None:
    row = seen.first[SOURCE_OF[used]]
    assert row.ready is Readiness.YES, row.message


@pytest.mark.parametrize("used", SOURCE_OF)
def test_a_source_is_fetched_with_the_new_value_when_the_old_one_is_refused(seen: Seen, used: str) -> None:
    row = seen.last[SOURCE_OF[used]]
    assert row.ready is Readiness.YES, row.message


def test_new_values_of_every_type_change_their_secrets_in_place_and_no_fetch_fails(seen: Seen) -> None:
    assert f"{len(CREDENTIALS)} to update" in seen.preview, seen.preview
    assert "replace" not in seen.preview
    assert "delete" not in seen.preview
    for name in CREDENTIALS:
        assert {event["type"] for event in about(seen.secrets, name)} == {"MODIFIED"}, name
    assert {event["object"]["metadata"]["name"] for event in seen.sources} >= {name for _, name in SOURCE_OF.values()}
    assert failures([*seen.sources, *seen.secrets]) == []


def test_what_goes_through_a_proxy_is_what_the_stack_says(seen: Seen, guards: tuple[Guards, Values, Values]) -> None:
    servers = guards[0]
    assert seen.proxied == {servers.git.address, servers.packages.address}


def test_the_old_certificate_is_not_shown_again(seen: Seen) -> None:
    assert set(seen.certificates) == {"new"}


def test_the_app_asks_with_its_new_key(seen: Seen, guards: tuple[Guards, Values, Values]) -> None:
    assert seen
    servers, old, new = guards
    assert servers.git.app_keys_seen == [old.app_key.public_key(), new.app_key.public_key()]


def test_nobody_came_with_a_value_that_was_not_let_in(seen: Seen) -> None:
    assert seen.refused == 0


def test_a_value_that_is_not_let_in_is_told(running: RunningStack, guards: tuple[Guards, Values, Values], seen: Seen) -> None:
    assert seen
    servers = guards[0]
    servers.accept()
    for source in SOURCE_OF.values():
        if source[1] in ("homelab-k8s2", "gradio-ui"):
            continue  # let in by other means: Gitea itself, and the certificate
        running.ask_to_reconcile(*source)
        row = eventually(lambda source=source: _row(running, *source), lambda row: row.ready is Readiness.NO, f"{source} refused")  # type: ignore[misc]
        assert any(word in row.message.lower() for word in ("401", "407", "auth", "credential", "unauthorized")), row.message


def _row(running: RunningStack, kind: str, name: str) -> StatusRow:
    return next(row for row in running.rows() if (row.kind, row.name) == (kind, name))
