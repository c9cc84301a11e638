"""One transaction, seen as repositories."""

from sqlmodel.ext.asyncio.session import AsyncSession

from store.audit import Audit
from store.calls import Calls
from store.carried import Carried
from store.documents import Documents
from store.exceptions import Exceptions
from store.exchanges import Exchanges
from store.exposures import Exposures
from store.inbox import Inbox
from store.inspections import Inspections
from store.ledger import Ledger
from store.parcels import Parcels
from store.progress import refresh_touched
from store.refunds import Refunds
from store.returns import Returns
from store.scope import Scope
from store.slots import Slots
from store.snapshots import Snapshots
from store.timeline import Timeline
from store.trail import Trail
from store.windows import Windows


class Unit:
    """A unit of work. Everything done through it is committed together, or not at all."""

    def __init__(self, session: AsyncSession, writes: bool = True) -> None:
        self._scope = Scope(session, writes)
        self.timeline = Timeline(self._scope)
        self.audit = Audit(self._scope)
        self.inbox = Inbox(self._scope)
        self.returns = Returns(self._scope)
        self.inspections = Inspections(self._scope)
        self.refunds = Refunds(self._scope)
        self.snapshots = Snapshots(self._scope)
        self.slots = Slots(self._scope)
        self.ledger = Ledger(self._scope)
        self.documents = Documents(self._scope, self.audit)
        self.calls = Calls(self._scope)
        self.windows = Windows(self._scope)
        self.parcels = Parcels(self._scope)
        self.exchanges = Exchanges(self._scope)
        self.carried = Carried(self._scope)
        self.exposures = Exposures(self._scope)
        self.exceptions = Exceptions(self._scope, Trail(self.timeline, self.audit))

    async def complete(self) -> None:
        """Last step before the commit: the headers of all returns whose facts changed are derived again."""
        await refresh_touched(self._scope)
