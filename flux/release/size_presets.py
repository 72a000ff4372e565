"""The sizes of an installation: concurrency and limits of the controllers that do the work."""

from dataclasses import dataclass

from flux.sharding import SHARDED_CONTROLLERS


@dataclass(frozen=True, kw_only=True)
class SizePreset:
    """Concurrency and limits of source-, kustomize- and helm-controller."""

    concurrent: int
    cpu: str
    memory: str


SIZE_PRESETS = {
    "small": SizePreset(concurrent=5, cpu="1000m", memory="512Mi"),
    "medium": SizePreset(concurrent=10, cpu="2000m", memory="1Gi"),
    "large": SizePreset(concurrent=20, cpu="3000m", memory="3Gi"),
}
SIZED_CONTROLLERS = SHARDED_CONTROLLERS
