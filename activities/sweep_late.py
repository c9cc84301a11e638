"""What takes longer than agreed: documents, credit notes, stages, and webhooks that nobody was told of (R89)."""

from collections.abc import Awaitable
from datetime import datetime, timedelta

from activities.sweep_look import Look, Reader
from activities.sweep_raising import STEPS, raise_overdue
from domain.lateness import StuckKind, agreed_limit
from domain.progress import Stage
from store.sweep_records import CandidatePage, Cursor, StuckFound
from store.unit import Unit

#: Stages in which a return waits for one of the two systems, and not for people or parcels.
_OF_SYSTEMS = (Stage.VALIDATING, Stage.INSPECTED, Stage.SETTLING)


def _rmas(unit: Unit, connection: str, before: datetime, after: Cursor) -> Awaitable[CandidatePage]:
    return unit.stuck.rmas(connection, before, after)


def _stock(unit: Unit, connection: str, before: datetime, after: Cursor) -> Awaitable[CandidatePage]:
    return unit.stuck.stock(connection, before, after)


def _exchanges(unit: Unit, connection: str, before: datetime, after: Cursor) -> Awaitable[CandidatePage]:
    return unit.stuck_exchanges.exchanges(connection, before, after)


def _credits(unit: Unit, connection: str, before: datetime, after: Cursor) -> Awaitable[CandidatePage]:
    return unit.stuck.credits(connection, before, after, own=STEPS)


_DOCUMENTS: tuple[tuple[StuckKind, Reader], ...] = (
    (StuckKind.RMA, _rmas),
    (StuckKind.STOCK, _stock),
    (StuckKind.EXCHANGE, _exchanges),
)


async def look_for_documents(look: Look) -> None:
    """What the ERP should have by now (R15, R30, R65). What an exception says already is on the list all the same."""
    outage = look.erp_outage()
    for kind, read in _DOCUMENTS:
        limit = agreed_limit(look.connection.limits, kind)
        drifted = {} if kind is StuckKind.EXCHANGE else look.drifted
        async for page, waits_for in look.pages(read, limit, outage):
            late = [one for one in page if look.is_late(one, limit)]
            said = [drifted.get(one.ref.return_id) or (outage.id if outage else "") for one in late]
            await look.report(look.found(kind, one, limit, waits_for, by) for one, by in zip(late, said, strict=True))


async def look_for_credits(look: Look) -> None:
    """Paid refunds without a note: on the list, and an exception for finance (R47, N3, U34).

    While the ERP is down its own exception tells of all of them (E63). A matter that finance decides is no second one,
    but it grows old.
    """
    limits, outage = look.connection.limits, look.erp_outage()
    limit, old = limits.credit, limits.note_age
    async for page, waits_for in look.pages(_credits, min(limit, old), outage):
        found: list[StuckFound] = []
        async with look.edge.store.begin() as unit:
            for one in page:
                if look.is_late(one, limit) and not one.handled_by:
                    plain = look.found(StuckKind.CREDIT, one, limit, waits_for, "")
                    raised = await raise_overdue(unit, one, plain.amount, plain.blocker, look.now, fresh=outage is None)
                    told_by = look.note(raised) or (outage.id if outage else "")
                    found.append(plain.model_copy(update={"told_by": told_by}))
                if look.is_late(one, old):
                    found.append(look.found(StuckKind.NOTE_AGE, one, old, waits_for, ""))
        await look.report(found)


async def look_for_stages(look: Look) -> None:
    """Nothing has moved for longer than the stage allows, and nothing that was found before says why (R89)."""
    for stage, limit in look.connection.limits.stage_times.items():
        await _look_at_stage(look, stage, limit)


async def _look_at_stage(look: Look, stage: Stage, limit: timedelta) -> None:
    outage = look.any_outage() if stage in _OF_SYSTEMS else None

    def read(unit: Unit, connection: str, before: datetime, after: Cursor) -> Awaitable[CandidatePage]:
        return unit.stuck.stages(connection, stage, before, after)

    async for page, waits_for in look.pages(read, limit, outage):
        late = [one for one in page if look.is_late(one, limit) and one.ref.return_id not in look.told]
        named = [one.model_copy(update={"subject": stage.value}) for one in late]
        said = outage.id if outage else ""
        await look.report(look.found(StuckKind.STAGE, one, limit, waits_for, said) for one in named)


async def look_for_deliveries(look: Look) -> None:
    """Webhooks that were accepted, and that no workflow was told of: the bridge does not run, or cannot (R2)."""
    limit = look.connection.policy.outage_limit
    async with look.edge.store.reading() as unit:
        count, oldest = await unit.stuck.undelivered(look.connection.name, look.now - limit)
    if oldest is None:
        return
    await look.report(
        [
            StuckFound(
                kind=StuckKind.UNDELIVERED,
                connection=look.connection.name,
                since=oldest,
                limit=limit,
                blocker=f"the bridge to tell {count} accepted webhook(s) to their workflows",
            )
        ]
    )
