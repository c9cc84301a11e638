"""The XML on the wire: escaping both ways, and what is refused."""

from xml.etree.ElementTree import fromstring
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.prima import contract
from adapters.prima.codec import Record, Unreadable, read_reply, write_envelope, write_request
from adapters.prima.contract import CANCEL_RETURN, NEW_RETURN, PRODUCT_DETAIL, RETURN_RECEIPT

NASTY = "& < > \" ' ü ÿ € Łódź – 漢字 🧥 tab\tline\nreturn\r end"
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


def answer(inner: str, method: str = "wsomhandler", result: str = "result") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>'
        f'<om:{method}Response xmlns:om="urn:omlink"><{result}>{escape(inner)}</{result}>'
        f"</om:{method}Response></S:Body></S:Envelope>"
    ).encode()


def sent(body: bytes) -> str:
    """The inner document as Prima's SOAP layer would hand it over."""
    text = fromstring(body)[0][0][0].text
    assert text is not None
    return text


def narrative(text: str) -> str | None:
    inner = sent(write_envelope(write_request(CANCEL_RETURN, {"ReturnNumber": "R1", "Narrative": text}), None))
    return fromstring(inner.encode("iso-8859-1"))[0].get("Narrative")


def test_request_is_the_documented_shape() -> None:
    data = {"TPGUID": "rt-10234:rcpt:1", "ReturnNumber": "R0004711", "ReceiptDate": "2026-03-20"}
    row = {"ReturnLine": "1", "Quantity": "1", "Depot": "01", "Condition": "A"}
    assert write_request(RETURN_RECEIPT, data, [("ReceiptLineData", row)]) == (
        '<?xml version="1.0" encoding="ISO-8859-1"?><Request RequestType="ReturnReceipt">'
        '<Data TPGUID="rt-10234:rcpt:1" ReturnNumber="R0004711" ReceiptDate="2026-03-20">'
        '<ReceiptLineData ReturnLine="1" Quantity="1" Depot="01" Condition="A"/></Data></Request>'
    )


def test_unused_attributes_are_empty_and_unknown_ones_a_mistake() -> None:
    text = write_request(PRODUCT_DETAIL, {}, [("sku", {"Product": "P3001"})])
    assert '<sku Product="P3001" MtrxCode1="" MtrxCode2="" MtrxCode3="" MtrxCode4=""/>' in text
    with pytest.raises(KeyError):
        write_request(PRODUCT_DETAIL, {"Depot": "01"})


def test_company_goes_to_the_other_method() -> None:
    body = write_envelope("<Request/>", "01 & Söhne")
    call = fromstring(body)[0][0]
    assert call.tag == "{urn:omlink}comwsomhandler"
    assert [(child.tag, child.text) for child in call] == [
        ("pcRequest", "<Request/>"),
        ("pcCompany", "01 & Söhne"),
    ]


def test_latin_1_round_trip_of_nasty_text() -> None:
    """The inner document survives ISO-8859-1, and every character comes back."""
    assert narrative(NASTY) == NASTY
    assert "&#8364;" in write_request(CANCEL_RETURN, {"Narrative": "€"})
    assert "ü" in write_request(CANCEL_RETURN, {"Narrative": "ü"})


def test_what_is_no_xml_becomes_a_blank() -> None:
    assert narrative("a\x00b\x1bc\ud800d\uffffe") == "a b c d e"


@given(TEXTS)
def test_any_text_round_trips(text: str) -> None:
    assert narrative(text) == text


@given(TEXTS)
def test_any_text_in_an_answer_comes_back(text: str) -> None:
    quoted = escape(text, {'"': "&quot;"}).encode("iso-8859-1", "xmlcharrefreplace").decode("iso-8859-1")
    inner = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><Anything RequestStatus="OK"><Data X="' + quoted + '"/></Anything>'
    )
    assert read_reply(answer(inner)).data.values["X"] == text


@pytest.mark.parametrize("root", ["Response", "Answer", "PrimaReply"])
def test_any_root_name_and_both_cases_of_sku(root: str) -> None:
    reply = read_reply(answer(f'<{root} RequestStatus="OK"><Data><SKU A="1"/><sku A="2"/></Data></{root}>'))
    assert [row.get("A") for row in reply.data.rows("sku")] == ["1", "2"]


def test_error_without_data_and_without_code() -> None:
    reply = read_reply(answer('<Response RequestStatus="ERROR" RequestError="Order not found"/>'))
    assert (reply.ok, reply.text, reply.code) == (False, "Order not found", "")


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
    '<Response RequestStatus="OK"><Data X="&c;"/></Response>'
)
EXTERNAL = (
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><Response RequestStatus="OK"><Data>&e;</Data></Response>'
)
DEEP = '<Response RequestStatus="OK"><Data>' + "<a>" * 100_000


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param(LAUGHS, id="billion laughs"),
        pytest.param(EXTERNAL, id="external entity"),
        pytest.param('<!DOCTYPE Response SYSTEM "http://127.0.0.1:1/x.dtd"><Response/>', id="external DTD"),
        pytest.param(DEEP, id="depth"),
        pytest.param(DEEP + "</a>" * 100_000 + "</Data></Response>", id="closed depth"),
        pytest.param('<Response RequestStatus="OK"><Data>', id="cut"),
        pytest.param("not xml", id="text"),
        pytest.param("<Response/>", id="no status"),
        pytest.param('<Response RequestStatus="MAYBE"/>', id="unknown status"),
    ],
)
def test_hostile_and_broken_answers_are_refused(inner: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_reply(answer(inner))
    assert "hostname" not in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html><body>Login</body></html>", id="html"),
        pytest.param(b"\x00\x1f<<not what you asked for {[&", id="garbage"),
        pytest.param(LAUGHS.encode(), id="billion laughs outside"),
        pytest.param(DEEP.encode(), id="depth outside"),
        pytest.param(answer("", result="other"), id="no result"),
        pytest.param(b'<?xml version="1.0" encoding="utf-99"?><a/>', id="unknown encoding"),
    ],
)
def test_envelopes_that_are_none_are_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_reply(body)


def test_soap_fault_is_unreadable() -> None:
    fault = (
        f'<e:Envelope xmlns:e="{contract.SOAP_NS}"><e:Body><e:Fault><faultcode>x</faultcode></e:Fault>'
        "</e:Body></e:Envelope>"
    )
    with pytest.raises(Unreadable, match="SOAP fault"):
        read_reply(fault.encode())


def test_records_show_no_values() -> None:
    record = Record("OrderDeliveryData", {"Surname": "Byron"})
    assert "Byron" not in repr(record)
    assert "Byron" not in repr(Record("Data", {}, (record,)))


def test_every_shape_names_each_attribute_once() -> None:
    for shape in NEW_RETURN.shape.values():
        assert len(shape.split()) == len(set(shape.split()))
