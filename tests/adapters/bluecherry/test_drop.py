"""R35, D7: files are handed over whole, on a share and by SFTP, and a server that is not ours is never talked to."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest
from pydantic import SecretStr

from adapters.bluecherry.contract import ARCHIVE, ERROR, INBOUND
from adapters.bluecherry.files import DirectoryDrop, Drop
from domain.batches import RecordClass
from domain.documents import DocumentKind
from domain.outcomes import CredentialsRefused, RetryLater
from tests.adapters.bluecherry.samples import RMA_KEY, rma
from tests.adapters.bluecherry.sftp_server import OTHER_KEY, PASSWORD, USER_KEY, Server, directories, sftp_server
from tests.adapters.bluecherry.shop import shop
from tests.patience import PATIENCE

NAME = "BC_10_20260320141500_000042.dat"


class ReadOnly(asyncssh.SFTPServer):
    """Gives files their last names to nobody."""

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        raise PermissionError(errno.EACCES, "no")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with sftp_server(tmp_path) as running:
        yield running


@pytest.fixture(params=["directory", "sftp"])
async def drop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Drop, Path]]:
    if request.param == "directory":
        yield DirectoryDrop(str(directories(tmp_path / "drop"))), tmp_path / "drop"
    else:
        async with sftp_server(tmp_path) as running:
            yield running.drop(), tmp_path / "drop"


async def test_D7_a_file_is_put_read_and_listed(drop: tuple[Drop, Path]) -> None:
    port, root = drop
    async with port.open() as files:
        await files.put(INBOUND, NAME, b"one\n")
        assert await files.names(INBOUND) == [NAME]
        assert await files.read(INBOUND, NAME) == b"one\n"
        assert await files.read(ARCHIVE, NAME) is None
        assert await files.names(ERROR) == []
    assert [path.name for path in (root / INBOUND).iterdir() if path.is_file()] == [NAME]


async def test_D7_the_rest_of_an_interrupted_writing_is_written_over(drop: tuple[Drop, Path]) -> None:
    port, root = drop
    (root / INBOUND / NAME).with_suffix(".tmp").write_bytes(b"half of something longer than what comes now")
    async with port.open() as files:
        await files.put(INBOUND, NAME, b"whole\n")
    assert (root / INBOUND / NAME).read_bytes() == b"whole\n"


async def test_D7_a_file_that_lies_there_is_never_replaced(drop: tuple[Drop, Path]) -> None:
    port, root = drop
    (root / INBOUND / NAME).write_bytes(b"first\n")
    with pytest.raises(RetryLater):
        async with port.open() as files:
            await files.put(INBOUND, NAME, b"second\n")
    assert (root / INBOUND / NAME).read_bytes() == b"first\n"


async def test_a_drop_that_is_not_mounted_may_come_back(drop: tuple[Drop, Path]) -> None:
    port, root = drop
    (root / ERROR).rmdir()
    with pytest.raises(RetryLater):
        async with port.open() as files:
            await files.names(ERROR)


async def test_sftp_with_a_private_key(server: Server) -> None:
    drop = server.drop(USER_KEY.export_private_key().decode(), auth="private_key")
    async with drop.open() as files:
        assert await files.names(INBOUND) == []


async def test_a_server_with_another_host_key_gets_no_password(tmp_path: Path) -> None:
    for kind in ("ssh-ed25519", "ecdsa-sha2-nistp256"):
        other = asyncssh.generate_private_key(kind)
        async with sftp_server(tmp_path / kind, other) as running:
            with pytest.raises(CredentialsRefused):
                async with running.drop().open():
                    pass


@pytest.mark.parametrize("auth", ["password", "private_key"])
async def test_credentials_that_do_not_hold(server: Server, auth: str) -> None:
    secret = "wrong" if auth == "password" else OTHER_KEY.export_private_key().decode()
    with pytest.raises(CredentialsRefused) as refusal:
        async with server.drop(secret, auth=auth).open():
            pass
    assert secret not in str(refusal.value)


async def test_directories_that_we_may_not_write_into(tmp_path: Path) -> None:
    async with sftp_server(tmp_path, kind=ReadOnly) as running:
        with pytest.raises(CredentialsRefused):
            async with running.drop().open() as files:
                await files.put(INBOUND, NAME, b"x")


async def test_a_server_that_is_away_or_says_nothing_is_asked_again_later() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        with pytest.raises(RetryLater):
            async with Server(port, Path()).drop().open():
                pass
        silent.listen()
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(RetryLater):
                async with Server(port, Path()).drop(timeout=1).open():
                    pass


async def test_D7_a_return_is_authorised_over_sftp(server: Server) -> None:
    sftp, secret = server.settings(), SecretStr(PASSWORD)
    async with shop(server.root / "drop", drop=sftp, drop_secret=secret) as running:
        await running.erp.probe()
        batch = running.batch(RecordClass.RMA, (DocumentKind.RMA, rma()))
        first = await running.erp.hand_over(batch)
        again = first.model_copy(update={"found": True})
        assert await running.erp.hand_over(batch) == again
        assert running.files(INBOUND) == [first.file]
        assert not await running.erp.is_picked_up(batch.ref)
        running.sandbox.process("operational")
        assert await running.erp.is_picked_up(batch.ref)
        assert await running.erp.hand_over(batch) == again
        assert (await running.acknowledged(batch.ref)).taken[0].key == RMA_KEY
        assert PASSWORD not in repr(running.settings)
