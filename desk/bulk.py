"""One decision for every exception of a root cause, one after the other, at a rate (R72, N18).

Each is decided exactly as if it were alone: its role and version are checked, and it has its own line in the audit.
"""

import asyncio
from collections.abc import Mapping, Sequence

from desk.clock import Clock
from desk.link import TemporalLink
from desk.resolutions import CONFIRM_SECONDS, ResolutionAnswer, decide, refusal
from domain.exceptions import ResolutionKind
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
    unconfirmed: ids; no worker answered in time; the same command may be given again, each is applied once
    untried: how many were not reached, because of `trouble`
    """

    decided: int = 0
    refused: list[RefusedOne] = []
    unconfirmed: list[str] = []
    untried: int = 0
    trouble: str = ""


def rehearse(records: Sequence[ExceptionRecord], resolutions: Mapping[str, Resolution]) -> BulkAnswer:
    """What `decide_all` would do, as far as the records tell. Nothing is changed, nothing asked."""
    refused = [
        RefusedOne(exception_id=record.id, text=text)
        for record in records
        if (text := refusal(record, resolutions[record.id]))
    ]
    return BulkAnswer(decided=len(records) - len(refused), refused=refused)


async def decide_all(
    store: Store,
    link: TemporalLink,
    resolutions: Sequence[Resolution],
    clock: Clock,
    *,
    per_second: float,
    wait: float = CONFIRM_SECONDS,
) -> BulkAnswer:
    """Carry out the decisions in their order, no more than `per_second`. Trouble that concerns all ends it."""
    pace = _Pace(per_second)
    refused: list[RefusedOne] = []
    unconfirmed: list[str] = []
    decided, in_a_row, trouble = 0, 0, ""
    for resolution in resolutions:
        try:
            answer = await _one(store, link, resolution, clock, pace, wait)
        except TemporalUnreachableError as error:
            trouble = str(error)
            break
        in_a_row = in_a_row + 1 if answer.outcome == "unconfirmed" else 0
        match answer.outcome:
            case "decided":
                decided += 1
            case "refused":
                refused.append(RefusedOne(exception_id=resolution.exception_id, text=answer.text))
            case "unconfirmed":
                unconfirmed.append(resolution.exception_id)
        if in_a_row == _GIVE_UP_AFTER:
            trouble = "no worker confirms decisions"
            break
    untried = len(resolutions) - decided - len(refused) - len(unconfirmed)
    return BulkAnswer(decided=decided, refused=refused, unconfirmed=unconfirmed, untried=untried, trouble=trouble)


async def _one(
    store: Store, link: TemporalLink, resolution: Resolution, clock: Clock, pace: "_Pace", wait: float
) -> ResolutionAnswer:
    """The record is read anew: somebody may have decided it since the list was made."""
    async with store.reading() as unit:
        record = await unit.exceptions.get(resolution.exception_id)
    if record is None:
        return ResolutionAnswer(outcome="refused", text="it is not in the queue any more")
    if not refusal(record, resolution):
        await pace.turn()
    return await decide(store, link, record, resolution, clock, wait)


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
