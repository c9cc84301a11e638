"""The drop directories on an SFTP server, whose host key is known beforehand."""

import asyncio
import posixpath
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import cast

import asyncssh

from adapters.bluecherry.contract import MAX_FILE_BYTES, PART_SUFFIX, VENDOR
from adapters.bluecherry.files import Files
from adapters.bluecherry.settings import SftpSettings
from domain.outcomes import CredentialsRefused, RetryLater

#: What will not get better by itself: another server, another password, no rights.
_CLOSED_TO_US = (
    asyncssh.PermissionDenied,
    asyncssh.HostKeyNotVerifiable,
    asyncssh.KeyExchangeFailed,
    asyncssh.SFTPPermissionDenied,
)


class SftpFiles:
    """Drop directories under one path of an open session."""

    def __init__(self, sftp: asyncssh.SFTPClient, root: str) -> None:
        self._sftp = sftp
        self._root = root

    async def names(self, folder: str) -> list[str]:
        """Sorted by name."""
        entries = await self._sftp.readdir(self._path(folder))
        files = [entry for entry in entries if entry.attrs.type != asyncssh.FILEXFER_TYPE_DIRECTORY]
        return sorted(str(entry.filename) for entry in files)

    async def read(self, folder: str, name: str) -> bytes | None:
        """The file, or None."""
        try:
            async with self._sftp.open(self._path(folder, name), "rb") as file:
                return cast(bytes, await file.read(MAX_FILE_BYTES + 1))
        except asyncssh.SFTPNoSuchFile:
            return None

    async def put(self, folder: str, name: str, data: bytes) -> None:
        """The rename of SFTP does not replace a file that is there."""
        part = self._path(folder, posixpath.splitext(name)[0] + PART_SUFFIX)
        async with self._sftp.open(part, "wb") as file:
            await file.write(data)
        await self._sftp.rename(part, self._path(folder, name))

    def _path(self, *parts: str) -> str:
        return posixpath.join(self._root, *parts)


class SftpDrop:
    """Connects for each use: at most a few times a window, so there is nothing to keep alive."""

    def __init__(self, settings: SftpSettings, secret: str, timeout_seconds: int) -> None:
        self._settings = settings
        self._secret = secret
        self._timeout = timeout_seconds

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Files]:
        """A session. Only the configured host key is trusted, and no key, agent or file of this machine is used."""
        try:
            async with (
                asyncio.timeout(self._timeout),
                asyncssh.connect(self._settings.host, self._settings.port, **self._options()) as connection,
                connection.start_sftp_client() as sftp,
            ):
                yield SftpFiles(sftp, self._settings.path)
        except _CLOSED_TO_US as refusal:
            raise CredentialsRefused(f"{VENDOR} SFTP: {type(refusal).__name__}") from None
        except (asyncssh.Error, OSError, TimeoutError) as trouble:
            raise RetryLater(f"{VENDOR} SFTP: {type(trouble).__name__}") from None

    def _options(self) -> Mapping[str, object]:
        by_key = self._settings.auth == "private_key"
        return {
            "username": self._settings.username,
            "known_hosts": ([asyncssh.import_public_key(self._settings.host_key)], [], []),
            "client_keys": [asyncssh.import_private_key(self._secret)] if by_key else None,
            "password": None if by_key else self._secret,
            "preferred_auth": "publickey" if by_key else "password,keyboard-interactive",
            "agent_path": None,
            "config": None,
            "gss_host": None,
        }
