"""One decision for every exception of a root cause, one after the other, at a rate (R72, N18).

Each is decided exactly as if it were alone: its role and version are checked, and it has its own line in the audit.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from desk.clock import Clock
from desk.link import TemporalLink
from desk.resolutions import CONFIRM_SECONDS, ResolutionAnswer, decide, refusal, same_person
from desk.second_person import Standing, standing
from domain.exceptions import ResolutionKind
from domain.limits import Limits
from domain.model import Value
from domain.resolution import Resolution
from runtime.client import TemporalUnreachableError
from store import Store
from store.records import ExceptionRecord

#: Decisions that can be right for many. The others name a document or an amount of one return.
FOR_MANY = (ResolutionKind.RETRY, ResolutionKind.EDIT_AND_RETRY, ResolutionKind.CANCEL_TRACK)

#: So many decisions in a row that no worker confirmed: there is no worker, and the rest would only wait.
_GIVE_UP_AFTER = 3


class RefusedOne(Value):
    """An exception that was not decided, and why."""

    exception_id: str
    text: str


class BulkAnswer(Value):
    """What became of one decision for many.

    decided: it holds, or would hold in a dry run
    proposed: it is about much money: it waits for a second person, or would in a dry run
    unconfirmed: ids; no worker answered in time; the same command may be given again, each is applied once
    untried: how many were not reached, because of `trouble`
    """

    decided: int = 0
    proposed: int = 0
    refused: list[RefusedOne] = []
    unconfirmed: list[str] = []
    untried: int = 0
    trouble: str = ""


async def rehearse(
    store: Store,
    records: Sequence[ExceptionRecord],
    resolutions: Mapping[str, Resolution],
    *,
    limits: Mapping[str, Limits],
) -> BulkAnswer:
    """What `decide_all` would do, as far as the store tells. Nothing is changed, no workflow is asked.

    resolutions: by id of the exception
    """
    refused: list[RefusedOne] = []
    proposed = 0
    for record in records:
        resolution = resolutions[record.id]
        text = refusal(record, resolution)
        stands = Standing.ALONE if text else await standing(store, record, resolution, limits)
        if stands is Standing.SAME_PERSON:
            text = same_person(resolution)
        if text:
            refused.append(RefusedOne(exception_id=record.id, text=text))
        proposed += stands is Standing.FIRST
    return BulkAnswer(decided=len(records) - len(refused) - proposed, proposed=proposed, refused=refused)


async def decide_all(
    store: Store,
    link: TemporalLink,
    resolutions: Sequence[Resolution],
    clock: Clock,
    *,
    per_second: float,
    limits: Mapping[str, Limits],
    wait: float = CONFIRM_SECONDS,
    told: Callable[[Resolution, ResolutionAnswer], None] | None = None,
) -> BulkAnswer:
    """Carry out the decisions in their order, no more than `per_second`. Trouble that concerns all ends it.

    told: is called after each of them, for whoever watches
    """
    pace = _Pace(per_second)
    refused: list[RefusedOne] = []
    unconfirmed: list[str] = []
    decided, proposed, in_a_row, trouble = 0, 0, 0, ""
    for resolution in resolutions:
        try:
            answer = await _one(store, link, resolution, clock, pace, limits, wait)
        except TemporalUnreachableError as error:
            trouble = str(error)
            break
        if told is not None:
            told(resolution, answer)
        in_a_row = in_a_row + 1 if answer.outcome == "unconfirmed" else 0
        match answer.outcome:
            case "decided":
                decided += 1
            case "proposed":
                proposed += 1
            case "refused":
                refused.append(RefusedOne(exception_id=resolution.exception_id, text=answer.text))
            case "unconfirmed":
                unconfirmed.append(resolution.exception_id)
        if in_a_row == _GIVE_UP_AFTER:
            trouble = "no worker confirms decisions"
            break
    return BulkAnswer(
        decided=decided,
        proposed=proposed,
        refused=refused,
        unconfirmed=unconfirmed,
        untried=len(resolutions) - decided - proposed - len(refused) - len(unconfirmed),
        trouble=trouble,
    )


async def _one(
    store: Store,
    link: TemporalLink,
    resolution: Resolution,
    clock: Clock,
    pace: "_Pace",
    limits: Mapping[str, Limits],
    wait: float,
) -> ResolutionAnswer:
    """The record is read anew: somebody may have decided it since the list was made."""
    async with store.reading() as unit:
        record = await unit.exceptions.get(resolution.exception_id)
    if record is None:
        return ResolutionAnswer(outcome="refused", text="it is not in the queue any more")
    if not refusal(record, resolution):
        await pace.turn()
    return await decide(store, link, record, resolution, clock, limits=limits, wait=wait)


class _Pace:
    """Turns with an even distance, so that a vendor gets no burst. The first is at once."""

    def __init__(self, per_second: float) -> None:
        self._distance = 1 / per_second
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for the next turn."""
        now = asyncio.get_running_loop().time()
        start = max(now, self._next)
        self._next = start + self._distance
        await asyncio.sleep(start - now)
