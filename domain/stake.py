"""What an exception is about: units and money, read from its figures. Nothing is guessed: what they do not say is None.

The figures are texts that the steps wrote for people; each name has one meaning wherever it is used.
"""

import re
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from domain.exposure import units_in
from domain.money import Money, parse_money

Figures = Mapping[str, JsonValue]

#: Figures that are a number of units, the most telling first.
_COUNTED = ("missing", "wanted", "quantity")
#: Figures that list units, as ``2 x P1001-BLK, 1 x P1002-BLU``.
_LISTED = ("units", "surplus")
_LISTED_UNITS = re.compile(r"(?:^|, )(\d{1,9}) x ")
#: Further amounts of one exception, in the currency of its own amount.
_AMOUNTS = ("platform_amount", "order_amount", "erp_total", "our_total")
_MONEY = re.compile(r"(\S+) ([A-Z]{3})")
_WHOLE = re.compile(r"-?\d+")


def units_at_stake(figures: Figures) -> int | None:
    """How many units the exception is about."""
    try:
        if named := units_in(figures):
            return sum(named.values())
    except ValueError:
        return None
    for name in _COUNTED:
        text = figures.get(name)
        if isinstance(text, str) and text.isdecimal():
            return int(text)
    for name in _LISTED:
        text = figures.get(name)
        if isinstance(text, str) and (counts := _LISTED_UNITS.findall(text)):
            return sum(map(int, counts))
    return None


def money_at_stake(figures: Figures) -> Money | None:
    """How much money the exception is about, where the step that stopped could not say it as an amount.

    None as well for an amount that its currency cannot hold: it is never rounded for people.
    """
    amount, currency = figures.get("amount"), figures.get("currency")
    if isinstance(amount, str) and isinstance(currency, str):
        return exact_money(amount, currency)
    refunds = figures.get("refunds")
    if not isinstance(refunds, str):
        return None
    parts = [_MONEY.fullmatch(part) for part in refunds.split(", ")]
    return one_sum([exact_money(part[1], part[2]) if part else None for part in parts])


def amounts_named(amount: Money | None, figures: Figures) -> list[Money]:
    """Every amount that a decision may move: the exception's own, and those of both sides of a difference.

    Only for comparing them with a limit: what the currency cannot hold is cut off.
    """
    own = amount or money_at_stake(figures) or rough_money(figures.get("amount"), figures.get("currency"))
    if own is None:
        return []
    others = (rough_money(figures.get(name), own.currency) for name in _AMOUNTS)
    return [own, *(other for other in others if other is not None)]


def exact_money(text: str, currency: str) -> Money | None:
    """The amount that a text stands for; None for no plain decimal, and for more decimals than the currency has."""
    try:
        return parse_money(text, currency)
    except ValueError:  # AmountPrecisionError, and a currency that is none
        return None


def one_sum(amounts: Iterable[Money | None]) -> Money | None:
    """All together; None when there is none, when one is unknown, and for several currencies."""
    total: Money | None = None
    for money in amounts:
        if money is None or (total is not None and money.currency != total.currency):
            return None
        total = money if total is None else total + money
    return total


def added_up(amounts: Iterable[Money]) -> list[Money]:
    """One sum per currency, in the order in which they come."""
    sums: dict[str, Money] = {}
    for money in amounts:
        known = sums.get(money.currency)
        sums[money.currency] = known + money if known else money
    return list(sums.values())


def rough_money(text: JsonValue, currency: JsonValue) -> Money | None:
    """The amount, without what its currency cannot hold: only for comparing it with a limit."""
    if not isinstance(text, str) or not isinstance(currency, str):
        return None
    found = _WHOLE.match(text.strip())
    return exact_money(text, currency) or (exact_money(found[0], currency) if found else None)
