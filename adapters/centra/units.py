"""Which units of which shipment a return of Centra has, and how it says whose it is.

A return belongs to one shipment, so one RMA or one credit of ours is one return per shipment. Each has the external id
``<our key>-s<n>``, n being the shipment's place in the order. An external id is no guard against a second return, and
the second one takes it away from the first; so the comment begins with it, followed by

    rma=<number>   the id that was given out as the RMA's number, when this return has another id
    of=<id>        on a credit's return: the external id of the RMA's return in this shipment, or ``none``
    all=<units>    the units of the RMA in this shipment, as ``<shipment line>x<quantity>,…``
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from adapters.centra.contract import MAX_SHIPMENTS, VENDOR
from adapters.centra.wire import Order, Return
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected

Units = Counter[int]
"""Shipment line → units."""

NO_RMA = "none"

_EXTERNAL = re.compile(r"[a-z0-9-]+-s\d{1,2}")
_UNITS = re.compile(r"(\d{1,12})x(\d{1,9})")


@dataclass(frozen=True)
class Mark:
    """What a return says about itself."""

    external_id: str
    rma: str
    of: str
    whole: Units

    @property
    def is_rma(self) -> bool:
        """Whether it holds units that are not credited under a key of their own."""
        return self.of == self.external_id

    @property
    def key(self) -> str:
        """Our key."""
        return key_of(self.external_id)

    @property
    def rma_key(self) -> str:
        """The key of the RMA that it is, or that its units are of."""
        return key_of(self.of)


def external_id(key: str, place: int) -> str:
    """The external id of our document in the order's n-th shipment."""
    return f"{key}-s{place}"


def key_of(external: str) -> str:
    """The key in an external id; a foreign one as it is."""
    return external.rpartition("-s")[0] if _EXTERNAL.fullmatch(external) else external


def external_ids(key: str) -> list[str]:
    """Every external id that returns of this key can have."""
    return [external_id(key, place) for place in range(1, MAX_SHIPMENTS + 1)]


def place_of(order: Order, shipment: int) -> int:
    """The shipment's place in the order, from 1. Rejected(RMA_REJECTED) beyond what we can find again."""
    place = sorted(one.id for one in order.shipments).index(shipment) + 1
    if place > MAX_SHIPMENTS:
        raise Rejected(
            ExceptionCode.RMA_REJECTED, f"{VENDOR} order {order.number} has more than {MAX_SHIPMENTS} shipments"
        )
    return place


def comment(external: str, order_number: int, rma: str = "", of: str = "", whole: Units | None = None) -> str:
    """The comment of a return of ours."""
    written = ",".join(f"{line}x{quantity}" for line, quantity in sorted((whole or Units()).items()))
    marks = [("rma", rma), ("of", of), ("all", written)]
    return " ".join([external, *(f"{name}={text}" for name, text in marks if text), f"order {order_number}"])


def mark(row: Return) -> Mark:
    """Whose return it is; one that is not ours is an RMA of its own."""
    words = (row.comment or "").split()
    said = words[0] if words and _EXTERNAL.fullmatch(words[0]) else row.external_id or ""
    names = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    whole = Units({int(line): int(quantity) for line, quantity in _UNITS.findall(names.get("all", ""))})
    return Mark(said, names.get("rma", str(row.id)), names.get("of", said), whole or units_in([row]))


def units_in(rows: Iterable[Return]) -> Units:
    """Units that these returns hold."""
    found = Units()
    for row in rows:
        for line in row.lines:
            found[line.shipment_line] += line.quantity
    return found


def allocate(order: Order, wanted: Mapping[str, int], free: Units) -> dict[int, Units]:
    """Shipment → the units to return of it, oldest shipment first.

    wanted: order line → units; free: what each shipment line can still give.
    Rejected(VALIDATION_QTY) when the shipments do not have them.
    """
    chosen: dict[int, Units] = {}
    left = Counter(wanted)
    for shipment in sorted(order.shipments, key=lambda one: one.id):
        for line in shipment.lines:
            name = str(line.order_line)
            take = min(left[name], free[line.id])
            if take > 0:
                chosen.setdefault(shipment.id, Units())[line.id] += take
                left[name] -= take
    lacking = {name: quantity for name, quantity in left.items() if quantity > 0}
    if lacking:
        text = ", ".join(f"{quantity} more of order line {name}" for name, quantity in lacking.items())
        reason = f"the shipments of {VENDOR} order {order.number} have nothing left to return for {text}"
        raise Rejected(ExceptionCode.VALIDATION_QTY, reason, figures={"order": str(order.number), "lacking": text})
    return chosen


def free_units(order: Order, rows: Sequence[Return]) -> Units:
    """What was shipped and is in none of these returns."""
    shipped = Units({line.id: line.quantity for one in order.shipments if one.shipped for line in one.lines})
    taken = units_in(rows)
    return Units({line: quantity - taken[line] for line, quantity in shipped.items()})


def by_order_line(order: Order, units: Units) -> Counter[str]:
    """Order line → units."""
    owners = {line.id: str(line.order_line) for one in order.shipments for line in one.lines}
    found = Counter[str]()
    for line, quantity in units.items():
        found[owners.get(line, "")] += quantity
    return found
