"""The real Gitea on loopback: its settings, its start, and its administrator's token."""

import base64
import getpass
import json
import os
import re
import secrets
import subprocess
import time
from pathlib import Path

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from devcluster.build import entry
from devcluster.errors import DevclusterError
from devcluster.home import LOOPBACK, Home, write_file
from devcluster.tool import load_tool

ORGANISATION = "daviestechlabs"
ADMINISTRATOR = "gitops-demo"
READY_SECONDS = 60.0

SETTINGS = """\
APP_NAME = Gitea of the embedded cluster {name}
RUN_USER = {user}
RUN_MODE = prod
WORK_PATH = {work}
{root}
[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {http}
DOMAIN = 127.0.0.1
ROOT_URL = http://127.0.0.1:{http}/
LOCAL_ROOT_URL = http://127.0.0.1:{http}/
STATIC_ROOT_PATH = {share}
APP_DATA_PATH = {work}/data
OFFLINE_MODE = true
START_SSH_SERVER = true
BUILTIN_SSH_SERVER_USER = git
SSH_DOMAIN = 127.0.0.1
SSH_PORT = {ssh}
SSH_LISTEN_HOST = 127.0.0.1
SSH_LISTEN_PORT = {ssh}
SSH_ROOT_PATH = {work}/ssh
SSH_CREATE_AUTHORIZED_KEYS_FILE = false
SSH_SERVER_HOST_KEYS = {host_key}
LFS_START_SERVER = false

[database]
DB_TYPE = sqlite3
PATH = {work}/data/gitea.db
SQLITE_JOURNAL_MODE = WAL
SQLITE_TIMEOUT = 10000

[repository]
ROOT = {work}/repositories
DEFAULT_BRANCH = main

[security]
INSTALL_LOCK = true
SECRET_KEY = {secret_key}
INTERNAL_TOKEN = {internal_token}

[oauth2]
JWT_SECRET = {jwt_secret}

[service]
DISABLE_REGISTRATION = true

[webhook]
ALLOWED_HOST_LIST = loopback

[actions]
ENABLED = false

[packages]
ENABLED = true

[mailer]
ENABLED = false

[session]
PROVIDER = memory

[cron]
ENABLED = false

[log]
MODE = console
LEVEL = Info
"""


