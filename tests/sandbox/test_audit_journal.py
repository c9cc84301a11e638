"""The audit reads what the Prima sandbox really writes."""

from decimal import Decimal

from sandbox.audit import read_books
from tests.sandbox.prima_wire import credit, receipt, wire

ID = "0123456789abcdef0123456789abcdef"


async def test_a_return_over_the_wire_is_read_back() -> None:
    async with wire() as prima:
        number = (await prima.open_return(key=f"bh-{ID}-r-1")).data.get("ReturnNumber", "")
        await prima.ask("ReturnReceipt", receipt(number, f"bh-{ID}-g-1", depot="QT"))
        noted = await prima.ask("NewCreditNote", credit(number, f"bh-{ID}-c-1"))
        number = noted.data.get("CreditNumber", "")
        before = read_books(prima.prima.journal.entries(), [])
        await prima.ask("CancelCreditNote", f'<Data CreditNumber="{number}"/>')
        after = read_books(prima.prima.journal.entries(), [])
    assert before.violations == after.violations == []
    assert before.returns[ID].credited == {"GBP": Decimal("220.50")}
    assert before.returns[ID].received == {"QT": {"P1001-BLK-080": 1}}
    assert after.returns[ID].credited == {}
