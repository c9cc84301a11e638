"""Which system is master of what, for one pair of platform and ERP (R97)."""

from collections.abc import Sequence
from enum import StrEnum

from domain.connection import Connection, InspectedBy
from domain.model import Value
from guides.erps import ErpFacts, erp_facts
from guides.platforms import PlatformFacts, platform_facts

BACKHAUL = "Backhaul"


class DataObject(StrEnum):
    """What two systems could disagree about."""

    ORDER = "Original order: lines and quantities"
    PRICE = "Prices and discounts"
    TAX = "Tax"
    ITEM = "Items, SKUs and bundle recipes"
    STOCK_QUANTITY = "Stock quantity"
    STOCK_VALUE = "Stock value"
    AVAILABILITY = "What can be promised in an exchange"
    REQUEST = "Return request: lines, quantities, reasons"
    APPROVAL = "Approval and rejection of a return"
    RMA = "RMA"
    PARCEL = "Parcel on its way"
    INSPECTION = "Inspection: what was in the parcel"
    DISPOSITION = "Disposition: what a unit is good for"
    REFUND = "Refund: amount and payment"
    CREDIT = "Credit note"
    INVOICE = "Application of a credit to its invoice"
    PERIOD = "Accounting periods"
    WISH = "Exchange: what the customer wants, and what is paid on top"
    EXCHANGE = "Exchange order"
    CUSTOMER = "Customer and delivery data"
    STATUS = "Status that the customer sees, and every message to the customer"
    MAPPING = "Mappings, timing and policies"
    EXCEPTION = "Exceptions, decisions and the audit trail"
    EXPOSURE = "Exposure: what is out while its goods are not in"


class Mastery(Value):
    """One row: the master, who may change it, and how the other side hears of it."""

    what: DataObject
    master: str
    changed_by: str
    heard: str


class Pair(Value):
    """A platform with an ERP, and where goods are inspected. `connections`: names of those that are so."""

    platform: str
    erp: str
    inspected_by: InspectedBy
    connections: tuple[str, ...]

    @property
    def title(self) -> str:
        """``Reveni with Prima``; the inspection is named where it is not the warehouse's."""
        where = f", inspected in {self._platform.name}" if self.inspected_by is InspectedBy.PLATFORM else ""
        return f"{self._platform.name} with {erp_facts(self.erp).name}{where}"

    @property
    def _platform(self) -> PlatformFacts:
        return platform_facts(self.platform)


def pairs_of(connections: Sequence[Connection]) -> list[Pair]:
    """The pairs of a site, in the order of its configuration."""
    found: dict[tuple[str, str, InspectedBy], list[str]] = {}
    for connection in connections:
        key = (connection.platform, connection.erp, connection.policy.inspected_by)
        found.setdefault(key, []).append(connection.name)
    return [
        Pair(platform=platform, erp=erp, inspected_by=inspected, connections=tuple(names))
        for (platform, erp, inspected), names in found.items()
    ]


def masters_of(pair: Pair) -> list[Mastery]:
    """One row for every data object."""
    platform, erp = platform_facts(pair.platform), erp_facts(pair.erp)
    return [*_sold(erp), *_stocked(erp), *_asked(platform), *_received(pair, platform, erp), *_settled(platform, erp)]


def _row(what: DataObject, master: str, changed_by: str, heard: str) -> Mastery:
    return Mastery(what=what, master=master, changed_by=changed_by, heard=heard)


def _sold(erp: ErpFacts) -> list[Mastery]:
    frozen = "Read and frozen when the return is authorised. A later change of a returned line stops the credit note."
    return [
        _row(DataObject.ORDER, erp.order_master, "Nobody, once a return is open", frozen),
        _row(DataObject.PRICE, erp.order_master, "Nobody, once a return is open", frozen),
        _row(DataObject.TAX, erp.books, "Finance, in the ERP", "Frozen with the order; each credit reverses its part"),
        _row(
            DataObject.ITEM,
            erp.order_master,
            "Merchandising, in the ERP",
            "Every SKU is looked up before an RMA is opened. An unknown one stops the return.",
        ),
        _row(
            DataObject.CUSTOMER,
            erp.order_master,
            "CX, in the ERP",
            "Copied from the original order to the exchange order. Not kept by Backhaul.",
        ),
    ]


