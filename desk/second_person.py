"""Decisions about much money: one person proposes, another one confirms (domain.md 5.3, R110).

The guard stands here, in front of the store and of the return's workflow. Who sends an update from the Temporal UI goes
past it: there the workflow's own validator checks role and version, and nothing else.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from desk.stake import refunded
from domain.catalogue import CATALOGUE
from domain.exposure import units_in
from domain.limits import Limits, limits_of
from domain.money import Money
from domain.resolution import Proposal, Resolution, Role
from domain.second_person import above, settles_money
from domain.stake import amounts_named
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
    if proposal is None or not proposal.same_decision(resolution):
        return Standing.FIRST
    return Standing.SAME_PERSON if proposal.same_person(resolution.actor) else Standing.SECOND


async def needs_second(
    store: Store, record: ExceptionRecord, resolution: Resolution, limits: Mapping[str, Limits]
) -> bool:
    """Whether the decision is about more money than one person may settle at this connection."""
    limit = limits_of(limits, record.connection).second_person
    if limit is None or not settles_money(CATALOGUE[record.code].owner, resolution.kind):
        return False
    async with store.reading() as unit:
        return above(await _amounts(unit, record, resolution), limit)


def proposed_just_now(record: ExceptionRecord, resolution: Resolution) -> bool:
    """Whether this is the first person's own press again, who saw the exception as it was before (E67)."""
    proposal = record.proposal
    return (
        proposal is not None
        and resolution.version == record.version - 1
        and proposal.same_person(resolution.actor)
        and proposal.same_decision(resolution)
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
    """What the decision moves, as far as anything in the store says it."""
    amounts = amounts_named(record.amount, record.payload)
    if record.ref is None:
        return amounts
    if resolution.ends_exposure(record.code):
        lines = units_in(record.payload)
        out: dict[str, int] = {}
        for one in await unit.exposures.of(record.ref):
            if one.state is ExposureState.OPEN and (not lines or one.line_id in lines):
                out[one.currency] = out.get(one.currency, 0) + one.amount
        amounts += [Money(amount=amount, currency=currency) for currency, amount in out.items()]
    if not amounts:
        around = (await unit.queue.surroundings([record.ref]))[record.ref]
        known = refunded(record, around)
        amounts += [known] if known else []
    return amounts
