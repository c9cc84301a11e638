"""What changed on an order since it was frozen (N12, E46). Money stays with the frozen copy; the rest is told."""

from collections.abc import Collection, Iterator

from domain.model import Value
from domain.money import decimal_text
from domain.order import OrderLine, OrderSnapshot

#: Facts of the header on which amounts of every line rest.
_MONEY_TERMS = ("currency", "tax_mode")
#: What may change without being worth a word: states, and money and goods that move with the return itself.
_SILENT = {"lines", "status", "erp_status", "captured", "fulfilment", *_MONEY_TERMS}


class LineDrift(Value):
    """A line as it was frozen and as the ERP has it now, in words with the amounts."""

    line_id: str
    frozen: str
    now: str


def drifted_lines(
    frozen: OrderSnapshot, now: OrderSnapshot, line_ids: Collection[str], *, identity_only: bool = False
) -> list[LineDrift]:
    """Which of these lines of the snapshot are not what they were.

    `identity_only` compares SKU and quantity alone: the ERP says zero for what a replacement carries over (6.7).
    """
    terms = "" if identity_only else _terms(frozen, now)
    return [
        LineDrift(line_id=line.line_id, frozen=_words(frozen, line), now=_words(now, other) + terms)
        for line in frozen.lines
        if line.line_id in line_ids
        and ((other := now.line(line.line_id)) is None or terms or not _same(line, other, identity_only))
    ]


def other_changes(frozen: OrderSnapshot, now: OrderSnapshot, line_ids: Collection[str]) -> list[str]:
    """What else is different, for the timeline: other lines by their id, the rest by its name."""
    names = [name for name in OrderSnapshot.model_fields if name not in _SILENT]
    return [*_other_lines(frozen, now, line_ids), *(n for n in names if getattr(frozen, n) != getattr(now, n))]


def _other_lines(frozen: OrderSnapshot, now: OrderSnapshot, line_ids: Collection[str]) -> Iterator[str]:
    ids = dict.fromkeys(line.line_id for line in (*frozen.lines, *now.lines))
    for line_id in ids:
        if line_id not in line_ids and frozen.line(line_id) != now.line(line_id):
            yield f"line {line_id}"


def _same(line: OrderLine, other: OrderLine, identity_only: bool) -> bool:
    if identity_only:
        return (line.sku, line.quantity) == (other.sku, other.quantity)
    return line == other


def _terms(frozen: OrderSnapshot, now: OrderSnapshot) -> str:
    """Changed terms, which touch every line; empty when none did."""
    changed = [name for name in _MONEY_TERMS if getattr(frozen, name) != getattr(now, name)]
    return "".join(f", {name.replace('_', ' ')} {getattr(now, name)}" for name in changed)


def _words(order: OrderSnapshot, line: OrderLine | None) -> str:
    if line is None:
        return "not on the order"
    text = f"{line.quantity} x {line.sku} for {decimal_text(line.gross_of_discount, order.currency)} {order.currency}"
    if line.line_discount:
        text += f" less {decimal_text(line.line_discount, order.currency)}"
    for tax in line.taxes:
        amount = "" if tax.amount is None else f" ({decimal_text(tax.amount, order.currency)})"
        text += f", tax {tax.code} {tax.rate} %{amount}"
    if line.components:
        text += ", of " + ", ".join(f"{part.quantity_per_bundle} x {part.sku}" for part in line.components)
    return text
