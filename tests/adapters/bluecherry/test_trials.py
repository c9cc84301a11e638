"""D1, D7, N2: whatever is lost on the way, each document is made once: trials with everything that can go wrong."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.bluecherry.client import ReadApi
from adapters.bluecherry.files import DirectoryDrop, Files
from adapters.bluecherry.port import BlueCherryErp
from domain.batches import AnyRequest, Batch, BatchRef, RecordClass
from domain.documents import DocumentKind as K
from domain.outcomes import RetryLater
from sandbox.kit.faults import Fault, FaultPlan
from tests.adapters.bluecherry.samples import CREATED, EXCHANGE_KEY, credit, receipt, replacement, rma, transfer
from tests.adapters.bluecherry.shop import WINDOW, Shop, shop

TRIALS, MORE_TRIALS = 12, 212
"""Five documents each: with all of them, more than a thousand."""
MOST_ATTEMPTS = 200
RMA, STOCK, CREDIT = RecordClass.RMA, RecordClass.STOCK, RecordClass.CREDIT


class ShakyFiles:
    """Real directories behind a line that breaks before or after what was asked."""

    def __init__(self, files: Files, dice: random.Random) -> None:
        self._files = files
        self._dice = dice

    def _breaks(self) -> None:
        if self._dice.random() < 0.2:
            raise RetryLater("the line broke")

    async def names(self, folder: str) -> list[str]:
        self._breaks()
        return await self._files.names(folder)

    async def read(self, folder: str, name: str) -> bytes | None:
        self._breaks()
        return await self._files.read(folder, name)

    async def put(self, folder: str, name: str, data: bytes) -> None:
        self._breaks()
        await self._files.put(folder, name, data)
        self._breaks()


class ShakyDrop:
    def __init__(self, root: Path, dice: random.Random) -> None:
        self._drop = DirectoryDrop(str(root))
        self._dice = dice

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Files]:
        async with self._drop.open() as files:
            yield ShakyFiles(files, self._dice)


class Desk:
    """Follows the rules of the contract: hand over until it is there; no acknowledgement: look up, then resend."""

    def __init__(self, bluecherry: Shop, erp: BlueCherryErp, dice: random.Random) -> None:
        self.bluecherry = bluecherry
        self.erp = erp
        self.dice = dice

    async def make(self, record_class: RecordClass, kind: K, request: AnyRequest) -> str:
        for _ in range(MOST_ATTEMPTS):
            batch = self.bluecherry.batch(record_class, (kind, request))
            await self._hand_over(batch)
            if self.dice.random() < 0.3:
                self.bluecherry.sandbox.switch("lose_ack")
            self.bluecherry.sandbox.process(WINDOW[record_class])
            if number := await self._number(batch.ref, kind, request.key):
                return number
        raise AssertionError("never made")

    async def _hand_over(self, batch: Batch) -> None:
        for _ in range(MOST_ATTEMPTS):
            try:
                await self.erp.hand_over(batch)
            except RetryLater:
                continue
            if self.dice.random() < 0.7:
                return

    async def _number(self, batch: BatchRef, kind: K, key: str) -> str:
        for _ in range(MOST_ATTEMPTS):
            try:
                if (found := await self.erp.acknowledgement(batch)) is not None:
                    assert found.refused == []
                    return found.taken[0].number
                posted = await self.erp.find_document(kind, key) if kind not in (K.RECEIPT, K.TRANSFER) else None
            except RetryLater:
                continue
            return posted.number if posted else ""
        raise AssertionError("never answered")


@pytest.mark.verify
@pytest.mark.parametrize("seed", range(TRIALS, MORE_TRIALS))
async def test_N2_every_document_is_made_once_in_a_thousand_trials(tmp_path: Path, seed: int) -> None:
    await trial(tmp_path, seed)


@pytest.mark.parametrize("seed", range(TRIALS))
async def test_N2_every_document_is_made_once_whatever_is_lost(tmp_path: Path, seed: int) -> None:
    await trial(tmp_path, seed)


async def trial(tmp_path: Path, seed: int) -> None:
    """Five documents of a return, with faults on every line."""
    kinds = ("unavailable", "lost_answer", "cut_body", "malformed_body", "throttle")
    plan = FaultPlan([Fault(match="*", kind=kind, times=None, probability=8) for kind in kinds], seed)
    dice = random.Random(seed)
    async with shop(tmp_path, plan) as bluecherry:
        api: ReadApi = bluecherry.erp._api
        erp = BlueCherryErp(api, ShakyDrop(tmp_path, dice), bluecherry.settings, lambda: CREATED)
        desk = Desk(bluecherry, erp, dice)
        number = await desk.make(RMA, K.RMA, rma())
        await desk.make(STOCK, K.RECEIPT, receipt(number))
        await desk.make(STOCK, K.TRANSFER, transfer())
        await desk.make(RMA, K.EXCHANGE, replacement(rma_number=number))
        await desk.make(CREDIT, K.CREDIT, credit(number))
        assert {op: bluecherry.count(op) for op in ("RAH", "RCV", "ADJ", "SOH", "CMH")} == {
            "RAH": 1,
            "RCV": 1,
            "ADJ": 2,
            "SOH": 1,
            "CMH": 1,
        }
        assert bluecherry.sandbox.journal.entries("SOH")[0]["key"] == EXCHANGE_KEY
