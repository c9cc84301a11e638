"""One merchant's store at Reveni: the HTTP app, and what its shoppers, staff and bank do."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Self

from sandbox.kit.control import control_router
from sandbox.kit.delivery import Deliverer, Event
from sandbox.kit.faults import FaultPlan
from sandbox.kit.journal import Journal
from sandbox.kit.wanted import DeliveryPolicy, ItemEdit, ItemSpec, PayPolicy, ReturnSpec
from sandbox.reveni.actions import Actions
from sandbox.reveni.api import Api, webhook_json
from sandbox.reveni.app import build_app
from sandbox.reveni.call import Gate
from sandbox.reveni.control import actions_router, seed_with
from sandbox.reveni.events import Events
from sandbox.reveni.model import Json
from sandbox.reveni.signing import HEADER, signature_header
from sandbox.reveni.store import Store
from sandbox.reveni.wire import order_json

DEMO_STORE_ID = "sandbox-store"
DEMO_API_KEY = "sandbox-reveni-key"
RETRY_SECONDS = (60.0, 300.0, 900.0, 3600.0, 14400.0)


def utc_now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


class ReveniSandbox:
    """Serve `app` with sandbox.kit.server; call the methods from any thread or loop.

    `webhook_url` receives every event beside the webhooks registered through the API. `pay` says when
    automatic refunds move: `at_once`; `later` (pending until `pay_refund`); `withheld` (no record until
    `pay_refund`). `rate_limit` is calls per second, None for no limit. Actions raise `errors.Refused` where
    the vendor would not allow them (unknown return, forbidden transition), ValueError for impossible amounts.
    Webhooks leave from a background thread; end with `await stop()` or use `async with`.
    """

    def __init__(
        self,
        store_id: str = DEMO_STORE_ID,
        api_key: str = DEMO_API_KEY,
        webhook_url: str | None = None,
        journal: Journal | None = None,
        faults: FaultPlan | None = None,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
        pay: PayPolicy = "at_once",
        clock: Callable[[], datetime] = utc_now,
        rate_limit: int | None = None,
    ) -> None:
        self.store_id = store_id
        self.journal = journal or Journal("reveni")
        self.faults = faults or FaultPlan()
        self._store = Store()

        def signed(event: Event) -> dict[str, str]:
            return {HEADER: signature_header(api_key, clock(), event.body)}

        self._deliverer = Deliverer("reveni", retry_seconds, self.journal, signed)
        self._events = Events(self._store, self._deliverer, webhook_url, clock)
        self._actions = Actions(self._store, self.journal, clock, pay, self._events.emit)
        self.app = build_app(Api(self._store, self._actions), Gate(store_id, api_key, rate_limit), self.faults)
        self.app.include_router(control_router(self.journal, self.faults, self.state, seed_with(self.add_return)))
        self.app.include_router(actions_router(self))

    @property
    def base_path(self) -> str:
        """Path of the API under the server's URL."""
        return f"/merchants/v0/stores/{self.store_id}"

    def add_return(self, spec: ReturnSpec) -> str:
        """A shopper opens a return; its 32-hex id. Emits `return.created`; an instant refund is paid."""

        def announce(return_id: str) -> None:
            if spec.delivery:
                self._events.set_policy(return_id, spec.delivery)

        return self._actions.add(spec, announce).id

    def complete(self, return_id: str) -> None:
        """The shopper finishes the request: incomplete to in_progress; an instant refund is paid."""
        self._actions.move(return_id, "in_progress")

    def ship(self, return_id: str) -> None:
        """The parcel is on its way."""
        self._actions.move(return_id, "shipped")

    def receive(self, return_id: str) -> None:
        """The parcel has arrived."""
        self._actions.move(return_id, "received")

    def review(self, return_id: str) -> None:
        """Somebody at the merchant wants to look at it."""
        self._actions.move(return_id, "for_review")

    def cancel(self, return_id: str) -> None:
        """Call it off: not for instant returns, not when final."""
        self._actions.move(return_id, "cancelled")

    def expire(self, return_id: str) -> None:
        """An instant return's 30 days are over: pending items become accepted."""
        self._actions.expire(return_id)

    def pay_refund(self, return_id: str, amount: Decimal | None = None, kind: str = "default") -> str:
        """Pay the pending refund of that kind, else a new one; its id. `amount` None: what is due."""
        return self._actions.pay(return_id, amount, kind).id

    def plan_refund_amount(self, return_id: str, amount: Decimal) -> None:
        """What the automatic refund will pay instead of the composition's total."""
        self._actions.plan(return_id, amount)

    def fail_refund(self, return_id: str) -> str:
        """The newest live refund fails (a new failed one if there is none); its id."""
        return self._actions.fail(return_id).id

    def ask_difference(self, return_id: str, amount: Decimal | None = None) -> str:
        """The customer is asked to pay for dearer new items, by default what is still due; the payment's id."""
        return self._actions.ask_difference(return_id, amount).id

    def pay_difference(self, return_id: str, amount: Decimal | None = None) -> str:
        """The customer pays the pending payment, else a new one; its id. `amount` None: what is still due."""
        return self._actions.pay_difference(return_id, amount).id

    def fail_difference(self, return_id: str) -> str:
        """The newest live payment of the customer fails (a new failed one if there is none); its id."""
        return self._actions.fail_difference(return_id).id

    def edit_items(
        self,
        return_id: str,
        change: Sequence[ItemEdit] = (),
        remove: Sequence[str] = (),
        add: Sequence[ItemSpec] = (),
    ) -> None:
        """The merchant edits undecided items, whole or not at all; amounts and type follow. `remove` names item ids."""
        self._actions.edit(return_id, change, remove, add)

    def add_exchange_order(self, return_id: str, external_id: str, number: str) -> None:
        """Reveni makes the exchange order in the shop itself; nothing left to pay on it."""
        self._actions.add_exchange_order(return_id, external_id, number)

    def get(self, return_id: str) -> Json:
        """The return as the API shows it now."""
        return self._store.read(return_id)

    def set_delivery(self, return_id: str, policy: DeliveryPolicy) -> None:
        """How the return's later webhooks travel."""
        self._store.get(return_id)
        self._events.set_policy(return_id, policy)

    def events(self, return_id: str | None = None) -> list[Event]:
        """Webhook events, lost ones included, oldest first."""
        return self._events.known(return_id)

    def redeliver(self, event_id: str) -> None:
        """Send an event again, with the same id and a fresh signature. KeyError when unknown."""
        self._events.resend(event_id)

    async def drain(self, timeout: float | None = None) -> None:
        """Wait until no delivery is under way; held ones go now. TimeoutError after `timeout` seconds."""
        await self._deliverer.drain(timeout)

    async def stop(self) -> None:
        """Cancel deliveries under way."""
        await self._deliverer.stop()

    def state(self) -> dict[str, Any]:
        """Everything the store holds, for people: returns, orders, webhooks."""
        return {
            "store_id": self.store_id,
            "returns": self._store.read_all(),
            "orders": [order_json(order) for order in self._store.orders()],
            "webhooks": [webhook_json(hook) for hook in list(self._store.subscriptions.values())],
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
