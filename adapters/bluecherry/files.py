"""Where files are handed over: a small port, and the drop directories on a mounted share."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from adapters.bluecherry.contract import MAX_FILE_BYTES, PART_SUFFIX, VENDOR
from domain.outcomes import CredentialsRefused, RetryLater


class Files(Protocol):
    """The drop directories, open. `folder` is one of the contract's."""

    async def names(self, folder: str) -> list[str]:
        """Names of the files there."""
        ...

    async def read(self, folder: str, name: str) -> bytes | None:
        """A file, at most one byte more of it than is allowed; None when it is not there."""
        ...

    async def put(self, folder: str, name: str, data: bytes) -> None:
        """Write it whole under another name, then rename it: nobody ever sees a part. Never over another file."""
        ...


class Drop(Protocol):
    """Opens the drop directories. Inside, trouble is RetryLater or CredentialsRefused and nothing else."""

    def open(self) -> AbstractAsyncContextManager[Files]:
        """For a few operations; not to be kept open while something else is waited for."""
        ...


class DirectoryFiles:
    """Drop directories under one path of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def names(self, folder: str) -> list[str]:
        """Sorted by name."""
        return await asyncio.to_thread(self._names, folder)

    async def read(self, folder: str, name: str) -> bytes | None:
        """The file, or None."""
        return await asyncio.to_thread(self._read, self._root / folder / name)

    async def put(self, folder: str, name: str, data: bytes) -> None:
        """Written through to the disk before it gets its name."""
        await asyncio.to_thread(self._put, self._root / folder / name, data)

    def _names(self, folder: str) -> list[str]:
        return sorted(entry.name for entry in (self._root / folder).iterdir() if entry.is_file())

    def _read(self, path: Path) -> bytes | None:
        try:
            with path.open("rb") as file:
                return file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            return None

    def _put(self, path: Path, data: bytes) -> None:
        part = path.with_suffix(PART_SUFFIX)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            raise FileExistsError(path.name)
        part.rename(path)


class DirectoryDrop:
    """A mounted share. One that is not mounted may come back: RetryLater."""

    def __init__(self, path: str) -> None:
        self._root = Path(path)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Files]:
        """Nothing to open: errors of the file system become outcomes here."""
        try:
            yield DirectoryFiles(self._root)
        except PermissionError:
            raise CredentialsRefused(f"{VENDOR} drop directory: permission denied") from None
        except OSError as trouble:
            raise RetryLater(f"{VENDOR} drop directory: {type(trouble).__name__}") from None
