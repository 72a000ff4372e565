"""The real sops, as a person runs it: rules in a .sops.yaml, the identity in the environment."""

import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = Path(sys.prefix) / "bin" / "sops"


def encrypt(plain: bytes, rules: str, *, path: str = "it.sops.yaml") -> bytes:
    """`plain` as `sops encrypt` writes it under a .sops.yaml of `rules`."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / ".sops.yaml"
        config.write_text(rules)
        done = _run(["--config", str(config), "encrypt", "--filename-override", path], plain, folder)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def decrypt(encrypted: bytes, identity: str) -> bytes | None:
    """What `sops decrypt` makes of it with `identity` alone; None when that cannot read it."""
    with tempfile.TemporaryDirectory() as folder:
        done = _run(["decrypt", "--filename-override", "it.sops.yaml"], encrypted, folder, SOPS_AGE_KEY=identity)
    return done.stdout if done.returncode == 0 else None


def decrypt_with_ssh_key(encrypted: bytes, private_key: str) -> bytes | None:
    """As `decrypt`, with a person's SSH key in place of an identity."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "key"
        file.touch(mode=0o600)
        file.write_text(private_key)
        done = _run(["decrypt", "--filename-override", "it.sops.yaml"], encrypted, folder, SOPS_AGE_SSH_PRIVATE_KEY_FILE=str(file))
    return done.stdout if done.returncode == 0 else None


def _run(arguments: list[str], given: bytes, folder: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    # A home of its own: sops would otherwise read the keys of whoever runs the tests.
    around = {"HOME": folder, "PATH": "", **environment}
    return subprocess.run([PROGRAM, *arguments], input=given, env=around, cwd=folder, capture_output=True, check=False)
