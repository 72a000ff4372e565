"""What is used of the Kubernetes client library: its ways of logging in, and its connections.

As a whole it makes a class for each of Kubernetes' 700 kinds when it is imported: 0.3 s and 40 MB at each preview, and none is used here.
Its packages are therefore not run until something asks them for more than what is imported below; then they are run as always.
"""

import importlib.util
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_PACKAGES = ("kubernetes", "kubernetes.client", "kubernetes.client.models")


def _import_lean() -> None:
    if any(name in sys.modules for name in _PACKAGES):
        return
    for name in _PACKAGES:
        parent, _, child = name.rpartition(".")
        sys.modules[name] = _not_run(name)
        if parent:
            setattr(sys.modules[parent], child, sys.modules[name])
    for name in ("rest", "configuration", "api_client"):
        module = import_module(f"kubernetes.client.{name}")
        setattr(sys.modules["kubernetes.client"], name, module)
    client = sys.modules["kubernetes.client"]
    client.Configuration = client.configuration.Configuration  # type: ignore[attr-defined]
    client.ApiClient = client.api_client.ApiClient  # type: ignore[attr-defined]


def _not_run(name: str) -> ModuleType:
    """The package of that name, to be run when something asks it for what it does not have yet."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    package, loader = importlib.util.module_from_spec(spec), spec.loader

    def found(attribute: str) -> Any:
        if attribute.startswith("__") or "__getattr__" not in vars(package):
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        del vars(package)["__getattr__"]
        loader.exec_module(package)
        return getattr(package, attribute)

    package.__getattr__ = found  # type: ignore[method-assign]
    return package


_import_lean()

# Only now: each of these would run the packages otherwise.
from kubernetes.client import ApiClient, Configuration  # noqa: E402
from kubernetes.config.config_exception import ConfigException  # noqa: E402
from kubernetes.config.kube_config import load_kube_config_from_dict  # noqa: E402

__all__ = ["ApiClient", "ConfigException", "Configuration", "load_kube_config_from_dict"]
