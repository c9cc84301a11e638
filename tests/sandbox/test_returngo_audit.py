"""ReturnGO's journal in the books: each return on the page that our own keys name."""

import hashlib
from decimal import Decimal

import pytest

from sandbox.audit.reading import Reading
from sandbox.audit.returngo import FOLDS
from sandbox.kit.journal import Entry
from sandbox.returngo import ReturnGoSandbox
from tests.sandbox.returngo_wire import COAT, SHIRT, found, items, spec


def read(entries: list[Entry], connection: str = "demo") -> Reading:
    reading = Reading()
    reading.connection = connection
    for entry in entries:
        if fold := FOLDS.get(entry["op"]):
            fold(reading, entry)
    return reading


def key(rma_id: str, connection: str = "demo") -> str:
    return hashlib.sha256(f"{connection}/{rma_id}".encode()).hexdigest()[:32]


async def test_decisions_and_refunds() -> None:
    async with ReturnGoSandbox() as sandbox:
        rma_id = sandbox.add_return(spec(COAT, SHIRT))
        found(sandbox, rma_id, True, True, False)
        page = read(sandbox.journal.entries()).books.returns[key(rma_id)]
        assert (page.accepted, page.rejected) == ({"COAT": 2}, {"SHIRT-M": 1})
        assert page.refunded == {"GBP": Decimal("441.00")}
        sandbox.validate(rma_id, [{"item_id": items(sandbox, rma_id)[0], "returned": False}])
        sandbox.fail_refund(rma_id)
        page = read(sandbox.journal.entries()).books.returns[key(rma_id)]
        assert (page.accepted, page.rejected) == ({"COAT": 1}, {"COAT": 1, "SHIRT-M": 1}), "the last word counts"
        assert page.refunded == {}


async def test_the_same_number_of_two_shops_is_two_returns() -> None:
    async with ReturnGoSandbox() as sandbox:
        rma_id = sandbox.add_return(spec(mode="instant"))
        assert set(read(sandbox.journal.entries(), "other").books.returns) == {key(rma_id, "other")}
        assert key(rma_id, "other") != key(rma_id)


@pytest.mark.parametrize("reopened", [False, True])
async def test_cancelled_until_opened_again(reopened: bool) -> None:
    async with ReturnGoSandbox() as sandbox:
        rma_id = sandbox.add_return(spec())
        sandbox.cancel(rma_id)
        if reopened:
            sandbox.reopen(rma_id)
        assert read(sandbox.journal.entries()).books.returns[key(rma_id)].cancelled is not reopened
