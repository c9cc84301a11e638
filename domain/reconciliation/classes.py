"""What becomes of each refund, credit note, payout and restock when both sides are compared."""

from enum import StrEnum


class DifferenceClass(StrEnum):
    """Every refund and every note of a run is in exactly one class, so that the classes foot to both systems."""

    # in order
    MATCHED = "matched"
    ROUNDING = "rounding"  # differs by no more than rounding; kept for the running balance (R81, R85)
    DECIDED = "decided"  # differs, and a person decided that it may
    PENDING = "pending"  # inside the agreed time: not a difference yet
    OTHER_CONNECTION = "other_connection"  # a note of another connection that shares the books
    NOT_COUNTED = "not_counted"  # a refund that was not paid, a note that was reversed
    # out of order
    AMOUNT_MISMATCH = "amount_mismatch"
    MISSING_CREDIT = "missing_credit"
    MISSING_REFUND = "missing_refund"  # a note whose refund never came
    DUPLICATE_CREDIT = "duplicate_credit"
    DUPLICATE_REFUND = "duplicate_refund"
    OUT_OF_BAND_REFUND = "out_of_band_refund"  # paid, and no return case has it (R52)
    FOREIGN_CREDIT = "foreign_credit"  # somebody else's note in the ERP, on no return of ours
    STOCK_MISMATCH = "stock_mismatch"  # units credited and units restocked differ without a reason (R38)
    UNMATCHED_PAYOUT = "unmatched_payout"  # the gateway paid what no refund explains (R80)

    @property
    def serious(self) -> bool:
        """Whether somebody must act: it blocks the close of its period. Notes of others are only listed."""
        return self in _SERIOUS

    @property
    def words(self) -> str:
        """The class as people read it."""
        return _WORDS[self]


_SERIOUS = frozenset(
    {
        DifferenceClass.AMOUNT_MISMATCH,
        DifferenceClass.MISSING_CREDIT,
        DifferenceClass.MISSING_REFUND,
        DifferenceClass.DUPLICATE_CREDIT,
        DifferenceClass.DUPLICATE_REFUND,
        DifferenceClass.OUT_OF_BAND_REFUND,
        DifferenceClass.STOCK_MISMATCH,
        DifferenceClass.UNMATCHED_PAYOUT,
    }
)
_WORDS = {
    DifferenceClass.MATCHED: "matched",
    DifferenceClass.ROUNDING: "rounding",
    DifferenceClass.DECIDED: "settled by a decision",
    DifferenceClass.PENDING: "within the agreed time",
    DifferenceClass.OTHER_CONNECTION: "of another connection",
    DifferenceClass.NOT_COUNTED: "not paid or reversed",
    DifferenceClass.AMOUNT_MISMATCH: "amounts differ",
    DifferenceClass.MISSING_CREDIT: "credit note is missing",
    DifferenceClass.MISSING_REFUND: "refund never came",
    DifferenceClass.DUPLICATE_CREDIT: "credited twice",
    DifferenceClass.DUPLICATE_REFUND: "refunded twice",
    DifferenceClass.OUT_OF_BAND_REFUND: "refunded outside the platform",
    DifferenceClass.FOREIGN_CREDIT: "credit note of somebody else",
    DifferenceClass.STOCK_MISMATCH: "credited and restocked units differ",
    DifferenceClass.UNMATCHED_PAYOUT: "payout without a refund",
}
