"""The queue by root cause: what one correction would clear (R72, N18)."""

from datetime import datetime

from domain.catalogue import CATALOGUE
from domain.exceptions import Owner, ResolutionKind
from domain.grouping import RootCause, grouped
from domain.model import Value
from domain.money import Money
from store import Store
from store.records import ExceptionRecord, ExceptionState

#: Exceptions that are looked at, the oldest first: more than people can mend in a day.
LOOK_AT = 10_000


class Group(Value):
    """The exceptions of one root cause, the oldest first."""

    cause: RootCause
    items: list[ExceptionRecord]


class Groups(Value):
    """The largest group first. `complete`: no exception was left out."""

    groups: list[Group]
    complete: bool

    def find(self, group_id: str) -> Group | None:
        """The group with this id, or None."""
        return next((group for group in self.groups if group.cause.id == group_id), None)


class GroupView(Value):
    """A root cause for people. `wrong` is empty where each return has its own reason.

    amounts: the money at stake, one sum per currency; exceptions without an amount count nothing
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
    resolutions: tuple[ResolutionKind, ...]


async def read_groups(
    store: Store,
    state: ExceptionState | None = ExceptionState.OPEN,
    owner: Owner | None = None,
    connection: str | None = None,
    limit: int = LOOK_AT,
) -> Groups:
    """The exceptions that fit all given filters, by root cause."""
    async with store.reading() as unit:
        rows = await unit.exceptions.list(state=state, owner=owner, connection=connection, limit=limit + 1)
    groups = [Group(cause=cause, items=items) for cause, items in grouped(rows[:limit]).items()]
    return Groups(groups=groups, complete=len(rows) <= limit)


def group_view(group: Group, now: datetime) -> GroupView:
    """The group in one row."""
    cause, oldest = group.cause, min(item.opened_at for item in group.items)
    entry = CATALOGUE[cause.code]
    return GroupView(
        id=cause.id,
        connection=cause.connection,
        owner=entry.owner,
        code=cause.code,
        title=entry.title,
        wrong=cause.wrong,
        count=len(group.items),
        oldest_at=oldest,
        age_seconds=max(0, int((now - oldest).total_seconds())),
        amounts=_sums([item.amount for item in group.items if item.amount is not None]),
        resolutions=entry.resolutions,
    )


def _sums(amounts: list[Money]) -> list[Money]:
    sums: dict[str, Money] = {}
    for money in amounts:
        known = sums.get(money.currency)
        sums[money.currency] = money if known is None else known + money
    return [sums[currency] for currency in sorted(sums)]
