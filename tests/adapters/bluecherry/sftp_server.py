"""A real SFTP server on loopback, with drop directories."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from adapters.bluecherry.settings import SftpSettings
from adapters.bluecherry.sftp import SftpDrop

PASSWORD = "open sesame"
HOST_KEY = asyncssh.generate_private_key("ssh-ed25519")
OTHER_KEY = asyncssh.generate_private_key("ssh-ed25519")
USER_KEY = asyncssh.generate_private_key("ssh-ed25519")


class Door(asyncssh.SSHServer):
    """Lets in one user by password or key."""

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("backhaul", PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key.public_data == USER_KEY.public_data


@dataclass
class Server:
    port: int
    root: Path

    def settings(self, **changes: object) -> dict[str, object]:
        values = {
            "kind": "sftp",
            "host": "127.0.0.1",
            "port": self.port,
            "username": "backhaul",
            "host_key": HOST_KEY.export_public_key().decode(),
            "path": "drop",
        }
        return values | changes

    def drop(self, secret: str = PASSWORD, timeout: int = 5, **changes: object) -> SftpDrop:
        return SftpDrop(SftpSettings.model_validate(self.settings(**changes)), secret, timeout)


def directories(root: Path) -> Path:
    for folder in ("inbound/archive", "inbound/error", "outbound/ack"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    return root


@asynccontextmanager
async def sftp_server(
    root: Path, key: asyncssh.SSHKey = HOST_KEY, kind: type[asyncssh.SFTPServer] = asyncssh.SFTPServer
) -> AsyncIterator[Server]:
    directories(root / "drop")
    listening = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Door,
        server_host_keys=[key],
        sftp_factory=lambda channel: kind(channel, chroot=str(root).encode()),
    )
    async with listening:
        yield Server(listening.get_port(), root)
