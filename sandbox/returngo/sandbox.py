"""One shop at ReturnGO: the HTTP app, and what its shoppers, staff and bank do."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import TypeAdapter

from sandbox.kit.control import control_router
from sandbox.kit.delivery import Deliverer, Event
from sandbox.kit.faults import FaultPlan
from sandbox.kit.journal import Journal
from sandbox.kit.wanted import DeliveryPolicy, ItemEdit, ItemSpec, PayPolicy, ReturnSpec
from sandbox.returngo.actions import DASHBOARD, Actions
from sandbox.returngo.api import Api, webhook_json
from sandbox.returngo.app import build_app
from sandbox.returngo.call import Gate
from sandbox.returngo.control import actions_router, seed_with
from sandbox.returngo.desk import Desk
from sandbox.returngo.events import Events
from sandbox.returngo.model import Json, Verdict
from sandbox.returngo.store import Store
from sandbox.returngo.till import Till

DEMO_SHOP_NAME = "sandbox.myshopify.com"
DEMO_API_KEY = "sandbox-returngo-key"
RETRY_SECONDS = (1.0, 5.0, 30.0)
MAX_RETRIES = 3

_VERDICTS = TypeAdapter(list[Verdict])


def utc_now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


class ReturnGoSandbox:
    """Serve `app` with sandbox.kit.server; call the methods from any thread or loop.

    `webhook_url` receives every event beside the webhooks registered through the API. `pay` says when automatic
    refunds move: `at_once`; `later` (requested until `pay_refund`); `withheld` (no record until `pay_refund`).
    `daily_quota` and `rate_limit` are calls per UTC day and per second, None for no limit. Actions raise
    `errors.Refused` where the vendor would not allow them (unknown RMA, forbidden transition), ValueError for
    impossible amounts. Webhooks leave from a background thread; end with `await stop()` or use `async with`.
    """

    def __init__(
        self,
        shop_name: str = DEMO_SHOP_NAME,
        api_key: str = DEMO_API_KEY,
        webhook_url: str | None = None,
        journal: Journal | None = None,
        faults: FaultPlan | None = None,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
        pay: PayPolicy = "at_once",
        clock: Callable[[], datetime] = utc_now,
        daily_quota: int | None = 2000,
        rate_limit: int | None = 100,
    ) -> None:
        if len(retry_seconds) > MAX_RETRIES:
            raise ValueError(f"ReturnGO retries a webhook {MAX_RETRIES} times at most")
        self.shop_name = shop_name
        self.journal = journal or Journal("returngo")
        self.faults = faults or FaultPlan()
        self._store = Store()
        self._deliverer = Deliverer("returngo", retry_seconds, self.journal)
        self._events = Events(self._store, self._deliverer, shop_name, webhook_url, clock)
        desk = Desk(self._store, self.journal, clock, self._events.emit)
        self._till = Till(desk, pay)
        self._actions = Actions(desk, self._till)
        self._gate = Gate(shop_name, api_key, clock, daily_quota, rate_limit)
        self.app = build_app(Api(self._store, self._actions, self._till), self._gate, self.faults)
        self.app.include_router(control_router(self.journal, self.faults, self.state, seed_with(self.add_return)))
        self.app.include_router(actions_router(self))

    @property
    def calls_today(self) -> int:
        """Calls that the quota of the day has counted."""
        return self._gate.quota.used

    def add_return(self, spec: ReturnSpec) -> str:
        """A shopper asks for a return; its numeric rmaId as text. `in_progress` is approved at once."""

        def announce(rma_id: str) -> None:
            if spec.delivery:
                self._events.set_policy(rma_id, spec.delivery)

        return self._actions.add(spec, announce).id

    def complete(self, return_id: str) -> None:
        """Staff approve the request; an instant refund is paid, a dearer exchange invoiced."""
        self._actions.move(return_id, "Approved", DASHBOARD)

    def ship(self, return_id: str) -> None:
        """The parcel is on its way; the RMA stays as it is."""
        self._actions.ship(return_id)

    def receive(self, return_id: str) -> None:
        """The parcel has arrived."""
        self._actions.move(return_id, "Received", DASHBOARD)

    def review(self, return_id: str) -> None:
        """Staff look at what arrived; it stays received."""
        self._actions.look(return_id)

    def validate(self, return_id: str, verdicts: Sequence[Verdict | Mapping[str, Any]]) -> None:
        """ReturnGO's own users say what they found: `Verdict`s, or dicts of their fields. They may say it anew."""
        self._actions.validate(return_id, _VERDICTS.validate_python(list(verdicts)), DASHBOARD)

    def done(self, return_id: str) -> None:
        """Staff finish the RMA."""
        self._actions.move(return_id, "Done", DASHBOARD)

    def cancel(self, return_id: str) -> None:
        """Call it off, while nothing has arrived."""
        self._actions.move(return_id, "Canceled", DASHBOARD)

    def reject(self, return_id: str) -> None:
        """Staff refuse the request."""
        self._actions.move(return_id, "Rejected", DASHBOARD)

    def reopen(self, return_id: str) -> None:
        """A rejected, cancelled or done RMA is pending again. What was validated and paid stays so."""
        self._actions.move(return_id, "Pending", DASHBOARD)

    def expire(self, return_id: str) -> None:
        """Nothing came in time: the RMA is cancelled."""
        self.cancel(return_id)

    def pay_refund(self, return_id: str, amount: Decimal | None = None, kind: str = "default") -> str:
        """Pay the requested refund, else a new one; its transaction id. `amount` None: what is still due."""
        return self._till.pay(return_id, amount, kind).id

    def plan_refund_amount(self, return_id: str, amount: Decimal) -> None:
        """What the automatic refund will pay instead of what the items come to."""
        self._till.plan(return_id, amount)

    def fail_refund(self, return_id: str) -> str:
        """The newest live refund fails (a new failed one if there is none); its transaction id."""
        return self._till.fail(return_id).id

    def ask_difference(self, return_id: str, amount: Decimal | None = None) -> str:
        """The customer is asked to pay for dearer new items, by default what is still due; the transaction id."""
        return self._till.ask_difference(return_id, amount).id

    def pay_difference(self, return_id: str, amount: Decimal | None = None) -> str:
        """The customer pays the requested invoice, else a new one; the transaction id."""
        return self._till.pay_difference(return_id, amount).id

    def fail_difference(self, return_id: str) -> str:
        """The newest live payment of the customer fails (a new failed one if there is none); the transaction id."""
        return self._till.fail_difference(return_id).id

    def edit_items(
        self,
        return_id: str,
        change: Sequence[ItemEdit] = (),
        remove: Sequence[str] = (),
        add: Sequence[ItemSpec] = (),
    ) -> None:
        """The merchant edits undecided items, whole or not at all. An item is a unit; a `quantity` is its line's."""
        self._actions.edit(return_id, change, remove, add)

    def add_exchange_order(
        self,
        return_id: str,
        external_id: str,
        number: str,
        type: str = "Exchange",  # noqa: A002
    ) -> None:
        """ReturnGO makes an order in the shop itself: new goods, or with `Fee` what it charges."""
        self._actions.add_exchange_order(return_id, external_id, number, type)

    def get(self, return_id: str) -> Json:
        """The RMA as the API shows it now; amounts are Decimals."""
        return self._store.read(return_id)

    def set_delivery(self, return_id: str, policy: DeliveryPolicy) -> None:
        """How the RMA's later webhooks travel."""
        self._store.get(return_id)
        self._events.set_policy(return_id, policy)

    def events(self, return_id: str | None = None) -> list[Event]:
        """Webhook events, lost ones included, oldest first."""
        return self._events.known(return_id)

    def redeliver(self, event_id: str) -> None:
        """Send an event again, byte for byte. KeyError when unknown."""
        self._events.resend(event_id)

    async def drain(self, timeout: float | None = None) -> None:
        """Wait until no delivery is under way; held ones go now. TimeoutError after `timeout` seconds."""
        await self._deliverer.drain(timeout)

    async def stop(self) -> None:
        """Cancel deliveries under way."""
        await self._deliverer.stop()

    def state(self) -> dict[str, Any]:
        """Everything the shop holds, for people: RMAs, webhooks, calls of the day."""
        return {
            "shop_name": self.shop_name,
            "calls_today": self.calls_today,
            "returns": self._store.read_all(),
            "webhooks": [webhook_json(hook) for hook in list(self._store.subscriptions.values())],
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
