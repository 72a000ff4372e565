"""The embedded Gitea over HTTPS as well, with a private CA: for what a production Gitea behind a reverse proxy is like."""

import os
import ssl
import sys
import time
from pathlib import Path

import httpx

from devcluster.gitea import tls_forwarder
from devcluster.machine.home import LOOPBACK, Home
from devcluster.machine.server_certificate import ServerCertificate
from devcluster.messages.errors import DevclusterError

READY_SECONDS = 30.0


class GiteaHttps:
    """A forwarder in front of Gitea. The supervisor runs it; this class says how, and knows when it is ready."""

    def __init__(self, home: Home) -> None:
        """Describe the forwarder of `home`, whose ports are chosen already."""
        self.home = home
        public = home.directory / "gitea" / "tls"
        self._files = ServerCertificate(authority=public / "ca.crt", certificate=public / "tls.crt", key=home.secrets / "gitea-tls.key")

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"https://{LOOPBACK}:{self.home.port('gitea-https')}"

    @property
    def authority(self) -> str:
        """The CA's certificate as PEM. Raises FileNotFoundError before the first start."""
        return self._files.authority.read_text()

    @property
    def authority_file(self) -> Path:
        """Where that lies."""
        return self._files.authority

    @property
    def command(self) -> list[str]:
        """The forwarder's command line: Python without the caller's settings, and without what lies beside the program."""
        ports = ("--listen", str(self.home.port("gitea-https")), "--target", str(self.home.port("gitea-http")))
        files = ("--certificate", str(self._files.certificate), "--key", str(self._files.key))
        return [sys.executable, "-I", "-B", str(Path(tls_forwarder.__file__)), *ports, *files]

    @property
    def environment(self) -> dict[str, str]:
        """The forwarder's environment: nothing of the caller's but PATH."""
        return {"PATH": os.environ["PATH"], "TMPDIR": str(self.home.directory / "tmp")}

    def prepare(self) -> None:
        """Make the CA and the certificate, once for this home."""
        self._files.ensure()

    def wait_until_ready(self) -> None:
        """Return once Gitea answers through it, to a client that trusts the CA. Raises DevclusterError when it does not."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            try:
                trusting = ssl.create_default_context(cafile=str(self._files.authority))
                if httpx.get(f"{self.url}/api/healthz", verify=trusting, trust_env=False, timeout=2.0).is_success:
                    return
            except (httpx.HTTPError, OSError):
                pass
            time.sleep(0.1)
        raise DevclusterError(
            f"Gitea did not answer at {self.url} within {READY_SECONDS:.0f} s",
            "Flux could not fetch what it reads over HTTPS.",
            f"The forwarder's log says why: {self.home.logs / 'gitea-https.log'}. To start over: {self.home.commands.start_over}",
        )
