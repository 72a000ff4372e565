"""A real S3-compatible server on loopback: versitygw, whose buckets are directories."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from devcluster.machine.home import LOOPBACK, free_ports
from devcluster.machine.processes import spawn
from devcluster.toolchain.build_tools import build_missing_tools, entry
from devcluster.toolchain.tool import load_tool

READY_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class S3Server:
    """How it is reached, and where its buckets lie."""

    endpoint: str
    directory: Path
    login: dict[str, str]
    """The variables with the key, as every client of S3 reads them."""

    def new_bucket(self, name: str) -> str:
        """The address of a new bucket, as Pulumi takes it."""
        (self.directory / name).mkdir()
        return f"s3://{name}?endpoint={self.endpoint}&s3ForcePathStyle=true&region=us-east-1"

    def objects(self, bucket: str, prefix: str = "") -> list[str]:
        """What lies in a bucket."""
        root = self.directory / bucket
        found = [str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()]
        return sorted(key for key in found if key.startswith(prefix))


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """The server, for as long as this lasts."""
    build_missing_tools(["versitygw"])
    (folder / "buckets").mkdir(parents=True)
    (port,) = free_ports(1)
    key, secret = secrets.token_hex(8), secrets.token_urlsafe(24)
    server = S3Server(
        endpoint=f"http://{LOOPBACK}:{port}",
        directory=folder / "buckets",
        login={"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret},
    )
    program = entry(load_tool("versitygw")) / "bin" / "versitygw"
    process = spawn(
        [str(program), "--port", f"{LOOPBACK}:{port}", "--health", "/health", "posix", str(server.directory)],
        environment={"PATH": os.environ["PATH"], "ROOT_ACCESS_KEY_ID": key, "ROOT_SECRET_ACCESS_KEY": secret},
        log=folder / "versitygw.log",
        directory=folder,
    )
    try:
        _wait_until_ready(f"{server.endpoint}/health")
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_until_ready(url: str) -> None:
    until = time.monotonic() + READY_SECONDS
    with httpx.Client(trust_env=False, timeout=2.0) as client:
        while True:
            try:
                if client.get(url).is_success:
                    return
            except httpx.HTTPError:
                pass
            assert time.monotonic() < until, f"{url} does not answer"
            time.sleep(0.05)
