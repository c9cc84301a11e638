"""A table that remembers earlier versions of its rows, for reads that lag behind."""

import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Table(Generic[K, V]):
    """Rows by key. Rows must be immutable: a change is a new row put under the same key.

    Every read takes a `lag` in seconds and answers as of then. Not thread safe: the vendor's lock guards it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._versions: dict[K, list[tuple[float, V]]] = {}

    def put(self, key: K, row: V) -> None:
        self._versions.setdefault(key, []).append((self._clock(), row))

    def get(self, key: K, lag: float = 0.0) -> V | None:
        """The row under `key` as of `lag` seconds ago, or None when it was not there."""
        versions = self._versions.get(key, [])
        if not lag:
            return versions[-1][1] if versions else None
        limit = self._clock() - lag
        return next((row for at, row in reversed(versions) if at <= limit), None)

    def __getitem__(self, key: K) -> V:
        return self._versions[key][-1][1]

    def __contains__(self, key: object) -> bool:
        return key in self._versions

    def __len__(self) -> int:
        return len(self._versions)

    def __iter__(self) -> Iterator[K]:
        return iter(list(self._versions))

    def values(self, lag: float = 0.0) -> list[V]:
        """All rows as of `lag` seconds ago, in the order their keys first appeared."""
        rows = (self.get(key, lag) for key in self)
        return [row for row in rows if row is not None]
