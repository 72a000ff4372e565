"""The two rules of the API server for which JSON schema has no keyword, as keywords of our own."""

from typing import Any

LARGEST_EXACT_FLOAT = 2**53 - 1


class IntegerOnTheServer:
    """A float is taken for an integer only as far as floats are exact."""

    def __init__(self, parent: dict[str, Any], value: Any, path: list[str | int]) -> None:
        """Take no parameter of `value`."""

    def validate(self, instance: Any) -> None:
        """Raise ValueError when the server would not take `instance` for an integer."""
        if isinstance(instance, float) and abs(instance) > LARGEST_EXACT_FLOAT:
            raise ValueError


class ListMap:
    """In a list of type map no two items have the same keys. A key that is missing has its default."""

    def __init__(self, parent: dict[str, Any], value: Any, path: list[str | int]) -> None:
        """Read the names and defaults of the keys."""
        self._keys: list[str] = value["keys"]
        self._defaults: dict[str, Any] = value["items"]

    def validate(self, instance: Any) -> None:
        """Raise ValueError when two items have the same keys; says the index of the second one."""
        index = self.duplicate(instance)
        if index is not None:
            raise ValueError(str(index))

    def duplicate(self, instance: Any) -> int | None:
        """The index of the first item whose keys an earlier one has."""
        seen: list[list[Any]] = []
        for index, item in enumerate(instance if isinstance(instance, list) else ()):
            if not isinstance(item, dict):
                continue
            keys = [self._value(item, key) for key in self._keys]
            if keys in seen:
                return index
            seen.append(keys)
        return None

    def _value(self, item: dict[str, Any], key: str) -> Any:
        value = item.get(key)
        return self._defaults.get(key) if value is None else value


KEYWORDS: dict[str, Any] = {"integerOnTheServer": IntegerOnTheServer, "listMap": ListMap}
