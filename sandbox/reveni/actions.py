"""Everything that changes a return: by the shopper, the dashboard, the API, or the passing of time.

Each change stamps `updated_at`, is journaled, becomes readable and emits one webhook event.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from sandbox.kit.journal import Journal
from sandbox.kit.wanted import ItemEdit, ItemSpec, PayPolicy, ReturnSpec
from sandbox.reveni import payments, refunds
from sandbox.reveni.breakdown import refund_due
from sandbox.reveni.editing import edit
from sandbox.reveni.errors import conflict
from sandbox.reveni.inspection import Entry, decide, outcome
from sandbox.reveni.model import Decision, ExchangeOrder, Item, Json, Payment, Refund, Return
from sandbox.reveni.opening import open_return
from sandbox.reveni.store import Store, new_id
from sandbox.reveni.transitions import FINAL, check_move
from sandbox.reveni.wire import instant

Emit = Callable[[str, Json], None]
"""Takes an event name and the return's JSON."""

Clock = Callable[[], datetime]


class Actions:
    """The rules of a store at work. Thread safe. `emit` is called under the lock and must not block."""

    def __init__(self, store: Store, journal: Journal, clock: Clock, pay: PayPolicy, emit: Emit) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._pay = pay
        self._emit = emit

    def add(self, spec: ReturnSpec, announce: Callable[[str], None]) -> Return:
        """A customer opens a return; `announce` gets its id before the first event. Instant money moves."""
        with self._store.lock:
            now = self._clock()
            ret = open_return(spec, self._store.order_of(spec, now), new_id, now)
            announce(ret.id)
            self._journal.append("return_created", return_id=ret.id, order=ret.order.external_id, items=_lines(ret))
            self._journal_kept(ret, [item for item in ret.items if item.keep_item])
            self._status(ret, spec.status)
            self._changed(ret, "return.created")
            self._begin(ret)
            return ret

    def move(self, return_id: str, target: str) -> None:
        """Go to another status by hand or API. The present status is no change; 409 when not allowed."""
        with self._store.lock:
            ret = self._store.get(return_id)
            if ret.status == target:
                return
            check_move(ret, target)
            left = ret.status
            self._status(ret, target)
            if target == "cancelled":
                self._journal.append("return_cancelled", return_id=ret.id)
            self._changed(ret)
            if left == "incomplete":
                self._begin(ret)

    def edit(self, return_id: str, change: Sequence[ItemEdit], remove: Sequence[str], add: Sequence[ItemSpec]) -> None:
        """The merchant edits undecided items; the amounts follow. What an instant return gains is paid at once."""
        with self._store.lock:
            ret = self._store.get(return_id)
            due = refund_due(ret)
            kept = edit(ret, change, remove, add, new_id)
            self._journal.append("return_edited", return_id=ret.id, items=_lines(ret))
            self._journal_kept(ret, kept)
            gained = refunds.follow(ret, refund_due(ret) - due)
            if ret.status == "incomplete":
                self._changed(ret)
                return
            self._conclude(ret)
            if ret.mode == "instant":
                self._refund_automatically(ret, gained, "adjustment" if ret.refunds else "default")

    def inspect(self, return_id: str, entries: list[Entry]) -> None:
        """Take an inspection, whole or not at all; a repeat changes nothing. Acceptance pays what is due."""
        with self._store.lock:
            ret = self._store.get(return_id)
            decided = decide(ret, entries, new_id)
            if not decided:
                return
            for item in decided:
                self._journal.append("item_decided", return_id=ret.id, **_line(item), status=item.status)
            self._conclude(ret)

    def expire(self, return_id: str) -> None:
        """The 30 days of an instant return are over: what is pending counts as accepted. 409 for others."""
        with self._store.lock:
            ret = self._store.get(return_id)
            if ret.mode != "instant" or ret.status in FINAL or ret.status == "incomplete":
                raise conflict(f"A return {ret.mode} in status {ret.status} does not expire.")
            pending = [item for item in ret.items if not item.final]
            self.inspect(return_id, [(item.id, Decision("accepted", item.quantity)) for item in pending])

    def note(self, return_id: str, text: str) -> Json:
        """Add an internal note and return it. It changes nothing a webhook would tell."""
        with self._store.lock:
            ret = self._store.get(return_id)
            note = {"id": new_id(), "text": text, "created_at": instant(self._clock())}
            ret.notes.append(note)
            self._journal.append("note_added", return_id=ret.id, note_id=note["id"])
            return note

    def pay(self, return_id: str, amount: Decimal | None, kind: str) -> Refund:
        """Pay the pending refund of that kind, else a new one; `amount` None: what is due.

        ValueError when that is nothing, or the kind is unknown.
        """
        with self._store.lock:
            ret = self._store.get(return_id)
            refund = refunds.pending(ret, kind) or refunds.opened(ret, kind, amount, new_id(), self._clock())
            refunds.settle(refund, amount, self._clock())
            self._journal_refund("refund_paid", refund)
            self._changed(ret)
            return refund

    def fail(self, return_id: str) -> Refund:
        """The newest live refund fails, even a paid one; with none, a new one fails at once."""
        with self._store.lock:
            ret = self._store.get(return_id)
            refund = refunds.newest_live(ret) or refunds.opened(ret, "default", None, new_id(), self._clock())
            refund.status, refund.paid_at = "failed", None
            self._journal_refund("refund_failed", refund)
            self._changed(ret)
            return refund

    def ask_difference(self, return_id: str, amount: Decimal | None) -> Payment:
        """The customer is asked to pay, what is still due when `amount` is None: ValueError when that is nothing."""
        with self._store.lock:
            ret = self._store.get(return_id)
            payment = payments.opened(ret, amount, new_id())
            self._changed(ret)
            return payment

    def pay_difference(self, return_id: str, amount: Decimal | None) -> Payment:
        """The customer pays the pending payment, else a new one; `amount` None: what is still due."""
        with self._store.lock:
            ret = self._store.get(return_id)
            payment = payments.pending(ret) or payments.opened(ret, amount, new_id())
            payments.settle(payment, amount, self._clock())
            self._journal_payment("difference_paid", ret, payment)
            self._changed(ret)
            return payment

    def fail_difference(self, return_id: str) -> Payment:
        """The newest live payment fails, even a paid one; with none, a new one for what is due fails at once."""
        with self._store.lock:
            ret = self._store.get(return_id)
            payment = payments.newest_live(ret) or payments.opened(ret, None, new_id())
            payment.status, payment.paid_at = "failed", None
            self._journal_payment("difference_failed", ret, payment)
            self._changed(ret)
            return payment

    def plan(self, return_id: str, amount: Decimal) -> None:
        """What automatic payment will pay, whatever the composition says; zero pays nothing. No event."""
        with self._store.lock:
            self._store.get(return_id).planned_refund = amount

    def add_exchange_order(self, return_id: str, external_id: str, number: str) -> None:
        """Reveni creates the exchange order in the shop by itself."""
        with self._store.lock:
            ret = self._store.get(return_id)
            ret.exchange_orders.append(ExchangeOrder(external_id, number, ret.currency, self._clock()))
            self._changed(ret)

    def _begin(self, ret: Return) -> None:
        """The request is finished: instant money moves, and kept items alone leave nothing to wait for."""
        if ret.status != "in_progress":
            return
        if ret.mode == "instant":
            self._refund_automatically(ret, refund_due(ret))
        if outcome(ret.items):
            self._conclude(ret)

    def _conclude(self, ret: Return) -> None:
        """Emit; final once no item is undecided, and then a non-instant return is paid as far as it is accepted."""
        final = outcome(ret.items)
        if final:
            self._status(ret, final)
        self._changed(ret)
        if final in ("accepted", "partly_accepted") and ret.mode == "not_instant":
            self._refund_automatically(ret, refund_due(ret))

    def _refund_automatically(self, ret: Return, amount: Decimal, kind: str = "default") -> None:
        if self._pay == "withheld" or amount <= 0:
            return
        if self._pay == "at_once":
            self.pay(ret.id, amount, kind)
            return
        refunds.opened(ret, kind, amount, new_id(), self._clock())
        self._changed(ret)

    def _status(self, ret: Return, status: str) -> None:
        ret.status = status
        self._journal.append("return_status", return_id=ret.id, status=status)

    def _journal_refund(self, op: str, refund: Refund) -> None:
        money = {"amount": format(refund.amount, "f"), "currency": refund.currency}
        self._journal.append(op, return_id=refund.return_id, refund_id=refund.id, kind=refund.kind, **money)

    def _journal_payment(self, op: str, ret: Return, payment: Payment) -> None:
        money = {"amount": format(payment.amount, "f"), "currency": ret.currency}
        self._journal.append(op, return_id=ret.id, payment_id=payment.id, **money)

    def _journal_kept(self, ret: Return, items: list[Item]) -> None:
        for item in items:
            self._journal.append("item_kept", return_id=ret.id, **_line(item))

    def _changed(self, ret: Return, event: str = "return.updated") -> None:
        ret.updated_at = self._clock()
        self._emit(event, self._store.publish(ret))


def _lines(ret: Return) -> list[Json]:
    return [_line(item) for item in ret.items]


def _line(item: Item) -> Json:
    return {"item_id": item.id, "external_id": item.external_id, "sku": item.sku, "quantity": item.quantity}
