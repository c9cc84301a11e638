"""Returns of a demo, and what the vendors' journals say of them."""

from datetime import UTC, datetime

from domain.progress import Stage
from starter.demo.report import CreditNote, Exposed, NewOrder, Page, ReturnRow, StockLine
from starter.demo.scenario import Expected, NewGoods
from store.exchange_records import ExposureKind, ExposureState

ID = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 3, 14, tzinfo=UTC)

ROW = ReturnRow(
    id=ID,
    connection="uk",
    scenario="plain",
    status=Stage.CLOSED,
    order="2040001",
    rma="R1",
    stock=(StockLine(sku="A", depot="01", quantity=2, document="G1"),),
    credit_notes=(CreditNote(number="CN1", total="20.00", currency="GBP"),),
)
PAGE = Page.model_validate(
    {
        "rmas": [{"number": "R1", "order": "2040001", "standalone": False, "cancelled": False}],
        "received": {"01": {"A": 2}},
        "stock": {"01": {"A": 2}},
        "credited": {"GBP": "20.00"},
    }
)
EXPECTED = Expected(credited="20.00", stock={"01": 2})
SWAPPED = ROW.model_copy(
    update={
        "stock": (),
        "credit_notes": (),
        "replacements": (NewOrder(number="bh-1-x-1", sku="B", total="6.50", cancelled=False),),
        "exposure": (Exposed(kind=ExposureKind.EXCHANGE, state=ExposureState.CLEARED, amount="30.00", currency="GBP"),),
    }
)
SWAPPED_PAGE = Page.model_validate(
    {
        "rmas": [{"number": "R1", "order": "2040001", "standalone": False, "cancelled": False}],
        "replacements": [
            {
                "number": "bh-1-x-1",
                "rma": "R1",
                "original": "2040001",
                "order_type": "EX",
                "total": "6.5000",
                "units": {"B": 1},
                "same_delivery": True,
                "cancelled": False,
                "despatched": False,
            }
        ],
    }
)
SWAP = Expected(replacements=(NewGoods("B", "6.50"),), exposure={"cleared": "30.00"})
