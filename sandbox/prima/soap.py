"""The wire: SOAP envelope outside, an XML document as escaped text inside. DTDs and entities are refused."""

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sandbox.prima.refusal import Refused

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OMLINK = "urn:omlink"
DECLARATION = re.compile(r"\s*<\?xml\s[^>]*\?>")
ENCODING = re.compile(r"encoding\s*=\s*[\"']([^\"']+)[\"']")


class BadEnvelope(Exception):
    """The envelope cannot be used; the service answers a SOAP fault."""


@dataclass(frozen=True)
class Call:
    """One call of the generic operation."""

    operation: str
    """`wsomhandler` or `comwsomhandler`."""
    company: str | None
    text: str
    """The inner XML document."""


def read_envelope(body: bytes) -> Call:
    """The call in a UTF-8 SOAP 1.1 envelope. Raises BadEnvelope."""
    try:
        envelope = fromstring(body.decode("utf-8"), forbid_dtd=True)
    except (UnicodeDecodeError, ValueError, ParseError, DefusedXmlException) as wrong:
        raise BadEnvelope(f"cannot read envelope: {wrong}") from wrong
    content = envelope.find(f"{{{SOAP}}}Body")
    if envelope.tag != f"{{{SOAP}}}Envelope" or content is None or len(content) != 1:
        raise BadEnvelope("no SOAP Envelope with one element in its Body")
    namespace, _, operation = content[0].tag.removeprefix("{").rpartition("}")
    if namespace != OMLINK or operation not in ("wsomhandler", "comwsomhandler"):
        raise BadEnvelope(f"operation {content[0].tag} is not known")
    text = _parameter(content[0], "pcRequest")
    if text is None:
        raise BadEnvelope("pcRequest missing")
    return Call(operation, _parameter(content[0], "pcCompany"), text)


def read_request(text: str) -> tuple[str, Element]:
    """RequestType and `Data` of an inner document. Refused, without a code, when it cannot be read."""
    try:
        text.encode("iso-8859-1")
    except UnicodeEncodeError as wrong:
        raise Refused("Request holds characters outside ISO-8859-1") from wrong
    declaration = DECLARATION.match(text)
    named = ENCODING.search(declaration.group()) if declaration else None
    if named and named.group(1).upper() != "ISO-8859-1":
        raise Refused(f"Encoding {named.group(1)} not supported")
    try:
        root: Element = fromstring(text[declaration.end() :] if declaration else text, forbid_dtd=True)
    except (ValueError, ParseError, DefusedXmlException) as wrong:
        raise Refused(f"Request is not well-formed: {wrong}") from wrong
    data = root.find("Data")
    if root.tag != "Request" or data is None or len(root) != 1:
        raise Refused("Request must hold one Data element")
    return root.get("RequestType", ""), data


def ok_text(request_type: str, data: Element) -> str:
    """The inner answer of a request that worked."""
    root = Element("Response", {"RequestType": request_type, "RequestStatus": "OK"})
    root.append(data)
    return _latin(root)


def error_text(request_type: str, refused: Refused) -> str:
    """The inner answer of a refused request."""
    facts = {"RequestType": request_type, "RequestStatus": "ERROR", "RequestError": refused.text}
    return _latin(Element("Response", facts | ({"RequestErrorCode": refused.code} if refused.code else {})))


def write_answer(operation: str, text: str) -> bytes:
    """The envelope around an inner answer."""
    envelope, body = _envelope()
    answer = SubElement(body, f"om:{operation}Response", {"xmlns:om": OMLINK})
    SubElement(answer, "result").text = text
    return _bytes(envelope, "utf-8")


def write_fault(reason: str) -> bytes:
    """A SOAP fault."""
    envelope, body = _envelope()
    fault = SubElement(body, "soapenv:Fault")
    SubElement(fault, "faultcode").text = "soapenv:Client"
    SubElement(fault, "faultstring").text = reason
    return _bytes(envelope, "utf-8")


def write_wsdl(service: str) -> bytes:
    """Just enough to show that the service is reachable."""
    root = Element("wsdl:definitions", {"xmlns:wsdl": "http://schemas.xmlsoap.org/wsdl/", "targetNamespace": OMLINK})
    port_type = SubElement(root, "wsdl:portType", {"name": f"{service}Obj"})
    for operation in ("wsomhandler", "comwsomhandler"):
        SubElement(port_type, "wsdl:operation", {"name": operation})
    return _bytes(root, "utf-8")


def _parameter(call: Element, name: str) -> str | None:
    """Parameters may be written with or without the namespace."""
    for tag in (name, f"{{{OMLINK}}}{name}"):
        if (found := call.find(tag)) is not None:
            return found.text or ""
    return None


def _envelope() -> tuple[Element, Element]:
    envelope = Element("soapenv:Envelope", {"xmlns:soapenv": SOAP})
    return envelope, SubElement(envelope, "soapenv:Body")


def _latin(root: Element) -> str:
    """Declared ISO-8859-1; characters outside it as numeric references."""
    return _bytes(root, "iso-8859-1").decode("iso-8859-1")


def _bytes(root: Element, encoding: str) -> bytes:
    written: bytes = tostring(root, encoding=encoding, xml_declaration=True)
    return written
