"""Why does the platform's refund differ? The causes of money.md 6.8, tried in its order (N4).

Every cause is one small function that says what the platform would have refunded by this mistake.
The best cause leaves the smallest difference unexplained. Amounts are minor units.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from fractions import Fraction

from domain.allocation import discount_shares, line_primaries, tax_at_rate
from domain.expected import ExpectedCredit
from domain.model import Message
from domain.money import decimal_text, round_half_away
from domain.order import OrderSnapshot, TaxMode
from domain.slots import OrderValue, SlotLine, slots_from


class Cause(StrEnum):
    """Known causes, in the order in which ties are decided."""

    LIST_PRICE = "list_price"
    ORDER_DISCOUNT_IGNORED = "order_discount_ignored"
    LINE_DISCOUNT_IGNORED = "line_discount_ignored"
    TAX_ADDED = "tax_added"
    TAX_MISSING = "tax_missing"
    SHIPPING_INCLUDED = "shipping_included"
    SHIPPING_MISSING = "shipping_missing"
    FEE_MISSING = "fee_missing"
    FEE_DOUBLED = "fee_doubled"
    OTHER_QUANTITY = "other_quantity"
    UNACCEPTED_UNITS = "unaccepted_units"
    ALREADY_CREDITED = "already_credited"
    UNIT_ROUNDING = "unit_rounding"
    EXPONENT = "exponent"
    SETTLEMENT_CURRENCY = "settlement_currency"


#: Between the sentences where several of them are one text; no sentence has it.
BETWEEN = "; "


class Hypothesis(Message):
    """One cause: the refund it would lead to, and how far that is from the real one (never negative)."""

    cause: Cause
    amount: int
    remaining: int
    sentence: str


class RefundContext(Message):
    """What the causes need to know. `unaccepted` and `credited` map line id → slot numbers.

    expected: the credit by the order, which the refund was compared with
    shipping_paid, shipping_credited: of the whole order, without what `expected` gives back
    unaccepted: units announced or received, but not accepted
    credited: units of this order that live credits cover already
    """

    snapshot: OrderSnapshot
    value: OrderValue
    expected: ExpectedCredit
    shipping_paid: int = 0
    shipping_credited: int = 0
    unaccepted: dict[str, tuple[int, ...]] = {}
    credited: dict[str, tuple[int, ...]] = {}

    @property
    def claimed(self) -> list[tuple[SlotLine, tuple[int, ...]]]:
        """The lines that are credited, with their slots."""
        return _lines(self.value, self.expected.claimed)


Guess = tuple[int, str]
"""An amount that the platform may have refunded, and the words for it."""


def explain(context: RefundContext, refund: int) -> tuple[Hypothesis, ...]:
    """Causes that bring the expected amount nearer to the refund, best first; empty when none does."""
    gap = abs(refund - context.expected.total)
    found = [
        _hypothesis(context, refund, cause, min(guesses, key=lambda guess: abs(refund - guess[0])))
        for cause, function in _CAUSES.items()
        if (guesses := list(function(context)))
    ]
    return tuple(sorted((h for h in found if h.remaining < gap), key=lambda h: h.remaining))


def list_price(context: RefundContext) -> Iterator[Guess]:
    """No discount at all. Only where both kinds exist: otherwise the next two causes say it better."""
    if context.snapshot.discounts and any(line.line_discount for line in context.snapshot.lines):
        yield _at_price(context, order_discount=True, line_discount=True), "list price, all discounts ignored"


def order_discount_ignored(context: RefundContext) -> Iterator[Guess]:
    """The units' share of the order's discounts was not taken off."""
    if context.snapshot.discounts:
        yield _at_price(context, order_discount=True, line_discount=False), "order discount ignored"


def line_discount_ignored(context: RefundContext) -> Iterator[Guess]:
    """The lines' own discounts were not taken off."""
    if any(line.line_discount for line in context.snapshot.lines):
        yield _at_price(context, order_discount=False, line_discount=True), "line discount ignored"


def tax_added(context: RefundContext) -> Iterator[Guess]:
    """Tax came on top of an amount that had it: as the order states it, or by rate on the gross price."""
    total = context.expected.total
    yield total + sum(context.expected.tax_per_code.values()), "tax added on top of the gross amount"
    if context.value.tax_mode is TaxMode.INCLUSIVE:
        on_top = sum(_percent(line.primary, line.tax_rates) for line in context.expected.lines)
        yield total + on_top, "tax added on top of the gross amount"


def tax_missing(context: RefundContext) -> Iterator[Guess]:
    """Only the net amount was refunded."""
    yield context.expected.total - sum(context.expected.tax_per_code.values()), "tax missing"


def shipping_included(context: RefundContext) -> Iterator[Guess]:
    """Shipping that was not due came with the refund: what is left of it, or all of it again."""
    left = context.shipping_paid - context.shipping_credited - context.expected.shipping
    for shipping in (left, context.shipping_paid):
        yield context.expected.total + shipping, f"shipping {_text(context, shipping)} included"


def shipping_missing(context: RefundContext) -> Iterator[Guess]:
    """Shipping that was due did not come."""
    shipping = context.expected.shipping
    yield context.expected.total - shipping, f"shipping {_text(context, shipping)} missing"


def fee_missing(context: RefundContext) -> Iterator[Guess]:
    """The return fee was not kept back."""
    fee = context.expected.fee
    yield context.expected.total + fee, f"return fee {_text(context, fee)} not kept"


def fee_doubled(context: RefundContext) -> Iterator[Guess]:
    """The return fee was kept back twice."""
    fee = context.expected.fee
    yield context.expected.total - fee, f"return fee {_text(context, fee)} kept twice"


