"""Items as order lines, findings and wishes. An item is one unit; a line of ours is all units of one SKU. Pure."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from adapters.returngo import contract
from adapters.returngo.contract import WireItem, WireValidation, WireWish
from adapters.returngo.money import chosen
from adapters.returngo.settings import Amounts
from adapters.returngo.words import invalid, known
from domain.returns import ExchangeWish, GradedUnits, ReturnLine

_NOT_INSPECTED = WireValidation()


def group_items(items: Sequence[WireItem]) -> dict[str, list[WireItem]]:
    """Items by our line id ``<order line>/<sku>``, each line in the order of its item ids however they are listed.

    Rejected(EVENT_INVALID) for unknown words, an item listed twice, an exchange without a new item or for several of
    them, a finding that does not say whether the item came, and a line of which only some units are kept.
    """
    lines: dict[str, list[WireItem]] = {}
    seen: set[str] = set()
    for n, item in enumerate(items):
        path = f"return: items.{n}"
        if item.returnedItemId in seen:
            raise invalid(f"{path}.returnedItemId is listed twice")
        seen.add(item.returnedItemId)
        _check(item, path)
        line = lines.setdefault(f"{item.shopLineItemId}/{item.sku}", [])
        if line and is_kept(line[0]) is not is_kept(item):
            raise invalid(f"{path}.returnMethod differs from the other items of its order line in who keeps them")
        line.append(item)
    return {line_id: sorted(line, key=_by_id) for line_id, line in lines.items()}


def to_line(line_id: str, line: Sequence[WireItem]) -> ReturnLine:
    """One line of `group_items`.

    Its reason is `returnReason` alone: a word of the merchant's own list, and so a stable key of ``mappings.reasons``.
    `extendedReason` is not looked at: it refines without end, and may hold what a customer wrote.
    """
    reasons = [item.returnReason.strip() for item in line]
    return ReturnLine(
        line_id=line_id,
        order_line_id=line[0].shopLineItemId,
        sku=line[0].sku,
        quantity=len(line),
        reason=next((reason for reason in reasons if reason), ""),
        exchange=any(is_exchanged(item) for item in line),
        keep=is_kept(line[0]),
        accepted=sum(is_accepted(item) for item in line),
        rejected=sum(is_rejected(item) for item in line),
        item_ids=[item.returnedItemId for item in line],
    )


def to_graded(line_id: str, line: Sequence[WireItem]) -> list[GradedUnits]:
    """What was found, one entry per finding, place and reason. Items that nobody inspected give none."""
    found: dict[tuple[str, str, str], list[tuple[datetime, str]]] = {}
    for item in line:
        validation = _validation(item)
        if validation.lastValidationDate is not None:
            disposition, reason = _finding(validation)
            units = found.setdefault((disposition, validation.storeLocationId, reason), [])
            units.append((validation.lastValidationDate, item.returnedItemId))
    return [
        GradedUnits(
            line_id=line_id,
            order_line_id=line[0].shopLineItemId,
            sku=line[0].sku,
            quantity=len(units),
            disposition=disposition,
            location=location,
            reason=reason,
            graded_at=max(at for at, _ in units),
            item_ids=[item_id for _, item_id in units],
        )
        for (disposition, location, reason), units in found.items()
    ]


def to_wishes(line_id: str, line: Sequence[WireItem], amounts: Amounts) -> list[ExchangeWish]:
    """One wish per new SKU of a line. Rejected(EVENT_INVALID) for a wish with several prices."""
    parts: dict[str, list[WireItem]] = {}
    for item in line:
        if is_exchanged(item):
            parts.setdefault(item.exchangeItems[0].sku, []).append(item)
    return [_wish(line_id, sku, items, amounts) for sku, items in parts.items()]


def exchange_first(line: Sequence[WireItem]) -> list[WireItem]:
    """Items in the order in which accepted units go to them: wish by wish, refunds last (E57)."""
    wanted = list(dict.fromkeys(item.exchangeItems[0].sku for item in line if is_exchanged(item)))
    return sorted(line, key=lambda item: wanted.index(item.exchangeItems[0].sku) if is_exchanged(item) else len(wanted))


def is_inspected(item: WireItem) -> bool:
    """Whether anybody looked at it; before that it has the same words as an item that did not come."""
    return _validation(item).lastValidationDate is not None


def is_accepted(item: WireItem) -> bool:
    """Whether it was inspected and came back."""
    return is_inspected(item) and _validation(item).isReturned is True


def is_rejected(item: WireItem) -> bool:
    """Whether it was inspected and did not come back, or not as it should."""
    return is_inspected(item) and not is_accepted(item)


def is_unsellable(item: WireItem) -> bool:
    """Whether it came back and is known not to be fit for sale."""
    return is_accepted(item) and _validation(item).isRestockable is False


def is_exchanged(item: WireItem) -> bool:
    """Whether new goods go out for it."""
    return contract.EXCHANGED.get(item.resolutionType, False)


def is_kept(item: WireItem) -> bool:
    """Whether the customer keeps it (U31)."""
    return contract.KEPT.get(_method(item), False)


def _check(item: WireItem, path: str) -> None:
    if known(contract.EXCHANGED, item.resolutionType, f"{path}.resolutionType"):
        skus = {wish.sku for wish in item.exchangeItems}
        if len(skus) != 1:
            raise invalid(f"{path}.exchangeItems names {len(skus)} new items for one that is exchanged")
    if _method(item):
        known(contract.KEPT, _method(item), f"{path}.returnMethod.type")
    if is_inspected(item) and _validation(item).isReturned is None:
        raise invalid(f"{path}.itemValidationStatusResponse.isReturned is missing although the item was inspected")


def _finding(validation: WireValidation) -> tuple[str, str]:
    """What was found and why. No word when nobody said whether it can be sold: then the reasons decide (R24)."""
    if not validation.isReturned:
        return contract.NOT_RETURNED, _short(validation.nonReturnedReason)
    if validation.isRestockable is None:
        return "", _short(validation.nonRestockableReason)
    if not validation.isRestockable:
        return contract.NOT_RESTOCKABLE, _short(validation.nonRestockableReason)
    return contract.RESTOCKABLE, ""


def _wish(line_id: str, sku: str, items: Sequence[WireItem], amounts: Amounts) -> ExchangeWish:
    wanted: list[WireWish] = [wish for item in items for wish in item.exchangeItems]
    path = f"return: the effectivePrice of the new items for {line_id}"
    prices = [chosen(wish.effectivePrice, amounts, path)[0] for wish in wanted]
    if len({Decimal(price) for price in prices}) != 1:
        raise invalid(f"{path} differs from unit to unit")
    return ExchangeWish(
        exchange_id=f"{line_id}>{sku}",
        line_id=line_id,
        quantity=len(items),
        sku=sku,
        replacement_quantity=sum(wish.quantity for wish in wanted),
        price_text=prices[0],
        tax_included=items[0].taxIncluded,
    )


def _validation(item: WireItem) -> WireValidation:
    return item.itemValidationStatusResponse or _NOT_INSPECTED


def _method(item: WireItem) -> str:
    return item.returnMethod.type.strip().lower() if item.returnMethod else ""


def _short(reason: str) -> str:
    return " ".join(reason.split())[: contract.REASON_LIMIT]


def _by_id(item: WireItem) -> tuple[int, str]:
    """Ids are numbers as text: 9 comes before 10."""
    return len(item.returnedItemId), item.returnedItemId
