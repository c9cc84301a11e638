"""Refunds and credits of a return. Pure questions about a case."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from activities.exchange_signatures import ReplacementPlaced
from activities.signatures import AcceptedUnits, Credited, ExchangeShare
from domain.connection import CreditOn
from domain.exceptions import Track
from domain.exchange import ExchangeState, ExchangeUnits, units_to_exchange
from domain.returns import Refund, RefundState
from workflows.case import ReturnCase
from workflows.exchanges import gives_way, goes_back, is_kept, replacements_due

#: In place of a parcel: units that the customer keeps, which are refunded without goods (U31).
KEPT = "kept"
#: A credit by acceptance alone is known by this and its number, as others are by their refund's id.
ACCEPTED = "accepted-"

#: Line id → percentage credited → units.
_Units = dict[str, dict[int, int]]


def uncredited(case: ReturnCase) -> list[AcceptedUnits]:
    """Accepted and kept units by parcel that no credit covers yet, oldest parcel first; exchanged ones left out.

    A credit that came before the goods takes its units from the oldest parcels.
    """
    parcels = _accepted_by_parcel(case)
    for line in case.lines:
        wishes = case.platform.exchanges if case.platform else []
        _take(parcels.values(), line.line_id, None, units_to_exchange(line.line_id, wishes, case.exchange_units))
    for credit in case.credits.values():
        _take_credit(parcels, credit)
    return [_parcel(scan, units) for scan, units in parcels.items() if any(map(sum, map(dict.values, units.values())))]


def announced(case: ReturnCase) -> dict[str, int]:
    """Line id → units of an instant return that are neither inspected nor credited nor exchanged (R49)."""
    return _to_come(case) if case.platform is not None and case.platform.instant else {}


def awaited(case: ReturnCase) -> dict[str, int]:
    """The same of a return that is not instant: its refunds wait for the goods."""
    return _to_come(case) if case.platform is not None and not case.platform.instant else {}


def _to_come(case: ReturnCase) -> dict[str, int]:
    if case.platform is None or case.rma is None or case.ended:
        return {}
    units: dict[str, int] = {}
    authorised = {line.line_id for line in case.rma.lines}
    for line in case.lines:
        if line.keep or line.line_id not in authorised:
            continue
        money = case.line_money(line)
        exchanged = units_to_exchange(line.line_id, case.platform.exchanges, case.exchange_units)
        to_exchange = max(exchanged - case.accepted(line.line_id), 0)
        if (left := money.outstanding - to_exchange - money.ahead) > 0:
            units[line.line_id] = left
    return units


def exchange_shares(case: ReturnCase) -> list[ExchangeShare]:
    """Ordered exchanges whose price difference no credit has settled: owed to the customer, or taken off a refund.

    A cheaper one owes nothing when it has to go back, or stays with a customer whose goods were not accepted (E54).
    """
    settled = {number for credit in case.credits.values() for number in credit.exchanges}
    settled |= {one.number for one in case.exchange_units if _forfeited(case, one)}
    units = {one.number: one.units for one in case.exchange_units}
    return [
        ExchangeShare(number=number, wish=case.wishes[number], units=units[number])
        for number, placed in sorted(case.exchanges.items())
        if number not in settled and placed.state is ExchangeState.ORDERED and _differs(case, placed)
    ]


def next_refund(case: ReturnCase) -> Refund | None:
    """The refund to credit now: there is something that it can be for, or there never will be any more."""
    refunds = [refund for refund in case.open_refunds() if not _too_early(case, refund)]
    if not refunds or _exchange_moves(case) or (case.rma is None and case.ended is None):
        return None
    something = uncredited(case) or announced(case) or case.notes_unpaid() or exchange_shares(case)
    return refunds[0] if something or _nothing_more(case) else None


def _too_early(case: ReturnCase, refund: Refund) -> bool:
    """Whether it was found to be the money of goods that have not come, and none have come since (N7)."""
    waits = case.early.get(refund.refund_id) == len(case.booked)
    return waits and not case.goods_done and case.ended is None


def acceptance_due(case: ReturnCase) -> bool:
    """Whether accepted goods are credited now, before any refund (`credit_on = inspection`).

    The refund of an instant return comes first: it is credited when it is paid (R49).
    """
    if case.rma is None or case.finance_closed or case.rma.flow.credit_on is not CreditOn.INSPECTION:
        return False
    instant_first = case.platform is not None and case.platform.instant and case.open_refunds()
    owed = uncredited(case) or (case.goods_done and _cheaper(case))
    return bool(owed) and not instant_first and not _exchange_moves(case)


def shares_of_acceptance(case: ReturnCase) -> list[ExchangeShare]:
    """Differences that are credited with the accepted goods: those that are owed to the customer."""
    return _cheaper(case) if case.goods_done else []


def unconfirmed(case: ReturnCase) -> bool:
    """Accepted goods are told to the platform, and it neither paid nor announced a refund for them (E34)."""
    if case.platform is None or case.finance_closed or case.ended or not case.reported or case.open_refunds():
        return False
    if any(refund.state is RefundState.PENDING for refund in case.platform.refunds):
        return False  # the platform said that the money will move
    awaited = any(not credit.refund_id for credit in case.notes_unpaid())
    return awaited or bool(uncredited(case)) or bool(case.goods_done and _cheaper(case))


def failed_note(case: ReturnCase) -> Credited | None:
    """The oldest credit note whose refund failed afterwards, and that no other refund has taken over (E43)."""
    if case.finance_closed or case.platform is None:
        return None
    failed = {refund.refund_id for refund in case.platform.refunds if refund.state is RefundState.FAILED}
    return next((credit for credit in case.notes_unpaid() if credit.refund_id in failed), None)


def _nothing_more(case: ReturnCase) -> bool:
    """Whether no unit can become refundable any more: of an instant return all could be from the beginning."""
    if case.ended is not None:
        return True
    if any(unit.share is None for booked in case.booked.values() for unit in booked.units):
        return False  # finance decides about damaged units first
    instant = case.platform is not None and case.platform.instant and case.rma is not None
    return instant or case.goods_done


def _accepted_by_parcel(case: ReturnCase) -> dict[str, _Units]:
    parcels: dict[str, _Units] = {}
    if case.rma is not None and any(line.keep for line in case.lines):
        parcels[KEPT] = {line.line_id: {100: line.quantity} for line in case.lines if line.keep}
    for scan, booked in case.booked.items():
        units = parcels.setdefault(scan, {})
        for unit in booked.units:
            if unit.line_id and unit.disposition.accepted and unit.share:
                shares = units.setdefault(unit.line_id, {})
                shares[unit.share] = shares.get(unit.share, 0) + unit.quantity
    return parcels


def _take_credit(parcels: dict[str, _Units], credit: Credited) -> None:
    """Its own parcels first, then the oldest; units of the same percentage before others."""
    own = [parcels[scan] for scan in credit.inspections if scan in parcels]
    for line_id, quantity in credit.units.items():
        partial = credit.shares.get(line_id, [])
        wanted = [(share, 1) for share in partial] + [(100, quantity - len(partial))]
        for share, units in wanted:
            rest = _take(own, line_id, share, units)
            rest = _take(parcels.values(), line_id, share, rest)
            _take(parcels.values(), line_id, None, rest)


def _take(parcels: Iterable[_Units], line_id: str, share: int | None, units: int) -> int:
    """Take units of one percentage, or of any; what could not be taken."""
    for parcel in parcels:
        shares = parcel.get(line_id, {})
        for percentage in shares if share is None else [share]:
            taken = min(units, shares.get(percentage, 0))
            if taken:
                shares[percentage] -= taken
                units -= taken
    return units


def _parcel(scan: str, units: _Units) -> AcceptedUnits:
    partial = {
        line_id: [share for share, count in shares.items() for _ in range(count) if share != 100]
        for line_id, shares in units.items()
    }
    return AcceptedUnits(
        inspection_id=scan,
        units={line_id: count for line_id, shares in units.items() if (count := sum(shares.values()))},
        shares={line_id: shares for line_id, shares in partial.items() if shares},
    )


def _differs(case: ReturnCase, placed: ReplacementPlaced) -> bool:
    """A cheaper one is owed; a dearer one was taken off the refund where the platform asks for no payment (6.7)."""
    if case.platform is None or placed.price == placed.carried:
        return False
    return bool(placed.credit) or (_nothing(case.platform.due_text) and _nothing(case.platform.paid_text))


def _cheaper(case: ReturnCase) -> list[ExchangeShare]:
    return [share for share in exchange_shares(case) if case.exchanges[share.number].credit]


def _exchange_moves(case: ReturnCase) -> bool:
    """Whether a replacement is being ordered or taken back right now: the refund that is there may be for its goods."""
    if case.money_after_take_back and gives_way(case):
        return True
    stopped = {parked.step for parked in case.parked.values() if parked.track is Track.EXCHANGE}
    begun = (one for one in case.exchange_units if one.state is ExchangeState.REQUESTED)
    return bool(replacements_due(case)) or any(f"order-replacement-{one.number}" not in stopped for one in begun)


def _forfeited(case: ReturnCase, begun: ExchangeUnits) -> bool:
    """Whether nothing is owed any more for a cheaper replacement."""
    placed = case.exchanges.get(begun.number)
    cheaper = placed is not None and bool(placed.credit)
    return case.money_after_take_back and cheaper and (is_kept(case, begun) or goes_back(case, begun))


def _nothing(amount: str) -> bool:
    try:
        return Decimal(amount) == 0
    except InvalidOperation:
        return False
