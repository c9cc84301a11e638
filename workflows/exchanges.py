"""Which replacements are to be ordered, and how each stands. Questions about a case, and the facts they rest on."""

from activities.exchange_signatures import ReplacementPlaced
from activities.signatures import RmaOpened
from domain.exchange import ExchangeDue, ExchangeState, ExchangeUnits, exchanges_due
from domain.returns import ExchangeWish
from workflows.case import ReturnCase


def replacements_due(case: ReturnCase) -> list[ExchangeDue]:
    """Returned units whose replacement must be ordered now: at confirmation or at acceptance, as configured."""
    if case.rma is None or case.platform is None or case.ended or case.withdrawal or case.amending:
        return []
    if any(is_unwanted(case, one) and not one.state.refundable for one in case.exchange_units):
        return []  # the old wish gives its units back first (E61)
    on = case.rma.flow.exchange_on
    wishes = [wish for wish in case.platform.exchanges if not _waits_for_rma(case, case.rma, wish)]
    return exchanges_due(wishes, case.exchange_units, on, case.exchangeable())


def _waits_for_rma(case: ReturnCase, rma: RmaOpened, wish: ExchangeWish) -> bool:
    """Whether another RMA comes first, because this one is for fewer units than are wished by now (E61)."""
    moved = case.goods_began or case.credits or case.open_refunds()
    return not moved and wish.quantity > sum(one.quantity for one in rma.lines if one.line_id == wish.line_id)


def begin(case: ReturnCase, due: ExchangeDue) -> ExchangeUnits:
    """Give the replacement its number and count its units as begun. The wish is kept as it was asked for (R62)."""
    number = _number(case, due)
    units = ExchangeUnits(number=number, exchange_id=due.wish.exchange_id, line_id=due.wish.line_id, units=due.units)
    case.exchange_units.append(units)
    case.wishes[number] = due.wish
    return units


def note(case: ReturnCase, placed: ReplacementPlaced, *, superseded: bool = False) -> None:
    """Remember how a replacement stands. `superseded`: it was taken back, and stands for no wish any more (E61)."""
    case.exchanges[placed.number] = placed
    news = {"state": placed.state, **({"exchange_id": ""} if superseded and placed.state.refundable else {})}
    case.exchange_units[:] = [
        one.model_copy(update=news) if one.number == placed.number else one for one in case.exchange_units
    ]


def payment_words(case: ReturnCase) -> str:
    """What the platform says about the customer's payment, to notice when it changes."""
    return f"{case.platform.due_text}/{case.platform.paid_text}" if case.platform else ""


def is_unwanted(case: ReturnCase, begun: ExchangeUnits) -> bool:
    """Whether the platform's return no longer has the wish that this replacement is for, or has it for fewer units and
    no goods have come yet (E61). The latest orders go first; what the customer keeps is decided."""
    if case.withdrawal is not None or is_kept(case, begun):
        return False
    wish = _wish(case, begun)
    return wish is None or (not case.goods_began and begun.units > wish.quantity - _before(case, begun))


def goes_back(case: ReturnCase, begun: ExchangeUnits) -> bool:
    """Whether a replacement has to be taken back and is not yet: it is not wanted, or its goods were not accepted."""
    if begun.state.refundable or is_kept(case, begun):
        return False
    return is_unwanted(case, begun) or was_rejected(case, begun)


def gives_way(case: ReturnCase) -> bool:
    """Whether a replacement is being taken back, and no person is asked about it."""
    asked = {parked.step for parked in case.parked.values()}
    going = (one for one in case.exchange_units if goes_back(case, one))
    return any(f"withdraw-replacement-{one.number}" not in asked for one in going)


def _wish(case: ReturnCase, begun: ExchangeUnits) -> ExchangeWish | None:
    wishes = case.platform.exchanges if case.platform else []
    return next((wish for wish in wishes if wish.exchange_id == begun.exchange_id), None)


def _before(case: ReturnCase, begun: ExchangeUnits) -> int:
    """Units of its wish that became a refund, or that an earlier order stands for."""
    others = [one for one in case.exchange_units if one.exchange_id == begun.exchange_id and one.number != begun.number]
    return sum(one.units for one in others if one.number < begun.number or one.state.refundable)


def is_given_up(case: ReturnCase, begun: ExchangeUnits) -> bool:
    """Whether it was cancelled or became a refund."""
    return any(one.number == begun.number and one.state.refundable for one in case.exchange_units)


def is_kept(case: ReturnCase, begun: ExchangeUnits) -> bool:
    """Whether a person decided that the customer keeps it: nobody is asked about it again."""
    placed = case.exchanges.get(begun.number)
    return placed is not None and placed.kept


def was_rejected(case: ReturnCase, begun: ExchangeUnits) -> bool:
    """Whether the goods of an ordered replacement came back rejected, or never will: nothing more is to come (E54)."""
    placed = case.exchanges.get(begun.number)
    if placed is None or placed.state is not ExchangeState.ORDERED:
        return False
    line = next((line for line in case.lines if line.line_id == begun.line_id), None)
    if line is None or line.keep or case.inspected(line.line_id) < line.quantity:
        return False
    if any(u.line_id == line.line_id and u.share is None for b in case.booked.values() for u in b.units):
        return False  # finance has not decided yet
    ordered = sum(
        one.units
        for one in case.exchange_units
        if one.line_id == line.line_id and one.state is ExchangeState.ORDERED and one.number <= begun.number
    )
    return case.accepted(line.line_id) < ordered


def _number(case: ReturnCase, due: ExchangeDue) -> int:
    """The number that the RMA already names, for the first order of a wish; the next free one for any other."""
    taken = {one.number for one in case.exchange_units}
    named = case.rma.exchanges if case.rma else {}
    first = named.get(due.wish.exchange_id)
    if first is not None and first not in taken:
        return first
    return max([0, *taken, *named.values()]) + 1
