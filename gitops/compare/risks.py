"""The worst that a decision can do, by its kind; where its sentence says otherwise, the decision does."""

from collections.abc import Mapping
from enum import StrEnum


class Risk(StrEnum):
    """The worst first."""

    DELETES = "deletes-objects"
    SECRET = "gives-a-secret-away"  # noqa: S105
    TRUST = "trusts-somebody-else"
    ACCESS = "opens-access"
    MAY_DELETE = "can-delete-objects"
    """Of what in Git is called by what changes; whether anything is, is not known here."""
    UNKNOWN = "is-not-compared"
    STOPS = "stops-updates"
    MAY_STOP = "can-stop-updates"
    """Of what in Git needs what changes; whether anything does is not known here."""
    SAFEGUARD = "removes-a-safeguard"
    NONE = "none"

    @property
    def words(self) -> str:
        """`deletes objects`; empty if there is none."""
        return _WORDS[self]


_WORDS = {
    Risk.DELETES: "deletes objects",
    Risk.SECRET: "gives a secret away",
    Risk.TRUST: "trusts somebody else",
    Risk.ACCESS: "opens access",
    Risk.MAY_DELETE: "can delete objects",
    Risk.UNKNOWN: "could not be compared in full",
    Risk.STOPS: "stops updates",
    Risk.MAY_STOP: "can stop updates",
    Risk.SAFEGUARD: "removes a safeguard",
    Risk.NONE: "",
}
_KINDS: Mapping[Risk, tuple[str, ...]] = {
    Risk.DELETES: (
        "namespace-is-deleted",
        "volume-is-deleted",
        "crd-is-deleted",
        "release-is-reinstalled",
        "kustomization-goes",
        "crd",
        "moves-between-kustomizations",
        "kustomization-moves",
        "objects-move",
        "old-spec-first",
        "object-is-replaced",
    ),
    Risk.SECRET: (
        "secret-is-copied",
        "secrets-provider",
        "secret-in-plain-text",
        "cluster",
        "another-cluster",
        "host-moves",
        "credential-is-sent",
        "recipient",
        "reader",
    ),
    Risk.TRUST: ("program", "workflow", "project-file", "manifests", "registry", "source-moves", "digest", "trust"),
    Risk.ACCESS: ("rbac", "rights", "network-policy", "lockdown"),
    Risk.MAY_DELETE: ("variable-changes",),
    Risk.UNKNOWN: ("stack-comes", "stack-file", "secret-value", "not-shown"),
    Risk.STOPS: ("build-fails", "revision-is-missing", "waits", "controller-goes", "suspended"),
    Risk.MAY_STOP: (
        "shard-goes",
        "shard-comes",
        "source-goes",
        "credential-goes",
        "key-goes",
        "key-changes",
        "active-key",
        "decryption",
        "variable-goes",
        "crd-schema",
    ),
    Risk.SAFEGUARD: (
        "remove-taken-over",
        "insecure-host",
        "acknowledged",
        "record",
        "environment",
        "verification",
        "pin",
        "unencrypted",
        "take-over",
        "on-destroy",
        "deletion-policy",
        "prune",
        "force",
    ),
    Risk.NONE: (
        "crd-version",
        "provider-setting",
        "stack-goes",
        "kustomization-is-left",
        "secret-is-replaced",
        "resumed",
        "build-is-mended",
    ),
}
RISKS: Mapping[str, Risk] = {kind: risk for risk, kinds in _KINDS.items() for kind in kinds}
"""Kind of a decision → its risk; the worst first, also among those of the same risk."""
ORDER = {risk: rank for rank, risk in enumerate(Risk)}
_RANK = {kind: rank for rank, kind in enumerate(RISKS)}


def rank_of(risk: Risk, kind: str) -> tuple[int, int]:
    """For sorting: the worst first."""
    return ORDER[risk], _RANK[kind]
