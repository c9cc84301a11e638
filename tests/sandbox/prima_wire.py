"""Hand-written wire for the Prima sandbox: XML as in the vendor contract, over a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element, fromstring
from xml.sax.saxutils import escape

import httpx

from sandbox.kit.server import serve
from sandbox.prima import PrimaSandbox

HEADERS = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
SKU = 'Product="P1001" MtrxCode1="BLK" MtrxCode2="080" MtrxCode3="" MtrxCode4=""'
SHIRT = 'Product="P2001" MtrxCode1="WHT" MtrxCode2="M" MtrxCode3="" MtrxCode4=""'
KEY = "bh-0123456789abcdef0123456789abcdef-r-1"


def inner(request_type: str, data: str) -> str:
    return f'<?xml version="1.0" encoding="ISO-8859-1"?><Request RequestType="{request_type}">{data}</Request>'


def envelope(text: str, operation: str = "wsomhandler", company: str = "") -> bytes:
    company = f"<pcCompany>{company}</pcCompany>" if company else ""
    return (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:om="urn:omlink">'
        f"<soapenv:Body><om:{operation}><pcRequest>{escape(text)}</pcRequest>{company}</om:{operation}>"
        "</soapenv:Body></soapenv:Envelope>"
    ).encode()


def result_text(body: bytes, operation: str = "wsomhandler") -> str:
    found = fromstring(body).find(f".//{{urn:omlink}}{operation}Response/result")
    assert found is not None
    assert found.text is not None
    return found.text


@dataclass
class Answer:
    """One inner answer; `data` is empty when the request was refused."""

    root: Element

    @property
    def ok(self) -> bool:
        return self.root.get("RequestStatus") == "OK"

    @property
    def code(self) -> str | None:
        return self.root.get("RequestErrorCode")

    @property
    def text(self) -> str:
        return self.root.get("RequestError", "")

    @property
    def data(self) -> Element:
        found = self.root.find("Data")
        assert found is not None, self.text
        return found


@dataclass
class Wire:
    """A client at the running sandbox."""

    prima: PrimaSandbox
    http: httpx.AsyncClient

    async def post(self, body: bytes) -> httpx.Response:
        return await self.http.post(self.prima.path, content=body, headers=HEADERS)

    async def send(self, text: str) -> Answer:
        answer = await self.post(envelope(text))
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/xml; charset=UTF-8"
        return Answer(fromstring(result_text(answer.content).encode("iso-8859-1")))

    async def ask(self, request_type: str, data: str) -> Answer:
        return await self.send(inner(request_type, data))

    async def open_return(self, key: str = KEY, order: str = "2011234", quantity: int = 1) -> Answer:
        return await self.ask("NewReturn", new_return(key=key, order=order, quantity=quantity))


@asynccontextmanager
async def wire(prima: PrimaSandbox | None = None) -> AsyncIterator[Wire]:
    prima = prima or PrimaSandbox(today=lambda: date(2026, 3, 20))
    async with serve(prima.app) as server, httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        yield Wire(prima, http)


def new_return(
    key: str = KEY,
    order: str = "2011234",
    line: int = 1,
    sku: str = SKU,
    quantity: int = 1,
    price: str = "220.50",
    depot: str = "QT",
    customer: str = "C001",
    currency: str = "GBP",
    inclusive: str = "Yes",
) -> str:
    return (
        f'<Data UniqueId="48120391" TPGUID="{key}" OrderNumber="{order}" Customer="{customer}" '
        f'Currency="{currency}" VatInclusive="{inclusive}" ReturnDepot="{depot}" ReturnNarrative="">'
        f'<ReturnLineData ReturnLine="1" OrderLine="{line}" {sku} Quantity="{quantity}" Price="{price}" '
        f'ReasonCode="TS" LineReference="rt-10234-1"/></Data>'
    )


def receipt(
    number: str,
    key: str = "bh-rcpt-1",
    quantity: int = 1,
    depot: str = "01",
    line: int = 1,
    on: str = "2026-03-20",
) -> str:
    return (
        f'<Data TPGUID="{key}" ReturnNumber="{number}" ReceiptDate="{on}">'
        f'<ReceiptLineData ReturnLine="{line}" Quantity="{quantity}" Depot="{depot}" Condition="A"/></Data>'
    )


def credit(
    number: str,
    key: str = "bh-cn-1",
    order: str = "2011234",
    invoice: str = "INV2011234",
    currency: str = "GBP",
    on: str = "2026-03-20",
    lines: str | None = None,
    charges: str = "",
) -> str:
    return (
        f'<Data TPGUID="{key}" ReturnNumber="{number}" OrderNumber="{order}" InvoiceNumber="{invoice}" '
        f'Currency="{currency}" CreditDate="{on}">{credit_line() if lines is None else lines}{charges}</Data>'
    )


def credit_line(
    line: int = 1,
    order_line: int = 1,
    quantity: int = 1,
    price: str = "220.50",
    rate: str = "20.00",
    vat: str = "",
    return_line: int = 1,
) -> str:
    tax = f' VatValue="{vat}"' if vat else ""
    return (
        f'<CreditLineData CreditLine="{line}" ReturnLine="{return_line}" OrderLine="{order_line}" '
        f'Quantity="{quantity}" Price="{price}" VatRate="{rate}"{tax}/>'
    )


def new_order(
    key: str = "bh-x-1",
    sku: str = SKU,
    quantity: int = 1,
    head: dict[str, str] | None = None,
    header: str = '<OrderHeaderData Currency="GBP"/>',
    due: str = "0.00",
    price: str = "0.00",
    rest: str = "",
) -> str:
    """A replacement for order 2011234; `head` changes attributes of `Data`, None leaves all as they should be."""
    facts = {
        "UniqueId": "12345678", "TPGUID": key, "OrderNumber": key, "Customer": "C001", "CustomerForename": "Ada",
        "CustomerSurname": "Byron", "AddrLine1": "1 High St", "AddrLine2": "Leeds", "PostCode": "LS1 1AA",
        "Country": "GB", "CustomerEmail": "ada@example.com", "CustomerRef": "R0004711", "VatInclusive": "Yes",
        "OrderType": "EX", "WROrdRef1": "2011234",
    }  # fmt: skip
    attributes = " ".join(f'{name}="{escape(text)}"' for name, text in (facts | (head or {})).items())
    line = f'<OrderLineData OrderLine="1" {sku} Quantity="{quantity}" Price="{price}"/>'
    charge = f'<OrderChargeData Charge="EXCH" ChargeValue="{due}"/>'
    payment = f'<OrderPaymentData PayMethod="EXC" TranAmount="{due}" ExchCreditNo=""/>'
    return f"<Data {attributes}>{header}{line}{charge}{payment}{rest}</Data>"
