"""The queue by root cause: what one correction would clear (R72, N18)."""

from datetime import datetime

from domain.catalogue import CATALOGUE
from domain.exceptions import Owner, ResolutionKind
from domain.grouping import root_cause
from domain.model import Value
from domain.money import Money
from store import Store
from store.queue_records import CauseRow, QueueFilter
from store.records import ExceptionRecord

#: Exceptions that one decision for many reaches: more than people can mend in a day.
MOST = 10_000
_PAGE = 500


class GroupView(Value):
    """A root cause for people. `wrong` is empty where each return has its own reason.

    amounts: the money at stake, one sum per currency; exceptions without an amount count nothing
    reason: of one of them, as an example
    """

    id: str
    connection: str
    owner: Owner
    code: str
    title: str
    wrong: str
    count: int
    oldest_at: datetime
    age_seconds: int
    amounts: list[Money]
    reason: str
    resolutions: tuple[ResolutionKind, ...]


class Groups(Value):
    """The largest group first. `complete`: no group was left out."""

    groups: list[GroupView]
    complete: bool

    def find(self, group_id: str) -> GroupView | None:
        """The group with this id, or None."""
        return next((group for group in self.groups if group.id == group_id), None)


async def read_groups(store: Store, filters: QueueFilter, now: datetime, limit: int = 200) -> Groups:
    """The root causes of the exceptions that fit, counted by the database. One of them: filter by its id."""
    async with store.reading() as unit:
        rows = await unit.queue.causes(filters, now, limit + 1)
    return Groups(groups=[_view(row, now) for row in rows[:limit]], complete=len(rows) <= limit)


async def read_members(
    store: Store, group_id: str, now: datetime, filters: QueueFilter | None = None, limit: int = MOST
) -> list[ExceptionRecord]:
    """Up to `limit` exceptions of one root cause, the oldest first, for one decision on all of them.

    filters: open ones, unless it says otherwise. People look at them page by page: see `desk.queue`.
    """
    wanted = (filters or QueueFilter()).model_copy(update={"cause": group_id})
    found: list[ExceptionRecord] = []
    async with store.reading() as unit:
        while len(found) < limit:
            size = min(_PAGE, limit - len(found))
            page = await unit.queue.page(wanted, now, found[-1].id if found else None, size)
            found += page
            if len(page) < size:
                break
    return found


def _view(row: CauseRow, now: datetime) -> GroupView:
    cause, entry = root_cause(row.sample), CATALOGUE[row.sample.code]
    return GroupView(
        id=row.cause,
        connection=cause.connection,
        owner=entry.owner,
        code=cause.code,
        title=entry.title,
        wrong=cause.wrong,
        count=row.count,
        oldest_at=row.oldest_at,
        age_seconds=max(0, int((now - row.oldest_at).total_seconds())),
        amounts=row.sums,
        reason=row.sample.reason,
        resolutions=entry.resolutions,
    )
