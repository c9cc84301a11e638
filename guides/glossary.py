"""The words of this house, each with one meaning (domain.md 5.1)."""

from domain.dispositions import Disposition
from guides.blocks import Code, Given, Page, Section, Table
from guides.connection_page import DISPOSITION_TEXTS

TERMS: tuple[tuple[str, str], ...] = (
    ("Return", "One request of one customer on the platform, with everything that follows from it. Also: case."),
    ("Return line", "An item of the order, how many units of it come back, why, and what the customer wants for it."),
    ("Platform", "The system in which customers ask for returns, and which pays refunds."),
    ("ERP", "The system that keeps orders, stock and the ledger."),
    ("Connection", "One platform with one ERP, and everything that was decided about the two."),
    ("RMA", "The document in the ERP that announces the goods. The warehouse books parcels on it."),
    ("Standalone RMA", "An RMA that names the order but is not linked to its lines, because the order is closed."),
    ("Receipt", "Goods that were counted. Each parcel is one."),
    ("Inspection", "What was found in a parcel: units, what they are good for, and where they lie."),
    ("Disposition", "What a unit is good for. There are six, and one for parcels that are lost."),
    ("Regrade", "A unit that was booked turns out to be something else. It moves to another depot; money stays."),
    ("Depot", "The place in the ERP where units are counted. It is also called warehouse or location there."),
    ("Stock movement", "One stock document of the ERP, for units of one disposition into one depot."),
    ("Refund", "The platform's statement that the customer got, or will get, money."),
    ("Instant refund", "A refund that is paid before the goods are back."),
    ("Credit note", "The document in the ERP that takes back a part of an order. Also: credit memo."),
    ("Order amount", "What the original order gives for the units: price, discount, tax, and shipping where agreed."),
    ("Goodwill line", "The part of a credit note that goes beyond the value of the goods, by decision."),
    ("Rounding line", "A difference of a cent or so that both systems make by rounding. It is counted."),
    ("Settlement", "A credit note is applied to the invoice of its order."),
    ("Exchange", "An RMA and a replacement order that name each other."),
    ("Replacement", "The item that goes out in an exchange."),
    ("Kept item", "The customer keeps the item and gets money or a new one all the same. No parcel is expected."),
    ("Slot", "One unit of an order line with its fixed value. It is credited once, whatever happens."),
    ("Exposure", "Money or a replacement that is out while its goods are not in."),
    ("Cover", "The platform's promise to bear the loss of an instant refund, until a deadline."),
    ("Order snapshot", "The order as it was when the return began. Every amount comes from it."),
    ("Exception", "Something that cannot go on by itself. It has a code, an owner, a reason and possible decisions."),
    ("Parked", "A part of a return stands still until somebody decides. The other parts go on."),
    ("Root cause", "The one thing that is wrong behind many exceptions. One correction mends them all."),
    ("Decision", "What a person says about an exception. There is a fixed list, and each is kept with its person."),
    ("Second person", "Above an agreed amount two different people must make the same decision."),
    ("Track", "A part of a return that goes its own way: platform, RMA, goods, finance, exchange."),
    ("Stage", "Where a return stands as a whole. It follows from its tracks; nobody sets it."),
    ("Window", "A time at which an ERP takes documents. What waits for a window is not late."),
    ("Sweep", "A regular look at both systems that finds what was missed."),
    ("Reconciliation", "The comparison of refunds, credit notes and stock movements, every night."),
    ("Period", "A month of the books. It can be closed when nothing is open in it."),
    ("Mapping", "A list that translates a code of one system into a code of the other. What is not in it stops."),
    ("Grace", "Days after the deadline in which a parcel still opens its return again."),
    ("Touchless", "A return that nobody had to decide anything about."),
)


def glossary() -> Page:
    """The page ``glossary``."""
    words: tuple[tuple[Given, ...], ...] = tuple(((term,), (meaning,)) for term, meaning in sorted(TERMS))
    dispositions: tuple[tuple[Given, ...], ...] = tuple(
        ((Code(code=disposition.value),), (DISPOSITION_TEXTS[disposition],)) for disposition in Disposition
    )
    return Page(
        path="glossary",
        title="Glossary",
        intro="Screens, guides and alerts use these words, and each has one meaning.",
        sections=(
            Section(title="Words", table=Table(columns=("Word", "Meaning"), rows=words)),
            Section(title="Dispositions", table=Table(columns=("Disposition", "Meaning"), rows=dispositions)),
        ),
    )