def _stocked(erp: ErpFacts) -> list[Mastery]:
    return [
        _row(
            DataObject.STOCK_QUANTITY,
            erp.stock_master,
            "The warehouse, by inspections and regrades; stock takes in the ERP",
            f"After the inspection: {erp.stock}. The {erp.depot} follows from the place of the inspection and from what"
            " the unit is good for.",
        ),
        _row(
            DataObject.STOCK_VALUE,
            erp.books,
            "Finance, in the ERP",
            "It follows from the stock documents. The platform does not hear of it.",
        ),
        _row(
            DataObject.AVAILABILITY,
            erp.stock_master,
            "The warehouse, by what it books",
            "Read again right before an exchange order is made. Nothing out of stock is promised.",
        ),
    ]


def _asked(platform: PlatformFacts) -> list[Mastery]:
    return [
        _row(
            DataObject.REQUEST,
            platform.name,
            "The customer and CX, on the platform",
            f"By {platform.tells}. Backhaul reads the return again each time, and the sweep finds what was missed.",
        ),
        _row(
            DataObject.APPROVAL,
            platform.name,
            "CX, on the platform",
            "An approved return is checked against the order before its RMA is opened",
        ),
        _row(
            DataObject.WISH,
            platform.name,
            "The customer and CX, on the platform",
            "Read with the return. A dearer replacement waits until the platform confirms the payment.",
        ),
        _row(
            DataObject.PARCEL,
            platform.name,
            "The carrier",
            "The platform's status is read with the return. It never moves stock.",
        ),
        _row(
            DataObject.STATUS,
            platform.name,
            "The platform, and CX on it",
            "Backhaul tells the platform what was accepted. It sends nothing to customers itself.",
        ),
    ]


def _received(pair: Pair, platform: PlatformFacts, erp: ErpFacts) -> list[Mastery]:
    if pair.inspected_by is InspectedBy.PLATFORM:
        where, by = platform.name, f"The warehouse, in {platform.name}"
        heard = "Read once the platform has finished with the return, then booked in the ERP"
    else:
        where, by = BACKHAUL, "The warehouse, on the receiving page or by its own system"
        heard = "Booked in the ERP at once, or at its window, and told to the platform"
    return [
        _row(DataObject.INSPECTION, where, by, heard),
        _row(DataObject.DISPOSITION, where, f"{by}; later by a regrade", "By the mapping, into the right depot"),
        _row(
            DataObject.RMA,
            erp.order_master,
            "Backhaul opens and cancels it; people may link one that they made",
            f"{erp.rma[:1].upper()}{erp.rma[1:]}. It names the original order.",
        ),
    ]


def _settled(platform: PlatformFacts, erp: ErpFacts) -> list[Mastery]:
    applied = (
        "Backhaul, with the credit note; finance where no invoice is open"
        if erp.applies_credit
        else "Finance, in the ERP"
    )
    return [
        _row(
            DataObject.REFUND,
            platform.name,
            "CX, on the platform",
            f"{platform.refund}. The amount is compared with the order before anything is credited.",
        ),
        _row(
            DataObject.CREDIT,
            erp.books,
            "Backhaul makes it; finance decides what differs, and may void it",
            f"{erp.credit[:1].upper()}{erp.credit[1:]}",
        ),
        _row(DataObject.INVOICE, erp.books, applied, "Not told to the platform"),
        _row(
            DataObject.PERIOD,
            erp.books,
            "Finance, in the ERP",
            "A credit note in a closed period is refused; the policy of the connection says what happens then",
        ),
        _row(
            DataObject.EXCHANGE,
            erp.order_master,
            "Backhaul makes and cancels it; the warehouse despatches it",
            f"{erp.exchange[:1].upper()}{erp.exchange[1:]}. It names the RMA and the original order.",
        ),
        _row(
            DataObject.MAPPING,
            f"{BACKHAUL}'s configuration",
            "Operations, agreed with the team concerned",
            "A change counts from the next start of the worker. Each document keeps the version that it was made with.",
        ),
        _row(
            DataObject.EXCEPTION,
            BACKHAUL,
            "The team that owns the exception",
            "A decision goes to the very step that stopped. Everything is in the audit trail.",
        ),
        _row(
            DataObject.EXPOSURE,
            BACKHAUL,
            "Nobody: it ends with the goods, or with a decision",
            "An alarm comes before the cover of the platform lapses",
        ),
    ]
