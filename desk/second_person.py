"""Decisions about much money: one person proposes, another one confirms (domain.md 5.3, R110).

The guard stands here, in front of the store and of the return's workflow: the console, the command line and decisions
for many all come by `desk.resolutions.decide`. Who sends an update from the Temporal UI goes past it: there the
workflow's own validator checks role and version, and nothing else.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from desk.stake import refunds_of
from domain.exceptions import ResolutionKind
from domain.exposure import units_in
from domain.limits import Limits, limits_of
from domain.money import Money
from domain.resolution import Proposal, Resolution, Role, same_decision
from domain.returns import ReturnRef
from domain.second_person import above, settles_money
from domain.slots import value_order
from domain.stake import added_up, amounts_named, rough_money
from store import Store, Unit
from store.exchange_records import ExposureState
from store.records import ExceptionRecord


class Standing(StrEnum):
    """What a decision may do at once."""

    ALONE = "alone"  # one person is enough
    FIRST = "first"  # to be proposed
    SECOND = "second"  # another person has proposed the same
    SAME_PERSON = "same person"  # has proposed it already


async def standing(
    store: Store, record: ExceptionRecord, resolution: Resolution, limits: Mapping[str, Limits]
) -> Standing:
    """Whether this decision needs a second person, and whether this is the second one."""
    if not await needs_second(store, record, resolution, limits):
        return Standing.ALONE
    proposal = record.proposal
    if proposal is None or not same_decision(proposal, resolution):
        return Standing.FIRST
    return Standing.SAME_PERSON if proposal.same_person(resolution.actor) else Standing.SECOND


async def needs_second(
    store: Store, record: ExceptionRecord, resolution: Resolution, limits: Mapping[str, Limits]
) -> bool:
    """Whether one person may not settle this alone: it is about too much money, or nobody knows how much."""
    limit = limits_of(limits, record.connection).second_person
    if limit is None or not settles_money(record.code, resolution.kind, resolution.edits):
        return False
    async with store.reading() as unit:
        amounts = await _amounts(unit, record, resolution)
    return not amounts or above(amounts, limit)


def proposed_just_now(record: ExceptionRecord, resolution: Resolution) -> bool:
    """Whether this is the first person's own press again, who saw the exception as it was before (E67)."""
    proposal = record.proposal
    return (
        proposal is not None
        and resolution.version == record.version - 1
        and proposal.same_person(resolution.actor)
        and same_decision(proposal, resolution)
    )


def proposal_of(resolution: Resolution, at: datetime) -> Proposal:
    """The decision, as it waits for a second person."""
    own = resolution.model_dump(include=set(Proposal.model_fields))
    return Proposal(**own, at=at)


def confirmation(record: ExceptionRecord, actor: str, role: Role, reason: str = "") -> Resolution:
    """The second person's decision: the same as the first person's. ValueError when nothing was proposed.

    reason: of the second person's own; without it the first person's counts
    """
    proposal = record.proposal
    if proposal is None:
        raise ValueError(f"nothing waits for a second person on {record.id}")
    return Resolution(
        exception_id=record.id,
        version=record.version,
        kind=proposal.kind,
        role=role,
        actor=actor,
        reason=reason or proposal.reason,
        document=proposal.document,
        edits=proposal.edits,
    )


async def _amounts(unit: Unit, record: ExceptionRecord, resolution: Resolution) -> list[Money]:
    """What the decision may move; empty where nothing in the store says it.

    Where the exception names no amount, all of its return counts. The order's amount is what its units are worth.
    """
    named = amounts_named(record.amount, record.payload)
    if record.ref is None:
        return named
    if resolution.ends_exposure(record.code):
        named += await _out(unit, record, record.ref)
    by_order = resolution.kind is ResolutionKind.ACCEPT_ORDER_AMOUNT and "order_amount" not in record.payload
    if named and not by_order:
        return named
    return [*named, *await _refunded(unit, record, record.ref), *await _claimed(unit, record.ref)]


async def _out(unit: Unit, record: ExceptionRecord, ref: ReturnRef) -> list[Money]:
    """What is out for the units that the exception is about."""
    lines = units_in(record.payload)
    return added_up(
        Money(amount=one.amount, currency=one.currency)
        for one in await unit.exposures.of(ref)
        if one.state is ExposureState.OPEN and (not lines or one.line_id in lines)
    )


async def _refunded(unit: Unit, record: ExceptionRecord, ref: ReturnRef) -> list[Money]:
    """The refund that the exception names, else all refunds of the return."""
    around = (await unit.queue.surroundings([ref]))[ref]
    amounts = [rough_money(one.amount_text, one.currency) for one in refunds_of(record, around)]
    return added_up(money for money in amounts if money is not None)


async def _claimed(unit: Unit, ref: ReturnRef) -> list[Money]:
    """What the customer paid for the units that the return holds: no more of its goods can ever be credited."""
    amounts: list[Money] = []
    for books, order in await unit.slots.orders(ref):
        snapshot = await unit.snapshots.get(books, order)
        if snapshot is None:
            continue
        value, held = value_order(snapshot), await unit.slots.held(books, order, ref)
        lines = [(line, claim.slot_no) for claim in held if (line := value.line(claim.line_id)) is not None]
        gross = value.gross(slot for line, number in lines for slot in line.pick([number]))
        amounts.append(Money(amount=gross, currency=value.currency))
    return added_up(amounts)
