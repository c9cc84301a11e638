"""Two people decide about much money, and the parked return obeys the second one (R110)."""

from collections.abc import Mapping

from temporalio.client import Client

from desk.clock import utc_now
from desk.link import TemporalLink
from desk.resolutions import ResolutionAnswer, decide
from desk.second_person import confirmation
from domain.exceptions import ResolutionKind
from domain.limits import Limits
from domain.resolution import Resolution, Role
from store.records import ExceptionRecord, ExceptionState
from tests.returns.course import mismatch, totals
from tests.world import World

#: One person may settle ten pounds alone.
LIMITS: Mapping[str, Limits] = {"uk": Limits(second_person=10)}
ACCEPT = ResolutionKind.ACCEPT_PLATFORM_AMOUNT


async def proposed(world: World, item: ExceptionRecord) -> ExceptionRecord:
    """Ann of finance has proposed to accept the platform's amount."""
    made = Resolution(
        exception_id=item.id, version=item.version, kind=ACCEPT, role=Role.FINANCE, actor="ann", reason="promised"
    )
    assert (await carried(world, item, made)).outcome == "proposed"
    async with world.store.reading() as unit:
        after = await unit.exceptions.get(item.id)
    assert after is not None
    return after


async def carried(world: World, item: ExceptionRecord, resolution: Resolution) -> ResolutionAnswer:
    async def connect() -> Client:
        return world.client

    return await decide(world.store, TemporalLink(connect), item, resolution, utc_now, limits=LIMITS)


async def test_R110_R69_a_return_goes_on_only_when_the_second_person_confirmed(world: World) -> None:
    ref, item = await mismatch(world, "19.99")
    waiting = await proposed(world, item)
    assert (waiting.version, waiting.state, totals(world, ref)) == (2, ExceptionState.OPEN, [])

    answer = await carried(world, waiting, confirmation(waiting, "bob", Role.FINANCE))
    assert answer.outcome == "decided"
    await world.closed(ref)
    assert totals(world, ref) == ["19.99"]
    [done] = await world.exceptions(ref, ExceptionState.RESOLVED)
    assert done.resolution is not None
    assert (done.resolution.actor, done.resolution.proposed_by, done.proposal) == ("bob", "ann", None)
    async with world.store.reading() as unit:
        actors = [(entry.actor, entry.action) for entry in reversed(await unit.audit.list(item.id))]
    assert actors == [
        ("system", "exception.opened"),
        ("ann", "exception.proposed"),
        ("bob", "exception.resolved"),
    ]


async def test_R110_a_decision_from_the_temporal_ui_is_not_stopped_by_what_was_proposed(world: World) -> None:
    ref, item = await mismatch(world, "19.99")
    await proposed(world, item)
    await world.resolve(item, ResolutionKind.ACCEPT_ORDER_AMOUNT)
    await world.closed(ref)
    assert totals(world, ref) == ["18.09"]
    [done] = await world.exceptions(ref, ExceptionState.RESOLVED)
    assert (done.proposal, done.resolution and done.resolution.kind) == (None, ResolutionKind.ACCEPT_ORDER_AMOUNT)
