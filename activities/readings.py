"""Readings of a refund: the sets of units and differences that it may be the money of. The likeliest comes first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from activities.signatures import AcceptedUnits, CreditRefund, ExchangeShare

#: An instant refund for a few units of a long line is looked for up to this many.
_MOST_UNITS = 50


@dataclass(frozen=True)
class Reading:
    """`announced`: line id → units whose goods are still to come."""

    parcels: Sequence[AcceptedUnits] = ()
    announced: Mapping[str, int] = field(default_factory=dict)
    exchanges: Sequence[ExchangeShare] = ()

    @property
    def inspections(self) -> list[str]:
        """Its parcels."""
        return [parcel.inspection_id for parcel in self.parcels]

    @property
    def units(self) -> dict[str, int]:
        """Line id → units in all, announced ones too."""
        units: dict[str, int] = {}
        for part in (*(parcel.units for parcel in self.parcels), self.announced):
            for line_id, quantity in part.items():
                units[line_id] = units.get(line_id, 0) + quantity
        return units

    @property
    def shares(self) -> dict[str, list[int]]:
        """Line id → percentages of the units that are credited in part."""
        shares: dict[str, list[int]] = {}
        for parcel in self.parcels:
            for line_id, percentages in parcel.shares.items():
                shares[line_id] = [*shares.get(line_id, []), *percentages]
        return shares


def readings(request: CreditRefund) -> list[Reading]:
    """All readings; none when there is nothing left that money could be for. Accepted units before announced ones."""
    of_units = [*_of_accepted(request.accepted), *_of_announced(request.accepted, request.announced)]
    shares = request.exchanges
    found = [Reading(r.parcels, r.announced, some) for some in _some_of(shares) for r in of_units]
    alone = [Reading(exchanges=some) for some in _some_of(shares) if some]
    return [*found, *alone]


def readings_to_come(request: CreditRefund) -> Iterator[Reading]:
    """Readings of a refund that came before its goods, all units of each line together or one by one."""
    yield from _of_announced(request.accepted, request.awaited)
    for parcel in request.accepted:
        for line_id, quantity in request.awaited.items():
            yield from (Reading([parcel], {line_id: few}) for few in range(1, min(quantity, _MOST_UNITS) + 1))


def _of_accepted(accepted: Sequence[AcceptedUnits]) -> Iterator[Reading]:
    """All parcels first, then ever fewer of the oldest, then each of the others by itself."""
    for count in range(len(accepted), 0, -1):
        yield Reading(accepted[:count])
    for parcel in accepted[1:]:
        yield Reading([parcel])


def _of_announced(accepted: Sequence[AcceptedUnits], announced: Mapping[str, int]) -> Iterator[Reading]:
    """All announced units, alone or beside all accepted ones; then single lines; then a few units of one line."""
    if not announced:
        return
    yield Reading(announced=announced)
    if accepted:
        yield Reading(accepted, announced)
    if len(announced) > 1:
        yield from (Reading(announced={line_id: quantity}) for line_id, quantity in announced.items())
    for line_id, quantity in announced.items():
        yield from (Reading(announced={line_id: few}) for few in range(min(quantity - 1, _MOST_UNITS), 0, -1))


def _some_of(shares: Sequence[ExchangeShare]) -> Iterator[Sequence[ExchangeShare]]:
    """All differences, none of them, then each by itself."""
    if shares:
        yield shares
    yield ()
    if len(shares) > 1:
        yield from ([share] for share in shares)
