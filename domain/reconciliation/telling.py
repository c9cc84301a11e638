"""Differences of one return in plain words, with the exception that each calls for."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from domain.exceptions import ExceptionCode, Track
from domain.model import Value
from domain.money import Money, decimal_text
from domain.reconciliation.classes import DifferenceClass
from domain.reconciliation.difference import Difference
from domain.reconciliation.facts import Agreed, CaseFact, NoteFact, RefundFact

#: Tracks whose open exception is why a credit note is not there yet.
_STOPS_MONEY = (Track.FINANCE, Track.RMA)


class Telling(Value):
    """What is said about one return, as of `now`."""

    case: CaseFact
    agreed: Agreed
    now: datetime

    def in_flight(self, refund: RefundFact) -> Iterator[NoteFact]:
        """Notes of ours for this refund that the ERP still has to get."""
        return (
            note
            for note in self.case.notes
            if note.ours and not note.in_erp and not note.listed and refund.refund_id in (note.refund_id, "")
        )

    def lost(self, refund: RefundFact) -> Iterator[NoteFact]:
        """Notes of ours for this refund that the ERP had, by our record, and does not list."""
        return (
            note
            for note in self.case.notes
            if note.lost and (note.key == refund.credit_key or note.refund_id == refund.refund_id)
        )

    def rounding(self, refund: RefundFact, notes: Sequence[NoteFact], rounding: int) -> Difference:
        """A difference that is nothing but rounding."""
        value = Money(amount=rounding, currency=notes[0].total.currency)
        return self._difference(
            DifferenceClass.ROUNDING,
            refund.refund_id,
            f"refund {refund.refund_id} and {_names(notes)} differ by {_signed(value)} of rounding",
            refund.at,
            value,
            refund=refund,
            notes=notes,
        )

    def mismatch(self, refund: RefundFact, notes: Sequence[NoteFact], difference: Money | None) -> Difference:
        """Amounts that differ for real."""
        credited = " and ".join(str(note.total) for note in notes)
        text = f"refund {refund.refund_id} is over {_amount(refund)}, {_names(notes)} over {credited}"
        value = refund.amount if difference is None else difference
        if difference is not None:
            text += f": {_signed(difference)}"
        figures = {"refunded": _amount(refund), "credited": credited}
        if difference is not None:
            figures["difference"] = decimal_text(difference.amount, difference.currency)
        if difference is None and refund.amount is not None:
            code = ExceptionCode.CURRENCY_MISMATCH
        else:
            code = ExceptionCode.AMOUNT_PRECISION if refund.amount is None else ExceptionCode.REFUND_MISMATCH
        return self._difference(
            DifferenceClass.AMOUNT_MISMATCH,
            refund.refund_id,
            text,
            refund.at,
            value,
            refund=refund,
            notes=notes,
            code=code,
            figures=figures,
        )

    def uncredited(self, refund: RefundFact) -> Difference:
        """A refund whose note is not there in the agreed time."""
        paid = f"refund {refund.refund_id} over {_amount(refund)} was paid on {_day(refund.paid_since)}"
        text = f"{paid} and has no credit note"
        lost = [
            n for n in self.case.notes if n.lost and (n.key == refund.credit_key or n.refund_id == refund.refund_id)
        ]
        figures = {"refunded": _amount(refund)}
        if lost:
            how = "has reversed" if lost[0].reversed else "does not list"
            text += f" any more: we posted {lost[0].name}, which the ERP {how}"
            figures["credit_note"] = lost[0].name
        return self._difference(
            DifferenceClass.MISSING_CREDIT,
            refund.refund_id,
            text,
            refund.at,
            refund.amount,
            refund=refund,
            code=ExceptionCode.CREDIT_OVERDUE,
            figures=figures,
        )

    def refunded_twice(self, refund: RefundFact, settled: Sequence[RefundFact]) -> Difference:
        """A refund for units that were credited for another one."""
        others = ", ".join(other.refund_id for other in settled)
        return self._difference(
            DifferenceClass.DUPLICATE_REFUND,
            refund.refund_id,
            f"refund {refund.refund_id} over {_amount(refund)} came on top of {others}:"
            " every unit of the return is credited already",
            refund.at,
            refund.amount,
            refund=refund,
            code=ExceptionCode.DUPLICATE_REFUND,
            figures={"refunded": _amount(refund), "other_refunds": others},
        )

    def credited_twice(self, note: NoteFact) -> Difference:
        """A note on top of those that answer the refunds."""
        return self._difference(
            DifferenceClass.DUPLICATE_CREDIT,
            note.name,
            f"credit note {note.name} over {note.total} came on top of the note for the same refund",
            note.at,
            -note.total,
            notes=[note],
            code=ExceptionCode.REFUND_MISMATCH,
            figures={"credited": str(note.total)},
        )

    def unpaid(self, note: NoteFact) -> Difference:
        """A note whose refund never came, or is not there any more."""
        known = next((r for r in self.case.refunds if r.refund_id and r.refund_id == note.refund_id), None)
        why = "no refund was paid for it"
        if known is not None:
            why = f"refund {known.refund_id} is {known.state} on the platform"
            if known.paid or not known.listed:
                why = f"the platform does not list refund {known.refund_id} any more"
        return self._difference(
            DifferenceClass.MISSING_REFUND,
            note.name,
            f"credit note {note.name} over {note.total} was made on {_day(note.at)}, and {why}",
            note.at,
            -note.total,
            refund=known,
            notes=[note],
            code=ExceptionCode.REFUND_NOT_CONFIRMED,
            figures={"credited": str(note.total)},
        )

    def _difference(
        self,
        kind: DifferenceClass,
        subject: str,
        text: str,
        at: datetime,
        value: Money | None,
        *,
        refund: RefundFact | None = None,
        notes: Sequence[NoteFact] = (),
        code: ExceptionCode | None = None,
        figures: dict[str, str] | None = None,
    ) -> Difference:
        refund_id = refund.refund_id if refund else ""
        return Difference(
            kind=kind,
            subject=subject,
            text=text,
            at=at,
            value=value,
            return_id=self.case.return_id,
            order_number=self.case.order_number,
            refund_id=refund_id,
            credit=", ".join(note.name for note in notes),
            figures=figures or {},
            code=code,
            covered_by=self._covered(refund_id) if code else "",
        )

    def _covered(self, refund_id: str) -> str:
        """The exception that somebody has to decide already about this money; empty when there is none."""
        about = (
            matter.exception_id
            for matter in self.case.open
            if (matter.track in _STOPS_MONEY or matter.code is ExceptionCode.CREDIT_OVERDUE)
            and matter.refund in ("", refund_id)
        )
        return next(about, "")


def _names(notes: Sequence[NoteFact]) -> str:
    return f"credit note{'s' if len(notes) > 1 else ''} {', '.join(note.name for note in notes)}"


def _amount(refund: RefundFact) -> str:
    return str(refund.amount) if refund.amount is not None else refund.amount_text


def _signed(value: Money) -> str:
    sign = "+" if value.amount > 0 else ""
    return f"{sign}{decimal_text(value.amount, value.currency)} {value.currency}"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
