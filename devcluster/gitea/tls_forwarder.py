"""Ends TLS on one port of 127.0.0.1 and passes the bytes on to another: what a reverse proxy does before a Gitea in production.

A program of its own, run by the supervisor; it needs nothing but Python, and knows nothing of HTTP.
Gitea itself serves either HTTP or HTTPS, and the demo's Helm and OCI registries stay plain on purpose.
"""

import argparse
import asyncio
import contextlib
import signal
import ssl
from collections.abc import Sequence
from pathlib import Path

LOOPBACK = "127.0.0.1"
CHUNK = 65536


class Forwarder:
    """Forwards connections to `target`. One that ends, on either side, ends on both."""

    def __init__(self, target: int) -> None:
        """Forward to this port of 127.0.0.1."""
        self._target = target

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on one connection until both sides have said everything. A target that is not there closes it."""
        # Python 3.11 prints a traceback of a connection that is cancelled, as all are at the end.
        with contextlib.suppress(OSError, asyncio.CancelledError):
            try:
                there_reader, there_writer = await asyncio.open_connection(LOOPBACK, self._target)
                try:
                    await asyncio.gather(_pass_on(reader, there_writer), _pass_on(there_reader, writer))
                finally:
                    there_writer.close()
            finally:
                writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    # TLS cannot be closed for one direction only; a plain connection can, and its other direction goes on.
    if writer.can_write_eof():
        writer.write_eof()
    else:
        writer.close()


async def serve(listen: int, target: int, certificate: Path, key: Path) -> None:
    """Forward until SIGTERM or SIGINT."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(Forwarder(target).connection, LOOPBACK, listen, ssl=context)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    print(f"forwarding {LOOPBACK}:{listen} (TLS) to {LOOPBACK}:{target}", flush=True)
    await stop.wait()
    # Not waited for: connections that are kept alive would never end by themselves.
    server.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="Ends TLS on a port of 127.0.0.1 and passes the bytes on to another.")
    parser.add_argument("--listen", type=int, required=True)
    parser.add_argument("--target", type=int, required=True)
    parser.add_argument("--certificate", type=Path, required=True)
    parser.add_argument("--key", type=Path, required=True)
    wanted = parser.parse_args(arguments)
    asyncio.run(serve(wanted.listen, wanted.target, wanted.certificate, wanted.key))


if __name__ == "__main__":
    main()
