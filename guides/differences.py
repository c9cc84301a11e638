"""What each class of the reconciliation means, and what finance does about it (R78–R85)."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.model import Value
from domain.reconciliation.classes import DifferenceClass
from guides.blocks import Given, Section, Table

_NOTHING = "Nothing."


class ClassText(Value):
    """`meaning` of a class for business users, and what to do about it."""

    meaning: str
    act: str = _NOTHING


CLASS_TEXTS: Mapping[DifferenceClass, ClassText] = MappingProxyType(
    {
        DifferenceClass.MATCHED: ClassText(meaning="Refund and credit note agree to the cent."),
        DifferenceClass.ROUNDING: ClassText(
            meaning="They differ by no more than rounding explains. The differences are added up.",
            act="Nothing, until the balance passes its limit.",
        ),
        DifferenceClass.DECIDED: ClassText(meaning="They differ, and somebody decided that they may."),
        DifferenceClass.PENDING: ClassText(
            meaning="The credit note is not there, and the agreed time has not passed.", act="Nothing yet."
        ),
        DifferenceClass.OTHER_CONNECTION: ClassText(meaning="It belongs to another connection with the same books."),
        DifferenceClass.NOT_COUNTED: ClassText(meaning="A refund that was not paid, or a credit note taken back."),
        DifferenceClass.AMOUNT_MISMATCH: ClassText(
            meaning="Refund and credit note are of different amounts.",
            act="Open the return, find the cause, and decide which amount counts.",
        ),
        DifferenceClass.MISSING_CREDIT: ClassText(
            meaning="The customer has the money, and the ERP has no credit note.",
            act="Open the return. Decide what stops the note, or link one that exists.",
        ),
        DifferenceClass.MISSING_REFUND: ClassText(
            meaning="The ERP has a credit note, and no money was paid for it.",
            act="Ask CX to release the refund, or void the note.",
        ),
        DifferenceClass.DUPLICATE_CREDIT: ClassText(
            meaning="There are two credit notes for one refund, or over one amount for one order.",
            act="Void the wrong one in the ERP.",
        ),
        DifferenceClass.DUPLICATE_REFUND: ClassText(
            meaning="The customer was paid twice for the same units.",
            act="Recover the money, or accept it as goodwill.",
        ),
        DifferenceClass.OUT_OF_BAND_REFUND: ClassText(
            meaning="Money was paid, and no return knows of it.",
            act="Find out who paid it, make the credit note by hand, and give its number.",
        ),
        DifferenceClass.FOREIGN_CREDIT: ClassText(
            meaning="A credit note in the ERP that belongs to no return here.",
            act="Only for your knowledge.",
        ),
        DifferenceClass.STOCK_MISMATCH: ClassText(
            meaning="More or fewer units were credited than were booked into stock, and nothing explains it.",
            act="Ask the warehouse. A stock document may be missing, or a unit was credited that never came.",
        ),
        DifferenceClass.UNMATCHED_PAYOUT: ClassText(
            meaning="The payment provider paid what no refund explains.",
            act="Look at the order that is named. Somebody may have paid outside the platform.",
        ),
    }
)


def classes_section() -> Section:
    """The classes as finance sees them in a run."""
    rows: tuple[tuple[Given, ...], ...] = tuple(
        (kind.words[:1].upper() + kind.words[1:], text.meaning, text.act, "yes" if kind.serious else "no")
        for kind, text in CLASS_TEXTS.items()
    )
    return Section(
        title="What the reconciliation says",
        paragraphs=(
            (
                "Every refund and every credit note of a run is in exactly one class, so that the classes add up to the"
                " totals of both systems."
            ),
            (
                "Both systems are asked for their refunds and credit notes in every run. Stock documents are not read"
                " again: each counts as the ERP confirmed it when it was posted. One that somebody cancels in the ERP"
                " afterwards is not found here."
            ),
        ),
        table=Table(columns=("Class", "What it means", "What to do", "In the way of the close"), rows=rows),
    )
