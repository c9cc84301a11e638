"""What people should know about each ERP: who keeps the books there, and how it hears of a return (R112–R136)."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.documents import ChargePurpose
from domain.model import Value


class ErpFacts(Value):
    """One ERP, in words for the tables. Whatever a site decides for itself comes from its configuration instead.

    name: how people call it; books: the system that keeps stock value, tax and ledger
    stock_master, order_master: which system is right about saleable stock and about orders
    rma, stock, credit, exchange: how documents of each class come into it
    depot: what it calls the place of stock; applies_credit: whether a credit is applied to its invoice by itself
    not_carried: charges that its credit notes have no place for; notes: what is particular to it
    """

    name: str
    books: str
    order_master: str
    stock_master: str
    rma: str
    stock: str
    credit: str
    exchange: str
    depot: str
    applies_credit: bool = False
    not_carried: frozenset[ChargePurpose] = frozenset()
    notes: tuple[str, ...] = ()


_PRIMA = ErpFacts(
    name="Prima",
    books="Prima",
    order_master="Prima",
    stock_master="Prima",
    rma="RMA, at once",
    stock="goods receipt note or adjustment journal, as the mapping says for each disposition",
    credit="credit note against the original order",
    exchange="zero-value order with an order type of its own, so that sales figures stay clean",
    depot="depot",
    notes=(
        "Prima is master of inventory value, stock ledger, tax reporting and final posting.",
        "Every physical warehouse is a depot. Damaged goods go to a depot that does not sell.",
        "Prima does not apply a credit note to an invoice by itself. Finance allocates it there.",
        "A kit cannot be returned as a whole: its parts can.",
    ),
)

_CENTRA = ErpFacts(
    name="Centra",
    books="Centra, or the ERP connected behind it",
    order_master="Centra",
    stock_master="Centra",
    rma="return of the shipment, which moves no stock yet",
    stock="stock change for each SKU, after the inspection",
    credit="completed return, which is the credit; where another ERP keeps the books, it makes its note from it",
    exchange="zero-value order with a number from the range that is kept free for exchanges",
    depot="warehouse",
    not_carried=frozenset({"rounding", "goodwill"}),
    notes=(
        "Centra is the source of truth for order, lines, prices and customer, and master of saleable stock.",
        "A return in Centra has no place for rounding and goodwill.",
        "A credit with one of them stops before it is sent, and finance makes it by hand.",
        "Centra has no accounting periods of its own.",
        "An order that is archived can still be returned.",
    ),
)

_BLUECHERRY = ErpFacts(
    name="BlueCherry",
    books="BlueCherry",
    order_master="BlueCherry",
    stock_master="BlueCherry",
    rma="return authorisation, in a file at the window",
    stock="receipt by line, in a file at the window",
    credit="credit memo built from the original order's lines, prices and tax, in a file at the window",
    exchange="zero-value order with an order type of its own, in a file at the window",
    depot="division and warehouse",
    not_carried=frozenset({"rounding", "goodwill", "exchange"}),
    notes=(
        "BlueCherry is the system of record for inventory and final credit memos. Its item master is definitive.",
        "The sales order number is the key of every transaction of a return.",
        "It takes documents at its windows only. A return shows which window it waits for, and is not late before it.",
        "Nothing is credited before its goods are received there.",
        "A credit memo has no place for rounding, goodwill and exchange differences.",
        "A credit with one of them stops before it is sent, and finance makes it by hand.",
        "Saleable, damaged and quarantined goods lie in different warehouses of a division.",
    ),
)

_PATCHWORKS = ErpFacts(
    name="the ERP behind Patchworks",
    books="the ERP behind Patchworks (NetSuite)",
    order_master="the ERP behind Patchworks (NetSuite)",
    stock_master="the ERP behind Patchworks (NetSuite)",
    rma="return authorisation; a standalone one when the order is closed",
    stock="item receipt at the exact location; bundles are broken into their parts",
    credit="credit memo from the return authorisation, applied to the order's invoice",
    exchange="zero-value order with an order type of its own",
    depot="location",
    applies_credit=True,
    notes=(
        "Patchworks carries every document to the ERP, and tells the commerce platform too.",
        "If the commerce platform cannot be told, that shows as a difference between the two.",
        "A closed order is never edited: the return authorisation stands alone and names the order.",
        "A credit memo is made from the return authorisation, so that it moves no stock a second time.",
    ),
)

ERPS: Mapping[str, ErpFacts] = MappingProxyType(
    {"prima": _PRIMA, "centra": _CENTRA, "bluecherry": _BLUECHERRY, "patchworks": _PATCHWORKS}
)


def erp_facts(erp: str) -> ErpFacts:
    """What is known of an ERP by its name in the configuration; of another one, what holds for every ERP."""
    name = erp.replace("_", " ").title()
    return ERPS.get(erp) or ErpFacts(
        name=name,
        books=name,
        order_master=name,
        stock_master=name,
        rma="RMA",
        stock="receipt or adjustment, as the mapping says for each disposition",
        credit="credit note against the original order",
        exchange="zero-value order with an order type of its own",
        depot="depot",
    )
