"""The inspection call, `partial_validate`: what its body says and what it does to the items of a return."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sandbox.kit.wanted import ExchangeSpec
from sandbox.reveni.errors import conflict, invalid
from sandbox.reveni.model import Decision, Item, Return
from sandbox.reveni.money import share
from sandbox.reveni.transitions import check_inspectable

REJECT_REASONS = ("defect", "damaged", "missing", "wrong_item", "other")

Entry = tuple[str, Decision]
"""Item id and what is decided for some of its units."""


def parse_inspection(body: object) -> list[Entry]:
    """The entries of `{"items": [{item_id, quantity, status, reject_reason?, reject_reason_text?}]}`.

    Raises a 400 that lists what is wrong with every entry.
    """
    if not isinstance(body, dict):
        raise invalid("non_field_errors", f"Invalid data. Expected a dictionary, but got {type(body).__name__}.")
    if "items" not in body:
        raise invalid("items", "This field is required.")
    items = body["items"]
    if not isinstance(items, list):
        raise invalid("items", f'Expected a list of items but got type "{type(items).__name__}".')
    if not items:
        raise invalid("items", "This list may not be empty.")
    if errors := [f"Entry {number}: {text}" for number, item in enumerate(items) for text in _errors(item)]:
        raise invalid("items", *errors)
    return [_entry(item) for item in items]


def decide(ret: Return, entries: list[Entry], new_id: Callable[[], str]) -> list[Item]:
    """Apply the entries and return the items decided just now (none when all of it was said before).

    All or nothing. 409 when the return takes no inspection or a final item is contradicted; 400 when an item
    is not of this return or fewer units are pending than decided. `new_id` names the items of a split.
    """
    check_inspectable(ret)
    fresh = _fresh(ret, entries)
    for item_id, decisions in fresh.items():
        _check_units(ret, item_id, decisions)
    return [item for item_id, decisions in fresh.items() for item in _apply(ret, item_id, decisions, new_id)]


def outcome(items: Iterable[Item]) -> str | None:
    """The final status of a return with these items, or None while one is not decided."""
    items = list(items)
    if not all(item.final for item in items):
        return None
    statuses = {item.status for item in items}
    return statuses.pop() if len(statuses) == 1 else "partly_accepted"


def _errors(item: object) -> Iterable[str]:
    if not isinstance(item, dict):
        yield f"Invalid data. Expected a dictionary, but got {type(item).__name__}."
        return
    if not isinstance(item.get("item_id"), str):
        yield "item_id: This field is required."
    if type(item.get("quantity")) is not int or item["quantity"] < 1:
        yield "quantity: A whole number of at least 1 is required."
    if item.get("status") not in ("accepted", "rejected"):
        yield f'status: "{item.get("status")}" is not a valid choice.'
    yield from _reason_errors(item)


def _reason_errors(item: dict[str, Any]) -> Iterable[str]:
    reason = item.get("reject_reason")
    if reason is not None and reason not in REJECT_REASONS:
        yield f'reject_reason: "{reason}" is not a valid choice.'
    if reason is None and item.get("status") == "rejected":
        yield "reject_reason: This field is required."
    if not isinstance(item.get("reject_reason_text", ""), str | None):
        yield "reject_reason_text: Not a valid string."


def _entry(item: dict[str, Any]) -> Entry:
    if item["status"] == "accepted":
        return item["item_id"], Decision("accepted", item["quantity"])
    text = item.get("reject_reason_text") or None
    return item["item_id"], Decision("rejected", item["quantity"], item["reject_reason"], text)


def _fresh(ret: Return, entries: list[Entry]) -> dict[str, list[Decision]]:
    """Decisions not taken before, by item id, in the order of the body."""
    by_item: dict[str, list[Decision]] = {}
    for item_id, decision in entries:
        by_item.setdefault(item_id, []).append(decision)
    return {item_id: said for item_id, said in by_item.items() if not _is_repeat(ret, item_id, said)}


def _is_repeat(ret: Return, item_id: str, said: list[Decision]) -> bool:
    """True when all of this was decided for the item before; 409 when something else was."""
    item = _find(ret, item_id)
    if not item.final:
        return False
    kept = item.keep_item and said == [Decision("accepted", item.quantity)]
    if kept or Counter(said) <= Counter(ret.decisions.get(item_id, [])):
        return True
    raise conflict("Item already validated.")


def _check_units(ret: Return, item_id: str, decisions: list[Decision]) -> None:
    pending = _find(ret, item_id).quantity
    units = sum(decision.quantity for decision in decisions)
    if units > pending:
        raise invalid("items", f"Item {item_id}: {units} units decided, {pending} pending.")


def _find(ret: Return, item_id: str) -> Item:
    item = next((item for item in ret.items if item.id == item_id), None)
    if item is None:
        raise invalid("items", f'Invalid pk "{item_id}" - object does not exist.')
    return item


def _apply(ret: Return, item_id: str, decisions: list[Decision], new_id: Callable[[], str]) -> list[Item]:
    """Decide an item in parts: the first keeps the id, further parts and the pending rest get new ones."""
    part = _find(ret, item_id)
    decided: list[Item] = []
    for decision in decisions:
        if decided:
            part = ret.items[ret.items.index(part) + 1]
        if decision.quantity < part.quantity:
            ret.items.insert(ret.items.index(part) + 1, _split(part, decision.quantity, new_id()))
        part.status = decision.status
        part.reject_reason = decision.reject_reason
        part.reject_reason_text = decision.reject_reason_text
        ret.decisions.setdefault(part.id, []).append(decision)
        decided.append(part)
    ret.decisions[item_id] = list(decisions)
    return decided


def _split(item: Item, units: int, rest_id: str) -> Item:
    """Cut the item down to `units` and return the rest as a new pending item. No amount is lost."""
    discount = share(item.discount, units, item.quantity)
    tax = share(item.tax, units, item.quantity)
    rest = replace(
        item,
        id=rest_id,
        quantity=item.quantity - units,
        discount=item.discount - discount,
        tax=item.tax - tax,
    )
    item.quantity, item.discount, item.tax = units, discount, tax
    if item.exchange:
        first = new_units(item.exchange, units, units + rest.quantity)
        rest.exchange = replace(item.exchange, quantity=item.exchange.quantity - first)
        item.exchange = replace(item.exchange, quantity=first)
    return rest


def new_units(exchange: ExchangeSpec, units: int, whole: int) -> int:
    """The new units that go with `units` of `whole` returned ones: their share, a fraction rounded up."""
    return -(-exchange.quantity * units // whole)
