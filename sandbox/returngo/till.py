"""Money: what ReturnGO's rules do by themselves, and what shoppers, staff and the bank do.

Every transaction is announced once, when it begins; what becomes of it later is told by no webhook.
"""

from decimal import Decimal

from sandbox.kit.money import ZERO, payable
from sandbox.kit.wanted import PayPolicy
from sandbox.returngo.breakdown import counted, difference_due, owed, owing, refund_due
from sandbox.returngo.desk import Desk, Told
from sandbox.returngo.errors import bad
from sandbox.returngo.model import INVOICE, Rma, Transaction
from sandbox.returngo.transitions import OPEN, OPEN_TRANSACTION, TRANSACTION_STATUSES, illegal
from sandbox.returngo.wire import reference_type

KINDS = ("default", "manual", "adjustment")
"""Of `pay_refund`, as for other platforms. Only `default` settles a requested refund; the others are always new."""


class Till:
    """The transactions of a shop. Thread safe."""

    def __init__(self, desk: Desk, pay: PayPolicy) -> None:
        self._desk = desk
        self._pay = pay

    def follow(self, rma: Rma) -> list[Told]:
        """Let invoices and automatic refunds follow what is due now; the transactions that began.

        Dearer new goods are invoiced from approval on. Refunds wait until every unit is validated, unless they are
        instant. Money that has moved is not taken back.
        """
        if rma.status not in OPEN:
            return []
        due = difference_due(rma)
        began = self._adjust(rma, INVOICE, due - rma.invoiced, "Requested")
        rma.invoiced = due
        if self._pay != "withheld" and (rma.instant or rma.all_decided):
            due = refund_due(rma)
            gained = min(due - rma.settled, due - _total(rma, invoices=False))  # staff may have paid by hand before
            status = "Success" if self._pay == "at_once" else "Requested"
            began += self._adjust(rma, rma.refund_type, gained, status)
            rma.settled = due
        return began

    def call_off(self, rma: Rma) -> None:
        """The RMA is cancelled: nobody waits for money any more, until it is approved anew."""
        for transaction in rma.transactions:
            if transaction.status in OPEN_TRANSACTION:
                self._becomes(rma, transaction, "Canceled")
        rma.invoiced = _total(rma, invoices=True)
        rma.settled = _total(rma, invoices=False)

    def pay(self, rma_id: str, amount: Decimal | None, kind: str) -> Transaction:
        """Pay the requested refund (kind `default`), else a new one; `amount` None: what is still due.

        ValueError when that is nothing, the kind is unknown, or an adjustment has no amount.
        """
        if kind not in KINDS or (amount is None and kind == "adjustment"):
            raise ValueError(f"no such refund: {kind} of {amount}")
        with self._desk.store.lock:
            rma = self._desk.store.get(rma_id)
            requested = _open(rma, rma.refund_type) if kind == "default" else None
            rest = refund_due(rma) - _total(rma, invoices=False, moved=True)
            return self._settle(rma, requested, rma.refund_type, amount, rest)

    def fail(self, rma_id: str) -> Transaction:
        """The newest live refund fails, even a paid one; with none, a new one fails at once."""
        with self._desk.store.lock:
            rma = self._desk.store.get(rma_id)
            return self._fail(rma, rma.refund_type, refund_due(rma))

    def plan(self, rma_id: str, amount: Decimal) -> None:
        """What the automatic refund will pay, whatever the items say; zero pays nothing."""
        with self._desk.store.lock:
            self._desk.store.get(rma_id).planned = amount

    def ask_difference(self, rma_id: str, amount: Decimal | None) -> Transaction:
        """Ask the customer to pay `amount` (None: what is still due): the requested invoice, else a new one."""
        with self._desk.store.lock:
            rma = self._desk.store.get(rma_id)
            value = self._positive(rma, _invoice_rest(rma) if amount is None else amount)
            requested = _open(rma, INVOICE)
            if requested:
                requested.amount, requested.updated_at = value, self._desk.clock()
            invoice = requested or self._begin(rma, INVOICE, value, "Requested")
            self._desk.changed(rma, [] if requested else _announced(invoice))
            return invoice

    def pay_difference(self, rma_id: str, amount: Decimal | None) -> Transaction:
        """The customer pays the requested invoice, else a new one; `amount` None: what is still due."""
        with self._desk.store.lock:
            rma = self._desk.store.get(rma_id)
            return self._settle(rma, _open(rma, INVOICE), INVOICE, amount, _invoice_rest(rma))

    def fail_difference(self, rma_id: str) -> Transaction:
        """The newest live payment of the customer fails, even a paid one; with none, a new one fails at once."""
        with self._desk.store.lock:
            rma = self._desk.store.get(rma_id)
            return self._fail(rma, INVOICE, difference_due(rma))

    def set_status(
        self, transaction_id: str, status: str, reference: str | None, reference_kind: str | None
    ) -> Transaction:
        """What somebody outside did with a requested transaction; the present status is no change. 400 if refused."""
        if status not in TRANSACTION_STATUSES:
            raise bad("Invalid status")
        with self._desk.store.lock:
            rma, transaction = self._desk.store.transaction(transaction_id)
            if status == transaction.status:
                return transaction
            if transaction.status not in OPEN_TRANSACTION or status == "Requested":
                raise illegal()
            transaction.reference_id = reference or transaction.reference_id
            transaction.reference_type = reference_kind or transaction.reference_type
            self._becomes(rma, transaction, status)
            self._desk.changed(rma)
            return transaction

    def _adjust(self, rma: Rma, kind: str, gained: Decimal, status: str) -> list[Told]:
        """More or less is due: the one that is open follows; else more begins another."""
        pending = _open(rma, kind)
        if pending and pending.amount + gained <= 0:
            self._becomes(rma, pending, "Canceled")
        elif pending and gained:
            pending.amount, pending.updated_at = pending.amount + gained, self._desk.clock()
        if pending or gained <= 0:
            return []
        return _announced(self._begin(rma, kind, gained, status))

    def _settle(
        self, rma: Rma, requested: Transaction | None, kind: str, amount: Decimal | None, rest: Decimal
    ) -> Transaction:
        if requested is None:
            value = self._positive(rma, rest if amount is None else amount)
            transaction = self._begin(rma, kind, value, "Success")
            self._desk.changed(rma, _announced(transaction))
            return transaction
        if amount is not None:
            requested.amount = self._positive(rma, amount)
        self._becomes(rma, requested, "Success")
        self._desk.changed(rma)
        return requested

    def _fail(self, rma: Rma, kind: str, due: Decimal) -> Transaction:
        of_kind = [t for t in rma.transactions if (t.type == INVOICE) == (kind == INVOICE) and t.live]
        if of_kind:
            self._becomes(rma, of_kind[-1], "Failed")
            self._desk.changed(rma)
            return of_kind[-1]
        transaction = self._begin(rma, kind, self._positive(rma, due), "Failed")
        self._desk.changed(rma, _announced(transaction))
        return transaction

    def _begin(self, rma: Rma, kind: str, amount: Decimal, status: str) -> Transaction:
        now, items = self._desk.clock(), counted(rma)
        chosen = [item.id for item in (owing(items) if kind == INVOICE else owed(items))]
        transaction = Transaction(self._desk.store.ids.transaction(), kind, "Requested", amount, chosen, now, now)
        rma.transactions.append(transaction)
        if status != "Requested":
            self._becomes(rma, transaction, status)
        return transaction

    def _becomes(self, rma: Rma, transaction: Transaction, status: str) -> None:
        transaction.status, transaction.updated_at = status, self._desk.clock()
        if status == "Success":
            transaction.reference_id = transaction.reference_id or self._desk.store.ids.reference()
            transaction.reference_type = transaction.reference_type or reference_type(transaction.type)
        if status in ("Success", "Failed"):
            self._journal(rma, transaction, "paid" if status == "Success" else "failed")

    def _journal(self, rma: Rma, transaction: Transaction, what: str) -> None:
        money = {"amount": format(transaction.amount, "f"), "currency": rma.currency}
        if transaction.type == INVOICE:
            self._desk.journal.append(f"difference_{what}", return_id=rma.id, payment_id=transaction.id, **money)
        else:
            self._desk.journal.append(f"refund_{what}", return_id=rma.id, refund_id=transaction.id, **money)

    @staticmethod
    def _positive(rma: Rma, amount: Decimal) -> Decimal:
        if amount <= 0 or amount != payable(amount, rma.currency):
            raise ValueError(f"nobody can pay {amount} {rma.currency}")
        return amount


def _announced(transaction: Transaction) -> list[Told]:
    told = [Told("TRANSACTION_CREATED", transaction=transaction.id)]
    if transaction.type != INVOICE:
        told.append(Told("REFUND_CREATED", transaction=transaction.id))
    return told


def _open(rma: Rma, kind: str) -> Transaction | None:
    """The oldest one of that type that is still to move."""
    return next((t for t in rma.transactions if t.type == kind and t.status in OPEN_TRANSACTION), None)


def _total(rma: Rma, invoices: bool, moved: bool = False) -> Decimal:
    """Sum of the live invoices or refunds; `moved`: of those that are paid."""
    chosen = [t for t in rma.transactions if (t.type == INVOICE) == invoices]
    return sum((t.amount for t in chosen if (t.status == "Success" if moved else t.live)), ZERO)


def _invoice_rest(rma: Rma) -> Decimal:
    return difference_due(rma) - _total(rma, invoices=True, moved=True)
