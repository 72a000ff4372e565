"""A plugin starts with every `pulumi` command, so it imports no more than it uses."""

import importlib.util
import sys
from types import ModuleType

PACKAGES_NOT_RUN = ("pulumi", "pulumi.runtime")


def import_lean() -> None:
    """Make `pulumi.runtime.proto` importable without the whole SDK around it, and httpx without its command line.

    That halves the time to start. Only for a plugin's own process: nothing else of the SDK can be imported after it.
    """
    for name in PACKAGES_NOT_RUN:
        if name in sys.modules:
            return
        found = importlib.util.find_spec(name)
        if found is None or found.submodule_search_locations is None:
            return
        package = ModuleType(name)
        package.__path__ = list(found.submodule_search_locations)
        sys.modules[name] = package
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
