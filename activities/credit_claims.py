"""What a credit stands for: units, differences of exchanges, and money that is out. No other credit may have them."""

from datetime import datetime

from activities.books import Books
from activities.exposure import open_exposure
from activities.signatures import CreditRefund
from activities.valuation import Valuation
from store.unit import Unit


async def claim(
    unit: Unit, name: str, request: CreditRefund, books: Books, valuation: Valuation, key: str, now: datetime
) -> None:
    """All of it belongs to the credit `key` from here on; `name` is the ledger of the order."""
    await unit.slots.credit(name, books.snapshot.order_number, request.ref, valuation.slots, key, now)
    for share in valuation.reading.exchanges:
        exchange = books.exchanges[share.number]
        await unit.exchanges.mark(exchange.key, exchange.state, credit_key=key, now=now)
    await open_exposure(unit, name, request, books.value, valuation.ahead, key, now)


async def take_back(unit: Unit, key: str, now: datetime) -> None:
    """A credit that the ERP surely does not have gives its units and money back to the order's ledger."""
    await unit.slots.uncredit(key, now)
    await unit.exchanges.uncredit(key, now)
    await unit.exposures.void(key, now, "the credit was never made")
    await unit.ledger.remove(key)
