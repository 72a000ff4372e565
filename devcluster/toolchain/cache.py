"""Where the user's cache lies; how its directories are made is `flux.cache_directory`."""

from flux.cache_directory import cached_directory, exclusive, remove_abandoned, remove_tree
from flux.environment import cache_root

__all__ = ["cache_root", "cached_directory", "exclusive", "remove_abandoned", "remove_tree"]
