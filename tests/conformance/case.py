"""One return of one order, and every document that the suite posts about it."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from domain.documents import (
    AdjustmentRequest,
    CancelCredit,
    CancelReplacement,
    CancelRma,
    CreditCharge,
    CreditLine,
    CreditRequest,
    MovementLine,
    ReceiptRequest,
    ReplacementOrder,
    RmaLine,
    RmaRequest,
    StockUnits,
    TransferRequest,
)
from domain.keys import Step, business_key
from domain.order import OrderSnapshot, TaxMode
from domain.returns import ReturnRef
from domain.slots import OrderValue, Slot, SlotLine, value_order
from tests.conformance.effects import CONNECTION
from tests.conformance.erp_stage import NOW, ErpStage

#: What is sold, what replaces it, and what else can be sold. Seeded in plenty.
COAT, LONG_COAT, SHIRT = "P1001-BLK-080", "P1001-BLK-090", "P2001-WHT-M"
TODAY = NOW.date()


@dataclass
class Case:
    """`mark`: where the journal ended before it. `numbers`: the ERP's numbers of what was posted, by write."""

    stage: ErpStage
    order: OrderSnapshot
    return_id: str
    mark: int
    numbers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def value(self) -> OrderValue:
        """What every unit of the order is worth."""
        return value_order(self.order)

    @property
    def lines(self) -> tuple[SlotLine, ...]:
        """Every line of the order with the value of its units."""
        return self.value.lines

    def key(self, step: Step, number: int = 1) -> str:
        """Our key for a document of this return."""
        return business_key(ReturnRef(connection=CONNECTION, return_id=self.return_id), step, number)

    def rma(self, units: dict[int, int] | None = None, **changes: Any) -> RmaRequest:
        """`units`: position of the line from 1 → units; one of the first line when left out."""
        wanted = units or {1: 1}
        lines = [
            RmaLine(
                line_no=no,
                order_line_id=self.lines[no - 1].order_line_id,
                sku=self.lines[no - 1].sku,
                quantity=quantity,
                unit_value=self.lines[no - 1].unit_value,
                reason="TS",
            )
            for no, quantity in wanted.items()
        ]
        request = RmaRequest(
            key=self.key(Step.RMA),
            return_id=self.return_id,
            order_number=self.order.order_number,
            customer_ref=self.order.customer_ref,
            currency=self.order.currency,
            tax_inclusive=self._inclusive,
            standalone=False,
            lines=lines,
        )
        return request.model_copy(update=changes)

    def cancel_rma(self) -> CancelRma:
        """As the service does it: the cancellation has the key of what it cancels."""
        number, key = self.numbers.get("open_rma", ""), self.key(Step.RMA)
        return CancelRma(key=key, rma_number=number, rma_key=key, reason="cancelled by the customer")

    def receipt(self, units: dict[int, int] | None = None) -> ReceiptRequest:
        """Units of RMA lines, sellable."""
        return ReceiptRequest(
            key=self.key(Step.GOODS),
            rma_number=self.numbers["open_rma"],
            order_number=self.order.order_number,
            depot=self.stage.depots["01"],
            condition=self.stage.condition,
            received_on=TODAY,
            lines=self._movements(units),
        )

    def adjustment(self, *, remove: bool = False) -> AdjustmentRequest:
        """One unit, damaged, comes in; or a sellable one goes out."""
        return AdjustmentRequest(
            key=self.key(Step.QUARANTINE, 2 if remove else 1),
            order_number=self.order.order_number,
            depot=self.stage.depots["01" if remove else "DM"],
            reason="RET",
            adjusted_on=TODAY,
            lines=self._movements(None),
            remove=remove,
        )

    def transfer(self) -> TransferRequest:
        """One unit turns out damaged."""
        return TransferRequest(
            key=self.key(Step.TRANSFER),
            order_number=self.order.order_number,
            from_depot=self.stage.depots["01"],
            to_depot=self.stage.depots["DM"],
            reason="regrade",
            lines=[StockUnits(sku=self.lines[0].sku, quantity=1)],
        )

    def replacement(self, **changes: Any) -> ReplacementOrder:
        """The long coat for a coat, even."""
        request = ReplacementOrder(
            key=self.key(Step.EXCHANGE),
            original_order=self.order.order_number,
            rma_number=self.numbers["open_rma"],
            currency=self.order.currency,
            tax_inclusive=self._inclusive,
            sku=LONG_COAT,
            quantity=1,
        )
        return request.model_copy(update=changes)

    def cancel_replacement(self) -> CancelReplacement:
        """By number where it is known."""
        number = self.numbers.get("order_replacement", "")
        return CancelReplacement(key=self.key(Step.EXCHANGE), order_number=number, reason="return cancelled")

    def credit(
        self,
        units: dict[int, int] | None = None,
        charges: tuple[CreditCharge, ...] = (),
        number: int = 1,
        credited: int = 0,
    ) -> CreditRequest:
        """The n-th credit: these units of the order at what they are worth, and charges; `total` is what all of it
        comes to. `credited`: units of each line that earlier credits had.
        """
        lines: list[CreditLine] = []
        total = sum(charge.amount for charge in charges)
        for no, quantity in (units or {1: 1}).items():
            line = self.lines[no - 1]
            taken = line.slots[credited : credited + quantity]
            total += self.value.gross(taken)
            lines += _credit_lines(no, line, taken)
        return CreditRequest(
            key=self.key(Step.CREDIT, number),
            order_number=self.order.order_number,
            invoice_number=self.order.invoice_number,
            rma_number=self.numbers["open_rma"],
            currency=self.order.currency,
            tax_inclusive=self._inclusive,
            credited_on=TODAY,
            lines=lines,
            charges=list(charges),
            total=total,
            reason="return",
        )

    def cancel_credit(self) -> CancelCredit:
        """With a key of its own."""
        number = self.numbers["post_credit"]
        return CancelCredit(key=self.key(Step.CREDIT, 2), credit_number=number, reason="posted in error")

    @property
    def _inclusive(self) -> bool:
        return self.order.tax_mode is not TaxMode.EXCLUSIVE

    def _movements(self, units: dict[int, int] | None) -> list[MovementLine]:
        return [
            MovementLine(rma_line_no=no, sku=self.lines[no - 1].sku, quantity=quantity)
            for no, quantity in (units or {1: 1}).items()
        ]


def _credit_lines(no: int, line: SlotLine, slots: tuple[Slot, ...]) -> list[CreditLine]:
    """One credit line for all units of equal value."""
    groups: dict[tuple[int, tuple[int, ...]], list[Slot]] = {}
    for slot in slots:
        groups.setdefault((slot.primary, slot.taxes), []).append(slot)
    return [
        CreditLine(
            rma_line_no=no,
            order_line_id=line.order_line_id,
            sku=line.sku,
            quantity=len(group),
            unit_primary=primary,
            tax=sum(slot.tax for slot in group),
            tax_code=next(iter(line.tax_codes), ""),
            tax_rate=next(iter(line.tax_rates), ""),
        )
        for (primary, _), group in groups.items()
    ]
