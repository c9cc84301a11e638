"""Return items as order lines and wishes. A line of ours has several items where Reveni has split or mixed it. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from adapters.reveni import contract
from adapters.reveni.contract import WireExchange, WireItem
from adapters.reveni.words import invalid, unknown
from domain.returns import ExchangeWish, ReturnLine


def group_items(items: Sequence[WireItem]) -> dict[str, list[WireItem]]:
    """Items by our line id ``<order line>/<sku>``, in the order of the body.

    Rejected(EVENT_INVALID) for an unknown item status, an item listed twice, and a line of which only some units
    are kept.
    """
    lines: dict[str, list[WireItem]] = {}
    seen: set[str] = set()
    for n, item in enumerate(items):
        if item.id in seen:
            raise invalid(f"Reveni's return: return_items.{n}.id is listed twice")
        seen.add(item.id)
        if item.status not in contract.ITEM_STATUSES:
            raise unknown(item.status, f"return_items.{n}.status")
        line = lines.setdefault(_line_id(item), [])
        if line and line[0].keep_item != item.keep_item:
            raise invalid(f"Reveni's return: return_items.{n}.keep_item differs from the other items of its order line")
        line.append(item)
    return lines


def to_line(line_id: str, items: Sequence[WireItem]) -> ReturnLine:
    """One line of `group_items` in our words."""
    return ReturnLine(
        line_id=line_id,
        order_line_id=items[0].external_id,
        sku=items[0].sku,
        quantity=sum(item.quantity for item in items),
        reason=next((item.return_reason for item in items if item.return_reason), ""),
        exchange=any(item.exchange for item in items),
        keep=items[0].keep_item,
        accepted=units(items, contract.ITEM_ACCEPTED),
        rejected=units(items, contract.ITEM_REJECTED),
        item_ids=[item.id for item in items],
    )


def to_wishes(items: Sequence[WireItem]) -> list[ExchangeWish]:
    """One wish per line and new SKU, decided items included, so that a wish stays as it is through splits.

    Rejected(EVENT_INVALID) for a wish with several prices or without new units.
    """
    parts: dict[tuple[str, str], list[tuple[int, WireItem, WireExchange]]] = {}
    for n, item in enumerate(items):
        if item.exchange:
            parts.setdefault((_line_id(item), item.exchange.sku), []).append((n, item, item.exchange))
    return [_wish(line_id, sku, wish) for (line_id, sku), wish in parts.items()]


def exchange_first(items: Sequence[WireItem]) -> list[WireItem]:
    """Items of one line in the order in which accepted units go to them: wish by wish, refunds last (E57)."""
    wanted = list(dict.fromkeys(item.exchange.sku for item in items if item.exchange))
    return sorted(items, key=lambda item: wanted.index(item.exchange.sku) if item.exchange else len(wanted))


def units(items: Sequence[WireItem], status: str) -> int:
    """Units of these items with that item status."""
    return sum(item.quantity for item in items if item.status == status)


def _line_id(item: WireItem) -> str:
    return f"{item.external_id}/{item.sku}"


def _wish(line_id: str, sku: str, parts: Sequence[tuple[int, WireItem, WireExchange]]) -> ExchangeWish:
    first, item, wanted = parts[0]
    for n, _, exchange in parts:
        if Decimal(exchange.unit_price) != Decimal(wanted.unit_price):
            path = f"return_items.{n}.exchange.unit_price"
            raise invalid(f"Reveni's return: {path} differs from the other items that want the same for their line")
    replacements = sum(exchange.quantity for _, _, exchange in parts)
    if not replacements:
        raise invalid(f"Reveni's return: return_items.{first}.exchange.quantity is 0, and so is the whole exchange")
    return ExchangeWish(
        exchange_id=f"{line_id}>{sku}",
        line_id=line_id,
        quantity=sum(one.quantity for _, one, _ in parts),
        sku=sku,
        replacement_quantity=replacements,
        price_text=wanted.unit_price,
        tax_included=item.tax_included,
    )
