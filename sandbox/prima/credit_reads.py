"""Reading credit notes: CreditNoteDetail, CreditNoteList."""

from xml.etree.ElementTree import Element, SubElement

from sandbox.prima.fields import day, only_children, read_row, whole, yes_no
from sandbox.prima.model import Credit
from sandbox.prima.money import write_amount
from sandbox.prima.refusal import Refused
from sandbox.prima.state import Desk

MOST_ROWS = 200


def credit_note_detail(desk: Desk, data: Element, lag: float) -> Element:
    """By `TPGUID` or by `CreditNumber`."""
    only_children(data)
    asked = read_row(data, "TPGUID CreditNumber")
    number = asked["CreditNumber"] or desk.world.number_by_key("NewCreditNote", asked["TPGUID"])
    credit = desk.world.credits.get(number, lag) if number else None
    if credit is None:
        raise Refused("Credit note not found", "NOTFOUND")
    return _detail(credit)


def credit_note_list(desk: Desk, data: Element, lag: float) -> Element:
    """Notes dated within both days, lowest number first, at most 200 an answer; `MoreRows` tells of more."""
    only_children(data)
    asked = read_row(data, "DateFrom! DateTo! FromRow MaxRows")
    first, last = day(asked, "DateFrom"), day(asked, "DateTo")
    start = whole(asked, "FromRow") if asked["FromRow"] else 1
    count = min(whole(asked, "MaxRows"), MOST_ROWS) if asked["MaxRows"] else MOST_ROWS
    if start < 1 or count < 1:
        raise Refused("FromRow and MaxRows start at 1")
    rows = [credit for credit in desk.world.credits.values(lag) if first <= credit.day <= last]
    end = start - 1 + count
    answer = Element("Data", {"MoreRows": yes_no(len(rows) > end)})
    for credit in rows[start - 1 : end]:
        SubElement(answer, "CreditData", _header(credit))
    return answer


def _header(credit: Credit) -> dict[str, str]:
    header = {
        "CreditNumber": credit.number,
        "TPGUID": credit.tpguid,
        "ReturnNumber": credit.return_number,
        "OrderNumber": credit.order,
        "InvoiceNumber": credit.invoice,
        "CreditDate": credit.day.isoformat(),
        "CreditTotal": write_amount(credit.total, credit.currency),
        "Currency": credit.currency,
        "CreditStatus": credit.status,
    }
    return header | ({"ReversalNumber": credit.reversal} if credit.reversal else {})


def _detail(credit: Credit) -> Element:
    money = credit.currency
    answer = Element("Data", _header(credit))
    for line in credit.lines:
        row = {
            "CreditLine": str(line.line),
            "ReturnLine": str(line.return_line),
            "OrderLine": str(line.order_line),
            **line.sku.attributes,
            "Quantity": str(line.quantity),
            "Price": write_amount(line.price, money),
            "VatRate": f"{line.vat_rate:.2f}",
            "VatValue": write_amount(line.vat_value, money),
        }
        SubElement(answer, "CreditLineData", row)
    for charge in credit.charges:
        row = {"Charge": charge.charge, "ChargeValue": write_amount(charge.value, money)}
        SubElement(answer, "CreditChargeData", row)
    return answer
