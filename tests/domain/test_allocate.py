"""Inspected units find the lines of the return that they are for (R21, R22)."""

import pytest

from domain.inspection import InspectedUnits, Inspection, OpenLine, OverReceipt, UnexpectedSku, allocate, split

COAT, SHIRT = "P1001", "P2001"


def lines(*spec: tuple[str, str, int]) -> list[OpenLine]:
    """(order line, SKU, outstanding)."""
    return [
        OpenLine(line_id=f"{number}/{sku}", order_line_id=number, skus=[sku, f"old-{sku}"], outstanding=left)
        for number, sku, left in spec
    ]


def scan(*units: tuple[str, int, str, str]) -> Inspection:
    """(SKU, quantity, disposition, order line)."""
    found = [InspectedUnits(sku=s, quantity=q, disposition=d, order_line_id=o) for s, q, d, o in units]
    return Inspection(inspection_id="s", location="L", units=found)


def test_R32_each_disposition_keeps_its_units() -> None:
    found = allocate(scan((COAT, 1, "A", ""), (COAT, 1, "C", "")), lines(("1", COAT, 2)))
    assert [(u.line_id, u.quantity, u.disposition) for u in found] == [("1/P1001", 1, "A"), ("1/P1001", 1, "C")]


def test_E17_units_fill_the_lines_in_their_order() -> None:
    found = allocate(scan((COAT, 3, "A", "")), lines(("1", COAT, 1), ("2", SHIRT, 5), ("3", COAT, 2)))
    assert [(u.line_id, u.quantity) for u in found] == [("1/P1001", 1), ("3/P1001", 2)]


def test_a_named_order_line_is_obeyed() -> None:
    found = allocate(scan((COAT, 1, "A", "3")), lines(("1", COAT, 1), ("3", COAT, 1)))
    assert [u.line_id for u in found] == ["3/P1001"]
    with pytest.raises(OverReceipt, match="SKU P1001 of order line 3: only 1"):
        allocate(scan((COAT, 2, "A", "3")), lines(("1", COAT, 1), ("3", COAT, 1)))


def test_another_name_of_the_sku_is_understood_and_the_first_one_is_used() -> None:
    [units] = allocate(scan((f"old-{COAT}", 1, "A", "")), lines(("1", COAT, 1)))
    assert units.sku == COAT


def test_R22_E19_a_sku_that_is_not_on_the_return_is_refused() -> None:
    with pytest.raises(UnexpectedSku, match="SKU P9 is not on this return; it has P1001, P2001"):
        allocate(scan(("P9", 1, "A", "")), lines(("1", COAT, 1), ("2", SHIRT, 1)))
    with pytest.raises(UnexpectedSku, match="it has no lines"):
        allocate(scan(("P9", 1, "A", "")), [])


def test_R22_E18_more_than_is_still_to_come_is_refused_as_a_whole() -> None:
    with pytest.raises(OverReceipt, match=r"only 2 unit\(s\) are still to come"):
        allocate(scan((COAT, 2, "A", ""), (COAT, 1, "C", "")), lines(("1", COAT, 2)))


def test_E18_E19_what_the_return_does_not_have_is_surplus_and_the_rest_finds_its_line() -> None:
    found, surplus = split(scan((COAT, 3, "A", ""), ("P9", 1, "C", ""), (SHIRT, 1, "A", "")), lines(("1", COAT, 2)))
    assert [(u.line_id, u.quantity) for u in found] == [("1/P1001", 2)]
    assert [(s.sku, s.quantity, s.why) for s in surplus] == [
        (COAT, 1, "over"),
        ("P9", 1, "unexpected"),
        (SHIRT, 1, "unexpected"),
    ]


def test_E18_nothing_is_lost_between_lines_and_surplus() -> None:
    parcel = scan((COAT, 2, "A", ""), (COAT, 2, "C", ""), (SHIRT, 4, "A", ""))
    found, surplus = split(parcel, lines(("1", COAT, 3), ("2", SHIRT, 1), ("3", SHIRT, 2)))
    assert sum(u.quantity for u in found) + sum(s.quantity for s in surplus) == sum(u.quantity for u in parcel.units)


def test_E18_a_refusal_says_how_a_counted_parcel_is_sent() -> None:
    with pytest.raises(OverReceipt, match="confirmed=true"):
        allocate(scan((COAT, 2, "A", "")), lines(("1", COAT, 1)))
