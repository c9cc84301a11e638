"""Envelope, inner document, encodings, hostile XML: what goes over the wire before any business."""

from collections.abc import AsyncIterator
from xml.etree.ElementTree import fromstring

import pytest

from sandbox.prima import PrimaSandbox
from tests.sandbox.prima_wire import KEY, SKU, Wire, envelope, inner, new_return, result_text, wire

ORDER = '<Data OrderNumber="2011234"/>'
BOMB = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.fixture
async def prima() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


async def test_the_wsdl_answers(prima: Wire) -> None:
    answer = await prima.http.get(f"{prima.prima.path}/wsdl", params={"targetURI": "urn:omlink"})
    assert answer.status_code == 200
    assert fromstring(answer.content).tag.endswith("definitions")


async def test_the_answer_is_escaped_xml_in_a_soap_envelope(prima: Wire) -> None:
    answer = await prima.post(envelope(inner("OrderStatus", ORDER)))
    assert answer.status_code == 200
    assert b"&lt;Response" in answer.content
    text = result_text(answer.content)
    assert text.startswith("<?xml version='1.0' encoding='iso-8859-1'?>")
    assert fromstring(text.encode("iso-8859-1")).attrib == {
        "RequestType": "OrderStatus",
        "RequestStatus": "OK",
    }


async def test_an_inner_document_without_declaration_is_read(prima: Wire) -> None:
    answer = await prima.send(f'<Request RequestType="OrderStatus">{ORDER}</Request>')
    assert answer.data.get("OrderStatus") == "Despatched"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"\xff\xfe",
        b'<?xml version="1.0"?>' + BOMB.encode() + b"<r>&b;</r>",
        envelope("x").replace(b"wsomhandler", b"dropdatabase"),
        envelope("x").replace(b"urn:omlink", b"urn:other"),
        envelope("x").replace(b"pcRequest", b"pcQuestion"),
        envelope("x").replace(b"schemas.xmlsoap.org", b"schemas.example.org"),
    ],
)
async def test_a_bad_envelope_is_a_soap_fault(prima: Wire, body: bytes) -> None:
    answer = await prima.post(body)
    assert answer.status_code == 500
    assert fromstring(answer.content).find(".//faultstring") is not None


@pytest.mark.parametrize("drop", ["SOAPAction", "Content-Type"])
async def test_a_missing_header_is_a_soap_fault(prima: Wire, drop: str) -> None:
    headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
    del headers[drop]
    answer = await prima.http.post(prima.prima.path, content=envelope(inner("OrderStatus", ORDER)), headers=headers)
    assert answer.status_code == 500


@pytest.mark.parametrize(
    "text",
    [
        "not xml",
        '<Request RequestType="OrderStatus">',
        '<Request RequestType="OrderStatus"/>',
        "<Other/>",
        f'<?xml version="1.0" encoding="UTF-8"?><Request RequestType="OrderStatus">{ORDER}</Request>',
        f'<?xml version="1.0"?>{BOMB}<Request RequestType="OrderStatus"><Data OrderNumber="&b;"/></Request>',
        '<!DOCTYPE r SYSTEM "file:///etc/passwd"><Request RequestType="OrderStatus"><Data/></Request>',
        inner("OrderStatus", '<Data OrderNumber="Łódź"/>'),
        inner("DropTables", "<Data/>"),
        inner("OrderStatus", "<Data/>"),
        inner("OrderStatus", '<Data OrderNumber=""/>'),
        inner("OrderStatus", '<Data OrderNumber="2011234" Ordernumber="2011234"/>'),
        inner("OrderStatus", '<Data OrderNumber="2011234"><Extra/></Data>'),
    ],
)
async def test_a_bad_inner_document_is_an_error_without_a_code(prima: Wire, text: str) -> None:
    answer = await prima.send(text)
    assert not answer.ok
    assert answer.code is None
    assert answer.text


async def test_characters_outside_latin_1_travel_as_references_both_ways(prima: Wire) -> None:
    data = new_return().replace(
        'ReturnNarrative=""', 'ReturnNarrative="&#321;&#243;d&#378; &amp; M\u00fcller &lt;&apos;"'
    )
    assert (await prima.ask("NewReturn", data)).ok
    body = (await prima.post(envelope(inner("ReturnDetail", f'<Data TPGUID="{KEY}"/>')))).content
    text = result_text(body)
    assert "&#321;ód&#378; &amp; Müller &lt;'" in text
    detail = fromstring(text.encode("iso-8859-1")).find("Data")
    assert detail is not None
    assert detail.get("ReturnNarrative") == "Łódź & Müller <'"


@pytest.mark.parametrize("tag", ["sku", "SKU"])
async def test_the_case_of_sku_does_not_matter_in_requests(prima: Wire, tag: str) -> None:
    answer = await prima.ask("MultiAvailableToSell", f"<Data><{tag} {SKU}/></Data>")
    row = answer.data.find("SKU")
    assert row is not None
    assert row.get("AvailableQuantity") == "12"
    assert row.get("AvailableDate") == "20/03/2026"


async def test_a_company_is_asked_for_when_configured() -> None:
    async with wire(PrimaSandbox(company="01", env="live")) as prima:
        assert prima.prima.path == "/wsalive/wsalive"
        text = inner("OrderStatus", ORDER)
        right = await prima.post(envelope(text, "comwsomhandler", "01"))
        assert 'RequestStatus="OK"' in result_text(right.content, "comwsomhandler")
        wrong = await prima.post(envelope(text, "comwsomhandler", "02"))
        assert 'RequestStatus="ERROR"' in result_text(wrong.content, "comwsomhandler")
        assert not (await prima.send(text)).ok
