"""The wire format: attribute-only XML as escaped text in a SOAP envelope. Hostile XML is refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from adapters.prima import contract
from adapters.prima.contract import Message

MAX_DEPTH = 32
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*\?>")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_QUOTED = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_OUR_NAMES = {wire: ours for ours, wire in contract.WIRE_NAMES.items()}

Values = Mapping[str, str]
Rows = Sequence[tuple[str, Values]]
"""Rows under `Data`: element name and attributes."""

Document = tuple[Values, Rows]
"""A request: the attributes of `Data`, and its rows."""


class Unreadable(Exception):
    """An answer that is no answer: not XML, hostile, or not of the agreed shape. The text never quotes it."""


@dataclass(frozen=True)
class Record:
    """One element of an answer. Its repr shows no values: they may be names and addresses."""

    tag: str
    values: Values
    children: "tuple[Record, ...]" = ()

    def get(self, name: str) -> str:
        """The attribute without surrounding blanks; empty when it is not there."""
        return self.values.get(name, "").strip()

    def need(self, name: str) -> str:
        """As `get`; Unreadable when it is missing or empty."""
        if not (value := self.get(name)):
            raise Unreadable(f"{self.tag} without {name}")
        return value

    def rows(self, tag: str) -> "list[Record]":
        """The children of this name. Case does not matter: Prima writes both `SKU` and `sku`."""
        return [child for child in self.children if child.tag.lower() == tag.lower()]

    def __repr__(self) -> str:
        return f"<Record {self.tag} {sorted(self.values)}, {len(self.children)} children>"


@dataclass(frozen=True)
class Reply:
    """An answer: `data` when `ok`, otherwise Prima's error text and, perhaps, code."""

    ok: bool
    request_type: str
    text: str
    code: str
    data: Record


def write_request(message: Message, data: Values, rows: Rows = ()) -> str:
    """The inner document. Attributes of the message's shape that are not given are written empty.

    Raises KeyError for a name that is not in the shape.
    """
    children = "".join(f"<{_wire(tag)}{_attributes(message.shape[tag], values)}/>" for tag, values in rows)
    declared = f'<?xml version="1.0" encoding="{contract.INNER_ENCODING}"?>'
    head = f'<Request RequestType="{_quote(_wire(message.name))}"><Data'
    return f"{declared}{head}{_attributes(message.shape['Data'], data)}>{children}</Data></Request>"


def write_envelope(inner: str, company: str | None) -> bytes:
    """The SOAP envelope in UTF-8; `comwsomhandler` when there is a company."""
    method = contract.METHOD if company is None else contract.COMPANY_METHOD
    request = f"<{contract.REQUEST_ELEMENT}>{escape(inner)}</{contract.REQUEST_ELEMENT}>"
    if company is not None:
        request += f"<{contract.COMPANY_ELEMENT}>{escape(company)}</{contract.COMPANY_ELEMENT}>"
    return (
        f'<soapenv:Envelope xmlns:soapenv="{contract.SOAP_NS}" xmlns:om="{contract.OM_NS}"><soapenv:Body>'
        f"<om:{method}>{request}</om:{method}></soapenv:Body></soapenv:Envelope>"
    ).encode()


def read_reply(body: bytes) -> Reply:
    """The inner answer of a SOAP answer. Raises Unreadable, also for a SOAP fault."""
    inner = _DECLARATION.sub("", _result(_parse(body)), count=1)
    root = _record(_parse(inner.encode()))
    status = root.get("RequestStatus")
    if status not in ("OK", "ERROR"):
        raise Unreadable("no RequestStatus OK or ERROR")
    data = next(iter(root.rows("Data")), Record("Data", {}))
    request_type, text, code = root.get("RequestType"), root.get("RequestError"), root.get("RequestErrorCode")
    return Reply(status == "OK", request_type, text, code, data)


def _attributes(shape: str, values: Values) -> str:
    names = shape.split()
    if unknown := values.keys() - set(names):
        raise KeyError(f"not in the contract: {sorted(unknown)}")
    return "".join(f' {_wire(name)}="{_quote(values.get(name, ""))}"' for name in names)


def _quote(text: str) -> str:
    """Escaped for an attribute: what is no XML becomes a blank, what is no Latin-1 a numeric reference."""
    quoted = escape(_NOT_XML.sub(" ", text), _QUOTED)
    return quoted.encode(contract.INNER_ENCODING, "xmlcharrefreplace").decode(contract.INNER_ENCODING)


def _wire(name: str) -> str:
    return contract.WIRE_NAMES.get(name, name)


def _result(envelope: Element) -> str:
    """The text of Envelope/Body/…Response/result, whatever the namespaces."""
    body = next((child for child in envelope if _local(child) == "Body"), None)
    response = next(iter(body), None) if body is not None else None
    if response is None:
        raise Unreadable("no SOAP body")
    if _local(response) == "Fault":
        raise Unreadable("SOAP fault")
    for child in response:
        if _local(child) == contract.RESULT_ELEMENT and child.text:
            return child.text
    raise Unreadable("no result in the SOAP body")


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _record(element: Element) -> Record:
    values = {_OUR_NAMES.get(name, name): value for name, value in element.attrib.items()}
    tag = _local(element)
    return Record(_OUR_NAMES.get(tag, tag), values, tuple(_record(child) for child in element))


def _parse(document: bytes) -> Element:
    """Raises Unreadable for malformed XML, any DTD or entity, and nesting deeper than MAX_DEPTH."""
    root: Element | None = None
    depth = 0
    try:
        for event, element in iterparse(BytesIO(document), events=("start", "end"), forbid_dtd=True):
            root = element if root is None else root
            depth += 1 if event == "start" else -1
            if depth > MAX_DEPTH:
                raise Unreadable("XML nested too deep")
    except (ParseError, DefusedXmlException, ValueError, LookupError) as wrong:
        raise Unreadable(f"no acceptable XML ({type(wrong).__name__})") from None
    if root is None:
        raise Unreadable("empty XML")
    return root
