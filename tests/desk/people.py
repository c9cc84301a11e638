"""People who decide the exceptions of one store."""

from collections.abc import Mapping
from typing import Any

from desk.link import TemporalLink
from desk.resolutions import ResolutionAnswer, decide
from domain.exceptions import ResolutionKind
from domain.limits import Limits
from domain.money import Money
from domain.resolution import Resolution, Role
from store import Store
from store.records import ExceptionRecord
from tests.desk.given import later

CANCEL = ResolutionKind.CANCEL_TRACK
LIMITS: Mapping[str, Limits] = {"uk": Limits(second_person=500)}
MUCH, LITTLE = Money(amount=50001, currency="GBP"), Money(amount=50000, currency="GBP")


class People:
    """Decides the exceptions of one store; Temporal is down."""

    def __init__(self, store: Store, link: TemporalLink) -> None:
        self.store = store
        self.link = link

    async def now(self, name: str = "ex-1") -> ExceptionRecord:
        async with self.store.reading() as unit:
            record = await unit.exceptions.get(name)
        assert record is not None
        return record

    async def decide(
        self, actor: str, kind: ResolutionKind = CANCEL, *, role: Role = Role.FINANCE, **fields: Any
    ) -> ResolutionAnswer:
        """As the exception is now, unless a version is given."""
        record = await self.now()
        given = {"reason": "paid twice", "version": record.version, **fields}
        resolution = Resolution(exception_id=record.id, kind=kind, role=role, actor=actor, **given)
        return await self.carry(record, resolution)

    async def carry(
        self, record: ExceptionRecord, resolution: Resolution, limits: Mapping[str, Limits] = LIMITS
    ) -> ResolutionAnswer:
        return await decide(self.store, self.link, record, resolution, lambda: later(5), limits=limits)

    async def audit(self, name: str = "ex-1") -> list[tuple[str, str]]:
        """Who did what, the oldest first."""
        async with self.store.reading() as unit:
            return [(entry.actor, entry.action) for entry in reversed(await unit.audit.list(name))]
