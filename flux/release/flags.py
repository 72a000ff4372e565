"""Command-line flags of a controller, changed by name."""

from collections.abc import Mapping

FlagValue = str | bool | int | list[str]


def set_flags(arguments: list[str], flags: Mapping[str, FlagValue | None]) -> list[str]:
    """Return `arguments` with each of `flags` set, wherever it stood before.

    By name and never by index, because the order of the manifests' arguments changes between Flux
    releases. A list repeats the flag (as `feature-gates` allows); `None` removes it. Names are
    written without the leading dashes.
    """
    remaining = {name: _rendered(name, value) for name, value in flags.items()}
    changed: list[str] = []
    for argument in arguments:
        name = argument.removeprefix("--").split("=", 1)[0]
        if name not in flags:
            changed.append(argument)
        elif name in remaining:
            changed.extend(remaining.pop(name))
    for rendered in remaining.values():
        changed.extend(rendered)
    return changed


def _rendered(name: str, value: FlagValue | None) -> list[str]:
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    return [f"--{name}={str(item).lower() if isinstance(item, bool) else item}" for item in values]
