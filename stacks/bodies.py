"""The bodies of every Flux object that a stack makes, built as the components build them."""

from typing import Any

from flux.objects import flux_object, git_repository, helm_repository, kustomization, oci_repository
from stacks.choice import Chosen


def planned_bodies(chosen: Chosen) -> list[dict[str, Any]]:
    """Sources, Kustomizations and other Flux objects as plain data, before any resource exists."""
    return [
        *(git_repository(args.object_name, url=args.url, secret_name=args.secret_name, spec=args.spec) for args in chosen.git.values()),
        *(helm_repository(args.object_name, url=args.url, secret_name=args.secret_name, spec=args.spec) for args in chosen.helm.values()),
        *(oci_repository(args.object_name, url=args.url, secret_name=args.secret_name, spec=args.spec) for args in chosen.oci.values()),
        *(kustomization(args.object_name, spec=args.spec, inherit=args.inherit) for args in chosen.kustomizations.values()),
        *(flux_object(args.api_version, args.kind, args.object_name, spec=args.spec) for args in chosen.objects),
    ]
