"""Keeping what was read last, up to a size."""

from collections import OrderedDict
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class Kept(Generic[_Value]):
    """Values by the file that they were read from; the one that was not asked for longest goes first."""

    def __init__(self, size: int) -> None:
        """Keep at most `size` bytes of files, and always the last one."""
        self._size = size
        self._values: OrderedDict[str, tuple[_Value, int]] = OrderedDict()
        self._kept = 0

    def __contains__(self, file: str) -> bool:
        return file in self._values

    def __getitem__(self, file: str) -> _Value:
        self._values.move_to_end(file)
        return self._values[file][0]

    def keep(self, file: str, value: _Value, size: int) -> None:
        """Keep `value`, made of `size` bytes."""
        self._values[file] = (value, size)
        self._kept += size
        while self._kept > self._size and len(self._values) > 1:
            _, (_, dropped) = self._values.popitem(last=False)
            self._kept -= dropped
