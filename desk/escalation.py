"""Exceptions that nobody handles go to the next person, once per level (R74).

The alerts' announcer calls this in its round. It is harmless to call it more often, or from several processes.
"""

from collections.abc import Mapping
from datetime import datetime

from domain.exceptions import ExceptionCode, Owner
from domain.limits import Limits, limits_of
from domain.model import Value
from domain.money import Money
from store import Store
from store.records import ExceptionRecord

#: The owner's lead, then the head of operations. There is nobody above.
TOP_LEVEL = 2
_PAGE = 100


class Escalated(Value):
    """An exception that was lifted to `level` just now. `asked`: whose turn it is; `cause`: id of its root cause."""

    exception_id: str
    connection: str
    return_id: str | None
    code: ExceptionCode
    owner: Owner
    cause: str
    reason: str
    level: int
    asked: str
    opened_at: datetime
    amount: Money | None


async def escalate(store: Store, limits: Mapping[str, Limits], now: datetime) -> list[Escalated]:
    """Lift every open exception about which nobody did anything for the time that is agreed for its owner.

    It counts from when it was opened, or lifted last. A first person's decision begins it anew: a second person is to
    look at it then. Each one is in the audit and on its return's timeline.
    """
    async with store.reading() as unit:
        connections = await unit.queue.connections()
    return [one for name in connections for one in await _of_connection(store, name, limits_of(limits, name), now)]


def asked_at(level: int, owner: Owner) -> str:
    """Whose turn it is at a level."""
    return f"the lead of {owner}" if level < TOP_LEVEL else "the head of operations"


async def _of_connection(store: Store, connection: str, limits: Limits, now: datetime) -> list[Escalated]:
    since = {owner: now - limits.escalates_after(owner) for owner in Owner}
    lifted: list[Escalated] = []
    after: str | None = None
    while True:
        async with store.reading() as unit:
            page = await unit.queue.overdue(connection, since, TOP_LEVEL, after, _PAGE)
        forgotten = [record for record in page if not _handled(record, since[record.owner])]
        if forgotten:
            async with store.begin() as unit:
                for record in forgotten:
                    level = record.level + 1
                    if await unit.exceptions.escalate(record.id, level, asked_at(level, record.owner), now):
                        lifted.append(_escalated(record, level))
        if len(page) < _PAGE:
            return lifted
        after = page[-1].id


def _handled(record: ExceptionRecord, since: datetime) -> bool:
    """Whether a first person has decided, not too long ago."""
    return record.proposal is not None and record.proposal.at > since


def _escalated(record: ExceptionRecord, level: int) -> Escalated:
    return Escalated(
        exception_id=record.id,
        connection=record.connection,
        return_id=record.return_id,
        code=record.code,
        owner=record.owner,
        cause=record.cause,
        reason=record.reason,
        level=level,
        asked=asked_at(level, record.owner),
        opened_at=record.opened_at,
        amount=record.amount,
    )
