"""Amounts in one currency, the customer's or the shop's by configuration: decimal text, never a float. Pure."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from adapters.returngo import contract
from adapters.returngo.contract import Flow, WireMoney, WireReturn, WireTransaction
from adapters.returngo.settings import Amounts
from adapters.returngo.words import invalid, known
from domain.returns import Refund, RefundState

_CURRENCY = re.compile(r"[A-Z]{3}")


def chosen(money: WireMoney | None, amounts: Amounts, path: str) -> tuple[str, str]:
    """Amount and currency of what is configured; Rejected(EVENT_INVALID), which names `path`, when it is not there."""
    money = money or WireMoney()
    field, amount = ("shopAmount", money.shopAmount) if amounts == "shop" else ("amount", money.amount)
    if amount is None:
        raise invalid(f"{path}.{field} is missing")
    if not _CURRENCY.fullmatch(_currency(money, amounts)):
        raise invalid(f"{path} has no currency for its {field}")
    return amount, _currency(money, amounts)


def currency_of(wire: WireReturn, amounts: Amounts) -> str:
    """The one currency of the return's items, new items and transactions."""
    found = {currency for money in _money(wire) if money and (currency := _currency(money, amounts))}
    if len(found) != 1:
        raise invalid("return: its amounts are in several currencies" if found else "return: no amount has a currency")
    currency = found.pop()
    if not _CURRENCY.fullmatch(currency):
        raise invalid("return: the currency of its amounts is no currency code")
    return currency


def flow_of(transaction: WireTransaction, path: str) -> Flow:
    """Whether it is a refund, a payment or neither; `path` leads to it in the body."""
    return known(contract.FLOWS, transaction.type, f"{path}.type")


def to_refund(transaction: WireTransaction, amounts: Amounts, path: str) -> Refund:
    """One refund, in the configured currency."""
    amount, currency = chosen(transaction.amount, amounts, f"{path}.amount")
    return Refund(
        refund_id=transaction.id,
        state=known(contract.MONEY_STATES, transaction.status, f"{path}.status"),
        amount_text=amount,
        currency=currency,
        kind=transaction.type,
        created_at=transaction.createdAt,
    )


def due_and_paid(payments: Sequence[Refund], called_off: frozenset[str]) -> tuple[str, str]:
    """What the customer was asked to pay in all for dearer new items, and what is paid of it.

    A payment that failed is still owed while nothing else was asked for (E53); one that was called off is not.
    """
    live = [payment for payment in payments if payment.state is not RefundState.FAILED]
    failed = [payment for payment in payments if payment.state is RefundState.FAILED]
    asked = live or [payment for payment in failed if payment.refund_id not in called_off][-1:]
    return _total(asked), _total([payment for payment in live if payment.state is RefundState.PAID])


def fee_text(wire: WireReturn) -> str:
    """All fees that the platform keeps back."""
    fees = [Decimal(fee) for item in wire.items for fee in (item.restockingFee, item.returnFee, item.shipmentFee)]
    return format(sum(fees, Decimal(wire.cancellationFee)), "f")


def _total(payments: Sequence[Refund]) -> str:
    return format(sum((Decimal(payment.amount_text) for payment in payments), Decimal(0)), "f")


def _currency(money: WireMoney, amounts: Amounts) -> str:
    return money.shopCurrency if amounts == "shop" else money.currency


def _money(wire: WireReturn) -> Iterator[WireMoney | None]:
    """Everything that must be in the return's currency."""
    yield from (item.paidPrice for item in wire.items)
    yield from (wish.effectivePrice for item in wire.items for wish in item.exchangeItems)
    yield from (transaction.amount for transaction in wire.transactions)
