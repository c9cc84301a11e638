"""One transaction, seen as repositories."""

from sqlmodel.ext.asyncio.session import AsyncSession

from store.accounts import Accounts
from store.alert_late import AlertLate
from store.alert_news import AlertNews
from store.alerts import Alerts
from store.audit import Audit
from store.calls import Calls
from store.carried import Carried
from store.depots import Depots
from store.differences import Differences
from store.documents import Documents
from store.exceptions import Exceptions
from store.exchanges import Exchanges
from store.exposures import Exposures
from store.figures import Figures
from store.inbox import Inbox
from store.inspections import Inspections
from store.ledger import Ledger
from store.measures import Measures
from store.parcels import Parcels
from store.payouts import Payouts
from store.periods import Periods
from store.progress import refresh_touched
from store.queue import Queue
from store.reconciliation import Reconciliation
from store.reconciliation_cases import Cases
from store.refunds import Refunds
from store.returns import Returns
from store.scope import Scope
from store.sessions import Sessions
from store.slots import Slots
from store.snapshots import Snapshots
from store.stuck import Stuck
from store.stuck_exchanges import StuckExchanges
from store.sweep import Sweep
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
        self.measures = Measures(self._scope)
        self.figures = Figures(self._scope)
        self.alerts = Alerts(self._scope)
        self.alert_news = AlertNews(self._scope)
        self.alert_late = AlertLate(self._scope)
        self.accounts = Accounts(self._scope, self.audit)
        self.sessions = Sessions(self._scope)
        self.queue = Queue(self._scope)
        self.sweep = Sweep(self._scope)
        self.stuck = Stuck(self._scope)
        self.stuck_exchanges = StuckExchanges(self._scope)
        self.reconciliation = Reconciliation(self._scope)
        self.cases = Cases(self._scope)
        self.differences = Differences(self._scope)
        self.payouts = Payouts(self._scope)
        self.periods = Periods(self._scope)
        self.depots = Depots(self._scope)
        self.exceptions = Exceptions(self._scope, Trail(self.timeline, self.audit))

    async def complete(self) -> None:
        """Last step before the commit: the headers of all returns whose facts changed are derived again."""
        await refresh_touched(self._scope)
