"""Running helm on what a stranger wrote: within bounds, in a home of its own, and with everything that it started ended.

It sees no plugin, no settings, no login and no cluster of a person, and of the environment only what a program needs to get out to a chart
repository, where it may. A template reads no file but those of its chart, looks up nothing in a cluster, and resolves no name
(https://helm.sh/docs/helm/helm_template). A schema of values may name files and servers, so none is applied.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from flux.bounded_documents import Bounds, content_of
from gitops.compare.charts.not_rendered import ChartNotRenderedError
from gitops.compare.sentence import Sentence, joined, say
from gitops.limited_command import limited_command

TEMPLATE_SECONDS = 30.0
"""Of one chart. The largest known, kube-prometheus-stack, takes one second."""
PULL_SECONDS = 60.0
_MEMORY_KIB = 4 * 1024**2
"""Of addresses: Go reserves half a gigabyte before it has read a file."""
OUTPUT = Bounds(size=16 * 1024**2, values=1_000_000)
"""Of all that a chart makes: four times what kube-prometheus-stack makes with its CRDs."""
_SAID = Bounds(size=16 * 1024)
_LARGEST_FILE = 64 * 1024**2
"""Of what helm writes while it pulls: an index of all versions of all charts may have 50 MiB (source-controller, --helm-index-max-size)."""
_NOWHERE = "http://127.0.0.1:9"
_PROXIES = tuple(name for each in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY") for name in (each, each.lower()))
_TO_GET_OUT = (*_PROXIES, "SSL_CERT_FILE", "SSL_CERT_DIR")
_OUT_OF_MEMORY = ("fatal error: ", "cannot allocate memory")
_FOLDERS = ("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
_FOLDERS_OF_HELM = ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME", "HELM_PLUGINS")
_ADVICE = "\n\nUse --debug flag"


def helm_program() -> str | None:
    """Helm on PATH."""
    return shutil.which("helm")


def template(program: str, arguments: Sequence[str], folder: Path) -> str:
    """What `helm template` prints. It reaches no network.

    Raises:
        ChartNotRenderedError: it failed, or took too much.
    """
    nowhere = dict.fromkeys(_PROXIES, _NOWHERE) | {"NO_PROXY": "", "no_proxy": ""}
    said = _run([program, "template", *arguments], folder, nowhere, TEMPLATE_SECONDS, OUTPUT.size)
    if len(said) > OUTPUT.size:
        raise ChartNotRenderedError(say(f"it makes more than {OUTPUT.size // 1024**2} MiB"))
    return said.decode("utf-8", errors="replace")


def pull(program: str, arguments: Sequence[str], folder: Path, host: str) -> None:
    """`helm pull`, without a login.

    Raises:
        ChartNotRenderedError: it failed, or took too much.
    """
    out = {name: value for name in _TO_GET_OUT if (value := os.environ.get(name))}
    # What helm says may quote another server's answer: an index names servers, and a server redirects.
    failed = say("it cannot be pulled from {}", host)
    _run([program, "pull", *arguments], folder, out, PULL_SECONDS, _LARGEST_FILE, failed)


def _run(
    command: Sequence[str], folder: Path, more: Mapping[str, str], seconds: float, largest: int, failed: Sentence | None = None
) -> bytes:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    with (folder / "output").open("wb") as output, (folder / "error").open("wb") as error:
        try:
            process = subprocess.Popen(
                limited_command(command, memory_kib=_MEMORY_KIB, largest_file=largest + 1, seconds=seconds),
                cwd=home,
                env=_environment(home) | dict(more),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=error,
                start_new_session=True,
            )
        except OSError as problem:  # the kinds of a cluster are too many for a command line
            raise ChartNotRenderedError(say("helm cannot be run ({})", problem.strerror or "")) from None
    try:
        code = process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        code = None
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    said = content_of(folder / "error", _SAID)[: _SAID.size].decode("utf-8", errors="replace")
    full = (folder / "output").stat().st_size >= largest
    if code is None or code < 0 or full or any(each in said for each in _OUT_OF_MEMORY):
        raise ChartNotRenderedError(say(f"helm took more than {seconds:.0f} s, or more memory or output than is allowed"))
    if code:
        raise ChartNotRenderedError(failed or _what_helm_says(said.replace(f"{folder}/", "")))
    return content_of(folder / "output", OUTPUT)


def _what_helm_says(said: str) -> Sentence:
    lines = [line.strip() for line in said.partition(_ADVICE)[0].splitlines() if line.strip()]
    told = [line for line in lines if line.startswith("Error: ")] or lines[-1:] or ["nothing"]
    return joined([say("helm says"), say("{}", told[0].removeprefix("Error: "))], " ")


def _environment(home: Path) -> dict[str, str]:
    """Nothing of the caller's."""
    folders = {**dict.fromkeys(_FOLDERS, str(home)), **{name: str(home / name.lower()) for name in _FOLDERS_OF_HELM}}
    nothing = dict.fromkeys(("KUBECONFIG", "HELM_REPOSITORY_CONFIG", "HELM_REGISTRY_CONFIG"), os.devnull)
    nothing |= {"HELM_REPOSITORY_CONFIG": str(home / "repositories.yaml"), "HELM_REGISTRY_CONFIG": str(home / "registry.json")}
    return {**folders, **nothing, "PATH": str(home), "LC_ALL": "C", "DOCKER_CONFIG": str(home)}