def other_quantity(context: RefundContext) -> Iterator[Guess]:
    """Another number of units of one line; none of it only when the credit has other lines."""
    lowest = 0 if len(context.claimed) > 1 else 1
    for line, numbers in context.claimed:
        others = [slot.no for slot in line.slots if slot.no not in numbers]
        in_turn = line.pick([*numbers, *others])
        without = context.expected.total - context.value.gross(line.pick(numbers))
        for quantity in range(lowest, line.quantity + 1):
            words = f"quantity {quantity} instead of {len(numbers)} of {line.sku}"
            yield without + context.value.gross(in_turn[:quantity]), words


def unaccepted_units(context: RefundContext) -> Iterator[Guess]:
    """Units that were not accepted were refunded too: all of them, or those of one line."""
    yield from _with_units(context, context.unaccepted, "units that were not accepted are included")


def already_credited(context: RefundContext) -> Iterator[Guess]:
    """Units that earlier credits cover were refunded again: all of them, or those of one line."""
    yield from _with_units(context, context.credited, "units that were already credited are included")


def unit_rounding(context: RefundContext) -> Iterator[Guess]:
    """One unit was rounded first and then multiplied: to the nearest, tax by itself, or always down."""
    rest = context.expected.total - context.expected.goods
    nearest = apart = down = rest
    for line, numbers in context.claimed:
        gross, units = context.value.gross(line.slots), len(numbers)
        unit_tax = round_half_away(line.tax, line.quantity)
        on_top = unit_tax if context.value.tax_mode is TaxMode.EXCLUSIVE else 0
        nearest += units * round_half_away(gross, line.quantity)
        apart += units * (line.unit_value + on_top)
        down += units * (gross // line.quantity)
    for amount in (nearest, apart, down):
        yield amount, "each unit rounded by itself"


def exponent_error(context: RefundContext) -> Iterator[Guess]:
    """The decimals of the currency were misread."""
    for factor in (10, 100, 1000):
        yield context.expected.total * factor, f"exponent ×{factor}: decimal point misplaced"
        yield round_half_away(context.expected.total, factor), f"exponent ÷{factor}: decimal point misplaced"


def settlement_currency(context: RefundContext) -> Iterator[Guess]:
    """Another currency, at the order's rate. Both are taken to have the same number of decimals."""
    rate = Fraction(context.snapshot.fx_rate)
    if rate > 0 and rate != 1:
        words = f"amount in the settlement currency, at the order's rate {context.snapshot.fx_rate}"
        for amount in (context.expected.total * rate, context.expected.total / rate):
            yield round_half_away(amount.numerator, amount.denominator), words


_CAUSES: Mapping[Cause, Callable[[RefundContext], Iterator[Guess]]] = {
    Cause.LIST_PRICE: list_price,
    Cause.ORDER_DISCOUNT_IGNORED: order_discount_ignored,
    Cause.LINE_DISCOUNT_IGNORED: line_discount_ignored,
    Cause.TAX_ADDED: tax_added,
    Cause.TAX_MISSING: tax_missing,
    Cause.SHIPPING_INCLUDED: shipping_included,
    Cause.SHIPPING_MISSING: shipping_missing,
    Cause.FEE_MISSING: fee_missing,
    Cause.FEE_DOUBLED: fee_doubled,
    Cause.OTHER_QUANTITY: other_quantity,
    Cause.UNACCEPTED_UNITS: unaccepted_units,
    Cause.ALREADY_CREDITED: already_credited,
    Cause.UNIT_ROUNDING: unit_rounding,
    Cause.EXPONENT: exponent_error,
    Cause.SETTLEMENT_CURRENCY: settlement_currency,
}


def _at_price(context: RefundContext, order_discount: bool, line_discount: bool) -> int:
    """The refund with these discounts put back. Tax follows by rate, as stated amounts no longer fit."""
    snapshot = context.snapshot
    primaries = list(line_primaries(snapshot))
    for i, share in enumerate(discount_shares(snapshot)):
        primaries[i] += share if order_discount else 0
        primaries[i] += snapshot.lines[i].line_discount if line_discount else 0
    taxes = [
        [tax_at_rate(snapshot.tax_mode, line, tax, primaries[i]) for tax in line.taxes]
        for i, line in enumerate(snapshot.lines)
    ]
    priced = slots_from(snapshot, primaries, taxes)
    goods = sum(priced.gross(line.pick(nos)) for line, nos in _lines(priced, context.expected.claimed))
    return context.expected.total - context.expected.goods + goods


def _with_units(context: RefundContext, units: Mapping[str, tuple[int, ...]], words: str) -> Iterator[Guess]:
    values = [context.value.gross(line.pick(numbers)) for line, numbers in _lines(context.value, units)]
    for value in (sum(values), *values):
        yield context.expected.total + value, words


def _lines(value: OrderValue, units: Mapping[str, tuple[int, ...]]) -> list[tuple[SlotLine, tuple[int, ...]]]:
    return [(line, numbers) for line_id, numbers in units.items() if (line := value.line(line_id)) and numbers]


def _hypothesis(context: RefundContext, refund: int, cause: Cause, guess: Guess) -> Hypothesis:
    amount, words = guess
    change, remaining = amount - context.expected.total, abs(refund - amount)
    sentence = f"{words}: {_text(context, abs(change))} {'more' if change > 0 else 'less'}"
    if remaining:
        sentence += f", {_text(context, remaining)} still unexplained"
    return Hypothesis(cause=cause, amount=amount, remaining=remaining, sentence=sentence)


def _percent(amount: int, rates: tuple[str, ...]) -> int:
    part = amount * sum(map(Fraction, rates)) / Fraction(100)
    return round_half_away(part.numerator, part.denominator)


def _text(context: RefundContext, amount: int) -> str:
    return decimal_text(amount, context.value.currency)
