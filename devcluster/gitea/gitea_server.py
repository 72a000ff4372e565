"""The real Gitea on loopback: its settings, its start, and its administrator's token."""

import os
import re
import secrets
import subprocess
import time
from pathlib import Path

import httpx

from devcluster.gitea.app_ini import settings, user_name
from devcluster.machine.home import LOOPBACK, Home
from devcluster.machine.ssh_keys import public_key, write_private_key
from devcluster.messages.errors import DevclusterError
from devcluster.toolchain.build_tools import entry
from devcluster.toolchain.tool import load_tool
from flux.atomic_write import write_atomically

ORGANISATION = "daviestechlabs"
ADMINISTRATOR = "gitops-demo"
READS = ["read:repository", "read:package"]
"""What a token of a reader opens."""
READY_SECONDS = 60.0


class GiteaServer:
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
        return {"PATH": os.environ["PATH"], "HOME": str(self._work), "USER": user_name(), "TMPDIR": str(self.home.directory / "tmp")}

    @property
    def known_hosts_line(self) -> str:
        """What a known_hosts file says about the SSH server."""
        return f"[{LOOPBACK}]:{self.home.port('gitea-ssh')} {public_key(self._host_key)}"

    @property
    def known_hosts_file(self) -> Path:
        """A file with that line."""
        return self._work / "known_hosts"

    def prepare(self) -> None:
        """Write app.ini, with secrets generated once for this home, and the SSH host key."""
        if not self._host_key.exists():
            write_private_key(self._host_key)
        write_atomically(self.known_hosts_file, f"{self.known_hosts_line}\n")
        write_atomically(self._settings_file, settings(self.home, self._tool / "share", self._host_key), mode=0o600)

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
            f"Gitea did not answer at {self.url} within {READY_SECONDS:.0f} s",
            "Flux has nothing to sync.",
            f"Its log says why: {self.home.logs / 'gitea.log'}. To start over: {self.home.commands.start_over}",
        )

    @property
    def administrator_token_file(self) -> Path:
        """Where the administrator's token is kept."""
        return self.home.secrets / "gitea-admin-token"

    def administrator_token(self) -> str:
        """An access token of the administrator, who is created on first use. No password exists that anybody knows."""
        kept = self.administrator_token_file
        if kept.exists():
            return kept.read_text()
        self._create_user(ADMINISTRATOR, "--admin")
        token = self._new_token(ADMINISTRATOR, "all", f"devcluster-{secrets.token_hex(4)}")
        write_atomically(kept, token, mode=0o600)
        return token

    def reader_token(self, user: str) -> str:
        """A token with which `user` may read repositories and packages, and nothing else."""
        kept = self.home.secrets / f"gitea-{user}-token"
        if not kept.exists():
            self._create_user(user, "--restricted")
            token = self._new_token(user, ",".join(READS), f"flux-{secrets.token_hex(4)}")
            write_atomically(kept, token, mode=0o600)
        return kept.read_text()

    def _create_user(self, name: str, kind: str) -> None:
        # Gitea draws the password itself, and it is never read: given as a flag, every user of the machine could.
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
            last = (done.stderr.strip() or "it printed nothing").splitlines()[-1]
            raise DevclusterError(
                f"`gitea admin {' '.join(arguments[:2])}` failed: {last}",
                "No repository can be created.",
                f"To start over: {self.home.commands.start_over}",
            )
        return done.stdout

    def _new_token(self, user: str, scopes: str, name: str) -> str:
        arguments = ("user", "generate-access-token", "--username", user, "--scopes", scopes, "--raw", "--token-name", name)
        # Gitea's log goes to the same place, before or after the token.
        found = re.findall(r"^[0-9a-f]{40}$", self._administer(*arguments), re.MULTILINE)
        if len(found) != 1:
            raise DevclusterError(
                f"`gitea admin user generate-access-token` printed {len(found)} tokens instead of one",
                "No repository can be reached.",
                f"To start over: {self.home.commands.start_over}",
            )
        return str(found[0])
