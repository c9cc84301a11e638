"""Both systems with posting off (N9): every read is real, and every write is answered without being made.

A rehearsal runs returns of the past through the same flow as live work. What the ERP alone can refuse, such as a closed
accounting period, does not show; what the order, the mappings and the money say does.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from domain.connection import Connection
from domain.documents import (
    AdjustmentRequest,
    CancelCredit,
    CancelReplacement,
    CancelRma,
    CreditPage,
    CreditRequest,
    DepotStock,
    ItemRecord,
    Posted,
    ReceiptRequest,
    ReplacementFault,
    ReplacementOrder,
    RmaRequest,
    RmaState,
    TransferRequest,
)
from domain.order import OrderSnapshot
from domain.ports import Erp, ReturnsPlatform
from domain.returns import ChangedReturn, LineDecision, ListedRefund, PlatformPhase, PlatformReturn, ReturnLine
from domain.windows import Timing

PREFIX = "SHADOW-"
"""Numbers of documents that nobody made begin with this."""
NEVER = timedelta(days=30)
"""Longer than any rehearsal."""


class ShadowErp:
    """Implements `domain.ports.Erp` in front of a real one, also of a batch ERP: nothing waits for its windows."""

    def __init__(self, real: Erp) -> None:
        self._real = real
        self._made: dict[str, Posted] = {}
        self._counts: Counter[str] = Counter()
        self._cancelled: set[str] = set()
        self.capabilities = real.capabilities.model_copy(update={"batch": False})

    # Reads

    async def read_order(self, order_number: str) -> OrderSnapshot:
        """The real one."""
        return await self._real.read_order(order_number)

    async def check_items(self, skus: Sequence[str]) -> list[ItemRecord]:
        """The real ones."""
        return await self._real.check_items(skus)

    async def depot_stock(self, skus: Sequence[str]) -> list[DepotStock]:
        """The real stock, without what the rehearsal booked."""
        return await self._real.depot_stock(skus)

    async def read_rma(self, number: str) -> RmaState:
        """Of an RMA that was rehearsed what became of it; any other is real."""
        if not number.startswith(PREFIX):
            return await self._real.read_rma(number)
        gone = number in self._cancelled
        return RmaState(number=number, open=not gone, cancelled=gone)

    async def check_replacement(self, request: ReplacementOrder) -> list[ReplacementFault]:
        """Against the real stock, items and order of this moment."""
        return await self._real.check_replacement(request)

    async def find_replacement(self, key: str) -> Posted | None:
        """The real order under this key, else the rehearsed one."""
        return await self._real.find_replacement(key) or self._made.get(key)

    async def list_credits(self, since: date, until: date, page: int = 1) -> CreditPage:
        """The real ones."""
        return await self._real.list_credits(since, until, page)

    async def probe(self) -> None:
        """Of the real system."""
        await self._real.probe()

    # Writes that are not made

    async def open_rma(self, request: RmaRequest) -> Posted:
        """Answered, not made."""
        return self._answer("RMA", request.key)

    async def cancel_rma(self, request: CancelRma) -> Posted:
        """Answered, not made."""
        known = self._made.get(request.rma_key)
        self._cancelled.add(request.rma_number or (known.number if known else ""))
        return self._answer("CANCEL-RMA", request.key)

    async def receive_goods(self, request: ReceiptRequest) -> Posted:
        """Answered, not made."""
        return self._answer("RECEIPT", request.key)

    async def adjust_stock(self, request: AdjustmentRequest) -> Posted:
        """Answered, not made."""
        return self._answer("ADJUSTMENT", request.key)

    async def transfer_stock(self, request: TransferRequest) -> Posted:
        """Answered, not made."""
        return self._answer("TRANSFER", request.key)

    async def order_replacement(self, request: ReplacementOrder) -> Posted:
        """Answered, not made."""
        return self._answer("ORDER", request.key)

    async def cancel_replacement(self, request: CancelReplacement) -> Posted:
        """Answered, not made; the order cannot be found any more."""
        self._made = {key: one for key, one in self._made.items() if one.number != request.order_number}
        return self._answer("CANCEL-ORDER", request.key)

    async def post_credit(self, request: CreditRequest) -> Posted:
        """Answered with the total that was asked for, not made."""
        return self._answer("CREDIT", request.key, request.total)

    async def cancel_credit(self, request: CancelCredit) -> Posted:
        """Answered, not made."""
        return self._answer("CANCEL-CREDIT", request.key)

    def _answer(self, kind: str, key: str, total: int | None = None) -> Posted:
        """The same number whenever the same key comes again."""
        if (known := self._made.get(key)) is not None:
            return known.model_copy(update={"adopted": True})
        self._counts[kind] += 1
        self._made[key] = Posted(number=f"{PREFIX}{kind}-{self._counts[kind]}", total=total)
        return self._made[key]


class ShadowPlatform:
    """Implements `domain.ports.ReturnsPlatform` in front of a real one. Each return is asked for once: it is history.

    A return whose goods were all rejected ended with its inspection. Here that comes first, so it is shown as it was
    before: in review.
    """

    def __init__(self, real: ReturnsPlatform) -> None:
        self._real = real
        self._read: dict[str, PlatformReturn] = {}
        self.capabilities = real.capabilities

    async def read_return(self, return_id: str) -> PlatformReturn:
        """The real one, as it is at the first look."""
        if return_id not in self._read:
            self._read[return_id] = _before_its_end(await self._real.read_return(return_id))
        return self._read[return_id]

    async def report_inspection(self, return_id: str, decisions: Sequence[LineDecision]) -> PlatformReturn:
        """The return as if the platform had taken these decisions."""
        fresh = await self.read_return(return_id)
        told = {decision.line_id: decision for decision in decisions}
        self._read[return_id] = fresh.model_copy(update={"lines": [_decided(line, told) for line in fresh.lines]})
        return self._read[return_id]

    async def list_refunds(self, since: datetime, until: datetime) -> list[ListedRefund]:
        """The real ones."""
        return await self._real.list_refunds(since, until)

    async def list_returns(self, since: datetime, until: datetime) -> list[ChangedReturn]:
        """The real ones."""
        return await self._real.list_returns(since, until)

    async def add_note(self, return_id: str, text: str) -> None:
        """Says nothing."""

    async def probe(self) -> None:
        """Of the real system."""
        await self._real.probe()


def _before_its_end(found: PlatformReturn) -> PlatformReturn:
    inspected = bool(found.graded) or any(line.rejected for line in found.lines)
    if found.phase is PlatformPhase.REJECTED and inspected:
        return found.model_copy(update={"phase": PlatformPhase.IN_REVIEW})
    return found


def _decided(line: ReturnLine, told: dict[str, LineDecision]) -> ReturnLine:
    decision = told.get(line.line_id)
    if decision is None:
        return line
    return line.model_copy(update={"accepted": decision.accepted, "rejected": decision.rejected})


def rehearsed(connection: Connection) -> Connection:
    """The connection for a rehearsal: it never waits for windows, and no clock of a living return runs out.

    The past is complete: what cannot be found now is not on its way.
    """
    limits = ("deadline", "refund_limit", "inspection_limit", "payment_limit")
    patient = {name: max(getattr(connection.policy, name), NEVER) for name in limits}
    policy = {**patient, "order_lag": timedelta(), "return_lag": timedelta(), "reminders": ()}
    return connection.model_copy(update={"timing": Timing(), "policy": connection.policy.model_copy(update=policy)})
