"""Which plugin versions the installed SDKs ask the engine for."""

import importlib.util
import json
from pathlib import Path


def plugin_version(package: str) -> str:
    """The version in `pulumi_<package>/pulumi-plugin.json`, without importing the SDK."""
    found = importlib.util.find_spec(f"pulumi_{package}")
    if found is None or not found.submodule_search_locations:
        raise LookupError(f"pulumi_{package} is not installed in this environment: make setup")
    described = json.loads((Path(found.submodule_search_locations[0]) / "pulumi-plugin.json").read_text())
    return str(described["version"]).removeprefix("v")
