"""The read API's JSON, as far as we use it: ASSUMED, section F of the contract."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from adapters.bluecherry.contract import UNUSED


def _text(value: object) -> object:
    """Numbers as text, null as the empty text: ids and codes come in either form."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_text)]


class Wire(BaseModel):
    """An object of the read API. Fields that we do not use are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class WireSku(Wire):
    """What names an item; also a part of a prepack and a row of stock."""

    style: Text
    color: Text = UNUSED
    dim: Text = UNUSED
    size: Text = UNUSED


class WireInvoice(Wire):
    """An invoice of an order."""

    invoice_no: Text


class WireAddress(Wire):
    """Where an order went. Personal: it goes into a file and nowhere else."""

    name: Text = Field(default="", repr=False)
    addr1: Text = Field(default="", repr=False)
    addr2: Text = Field(default="", repr=False)
    city: Text = Field(default="", repr=False)
    state: Text = Field(default="", repr=False)
    zip: Text = Field(default="", repr=False)
    ctry: Text = Field(default="", repr=False)
    email: Text = Field(default="", repr=False)
    phone: Text = Field(default="", repr=False)


class WireLine(WireSku):
    """A line of an order. `kit_parent_line`: the line of the prepack that this is a part of."""

    line_no: Text
    qty_ordered: int
    qty_shipped: int | None = None
    qty_returned: int | None = None
    unit_price: str
    discount: Text = "0"
    tax: Text = "0"
    kit_parent_line: Text = ""


class WireOrder(Wire):
    """`GET /orders/{orderNo}`."""

    order_no: Text
    status: str
    archived: bool = False
    customer_no: Text
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    order_date: Text
    invoices: list[WireInvoice] = []
    ship_to: WireAddress = WireAddress()
    freight: Text = "0"
    tax_total: Text = "0"
    total: str
    lines: list[WireLine]


class WirePart(WireSku):
    """A part of a prepack."""

    qty: int


class WireItem(WireSku):
    """A row of `GET /items`."""

    upc: Text = ""
    active: bool
    is_prepack: bool = False
    components: list[WirePart] = []


class WireStock(WireSku):
    """A row of `GET /stock`."""

    warehouse: Text
    on_hand: int
    available: int


class WireReturnLine(Wire):
    """A line of an RMA."""

    line_no: int
    qty: int
    qty_received: int = 0


class WireReturn(Wire):
    """`GET /returns`."""

    ra_no: Text
    ext_ref: Text = ""
    order_no: Text = ""
    status: str
    lines: list[WireReturnLine] = []


class WireSalesOrder(Wire):
    """A row of `GET /salesorders`."""

    order_no: Text
    ext_ref: Text
    status: str


class WireMemo(Wire):
    """A row of `GET /creditmemos`."""

    cm_no: Text
    ext_ref: Text = ""
    ra_no: Text = ""
    date: Text
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    total: str
    status: str
    voided_by: Text = ""


class WirePage(Wire):
    """Every list answer."""

    data: list[dict[str, Any]]
    page: int = 1
    page_size: int = Field(default=200, ge=1)
    total: int = 0