class Gitea:
    """The Gitea server of one home. The supervisor runs it; this class says how, and knows when it is ready."""

    def __init__(self, home: Home) -> None:
        """Describe the server of `home`, whose ports are chosen already."""
        self.home = home
        self._tool = entry(load_tool("gitea"))
        self._work = home.directory / "gitea"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{LOOPBACK}:{self.home.port('gitea-http')}"

    @property
    def command(self) -> list[str]:
        """The server's command line; no secret is in it."""
        return [str(self._tool / "bin" / "gitea"), "web", "--config", str(self._settings_file)]

    @property
    def environment(self) -> dict[str, str]:
        """The server's environment: nothing of the caller's but PATH, on which it finds git."""
        return {"PATH": os.environ["PATH"], "HOME": str(self._work), "USER": getpass.getuser(), "TMPDIR": str(self.home.directory / "tmp")}

    @property
    def known_hosts_line(self) -> str:
        """What a known_hosts file says about the SSH server."""
        key = serialization.load_pem_private_key(self._host_key.read_bytes(), None)
        public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        return f"[{LOOPBACK}]:{self.home.port('gitea-ssh')} {public.decode()}"

    def prepare(self) -> None:
        """Write app.ini, with secrets generated once for this home, and the SSH host key."""
        if not self._host_key.exists():
            write_private_key(self._host_key)
        write_file(self._settings_file, self._settings(), mode=0o600)

    def wait_until_ready(self) -> None:
        """Return once the API answers. Raises DevclusterError with the log's place when it does not."""
        until = time.monotonic() + READY_SECONDS
        with httpx.Client(trust_env=False, timeout=2.0) as client:
            while time.monotonic() < until:
                try:
                    if client.get(f"{self.url}/api/healthz").is_success:
                        return
                except httpx.HTTPError:
                    pass
                time.sleep(0.1)
        raise DevclusterError(
            f"Gitea did not answer at {self.url} within {READY_SECONDS:.0f} s, so there is nothing for Flux to sync.\n"
            f"Its log says why: {self.home.logs / 'gitea.log'}. To start over: make demo-down demo"
        )

    def administrator_token(self) -> str:
        """An access token of the administrator, who is created on first use. No password exists that anybody knows."""
        kept = self.home.secrets / "gitea-admin-token"
        if kept.exists():
            return kept.read_text()
        self._create_user(ADMINISTRATOR, "--admin")
        token = self._new_token(ADMINISTRATOR, "all", f"devcluster-{secrets.token_hex(4)}")
        write_file(kept, token, mode=0o600)
        return token

    def reader_token(self, user: str) -> str:
        """A token with which `user` may read repositories and packages, and nothing else."""
        kept = self.home.secrets / f"gitea-{user}-token"
        if not kept.exists():
            self._create_user(user, "--restricted")
            token = self._new_token(user, "read:repository,read:package", f"flux-{secrets.token_hex(4)}")
            write_file(kept, token, mode=0o600)
        return kept.read_text()

    def _create_user(self, name: str, kind: str) -> None:
        # Gitea draws the password itself, and nobody reads it: given as a flag, every user of the machine could.
        password = ("--random-password", "--random-password-length", "32", "--must-change-password=false")
        arguments = ("user", "create", kind, "--username", name, "--email", f"{name}@localhost", *password)
        self._administer(*arguments, accept="already exists")

    @property
    def _settings_file(self) -> Path:
        return self._work / "app.ini"

    @property
    def _host_key(self) -> Path:
        return self.home.secrets / "gitea-host-key.pem"

    def _administer(self, *arguments: str, accept: str | None = None) -> str:
        done = subprocess.run(
            [self.command[0], "--config", str(self._settings_file), "admin", *arguments],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0 and not (accept and accept in done.stderr + done.stdout):
            last = (done.stderr.strip() or "it said nothing").splitlines()[-1]
            raise DevclusterError(
                f"Gitea's `admin {' '.join(arguments[:2])}` failed: {last}\n"
                f"Without it no repository can be created. To start over: make demo-down demo"
            )
        return done.stdout

    def _new_token(self, user: str, scopes: str, name: str) -> str:
        arguments = ("user", "generate-access-token", "--username", user, "--scopes", scopes, "--raw", "--token-name", name)
        # Gitea's log goes to the same place, before or after the token.
        found = re.findall(r"^[0-9a-f]{40}$", self._administer(*arguments), re.MULTILINE)
        if len(found) != 1:
            raise DevclusterError(
                f"Gitea's `admin user generate-access-token` printed {len(found)} tokens where one was expected.\n"
                f"Without it no repository can be reached. To start over: make demo-down demo"
            )
        return str(found[0])

    def _settings(self) -> str:
        kept = self.home.secrets / "gitea.json"
        if not kept.exists():
            made = {
                "secret_key": secrets.token_urlsafe(48),
                "internal_token": secrets.token_urlsafe(48),
                "jwt_secret": base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode(),
            }
            write_file(kept, json.dumps(made), mode=0o600)
        return SETTINGS.format(
            **json.loads(kept.read_text()),
            name=self.home.name,
            user=getpass.getuser(),
            work=self._work,
            share=self._tool / "share",
            http=self.home.port("gitea-http"),
            ssh=self.home.port("gitea-ssh"),
            host_key=self._host_key,
            # Gitea refuses root, which is who runs in most containers.
            root="I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true" if os.getuid() == 0 else "",
        )


def write_private_key(path: Path) -> None:
    """A new ed25519 key as PKCS8 PEM, for this user alone."""
    # Not OpenSSH's own format: that one differs on every serialisation, PKCS8 never does.
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_file(path, pem.decode(), mode=0o600)


def public_key(path: Path) -> str:
    """The public half of the key in `path`, as in authorized_keys."""
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
