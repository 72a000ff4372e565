"""The bodies of every Flux object that a stack makes, as its components build them."""

from typing import Any

from stacks.choosing.choice import Chosen


def planned_bodies(chosen: Chosen) -> list[dict[str, Any]]:
    """Sources, Kustomizations and other Flux objects as plain data, before any resource exists."""
    return [
        *(args.body() for args in chosen.git.values()),
        *(args.body() for args in chosen.helm.values()),
        *(args.body() for args in chosen.oci.values()),
        *(args.body() for args in chosen.kustomizations.values()),
        *(args.body() for args in chosen.objects),
    ]
