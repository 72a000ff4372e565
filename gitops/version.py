"""What `gitops --version` prints: this program, the Flux that it was tested with, and the Pulumi packages that it runs on."""

from importlib.metadata import PackageNotFoundError, version

from flux.release.tested import TESTED_VERSIONS

PACKAGES = {"pulumi": "Pulumi SDK", "pulumi-kubernetes": "provider kubernetes", "pulumi-random": "provider random"}
"""The SDK of a provider has the version of the plugin that the engine asks for."""
UNKNOWN = "not installed"


def package_version(package: str) -> str:
    """The installed version of a Python package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return UNKNOWN


def shown() -> str:
    """All of it, a line each."""
    newest, *older = TESTED_VERSIONS
    packages = (f"{what} {package_version(package)}" for package, what in PACKAGES.items())
    return "\n".join([f"gitops {package_version('gitops')}", f"Flux {newest}, also tested with {', '.join(older)}", *packages])
