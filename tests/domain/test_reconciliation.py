"""The classes of a comparison: each refund, note and payout is in exactly one, and says why in plain words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.exceptions import ExceptionCode, Track
from domain.money import Money
from domain.reconciliation.classes import DifferenceClass
from domain.reconciliation.difference import Matched
from domain.reconciliation.facts import (
    Agreed,
    CaseFact,
    LineUnits,
    LooseCredit,
    LooseRefund,
    NoteFact,
    OpenMatter,
    PayoutCounterpart,
    PayoutFact,
    RefundFact,
    StockFact,
)
from domain.reconciliation.loose import match_loose_credit, match_loose_refund, match_payout
from domain.reconciliation.matching import match_return
from domain.returns import RefundState

NOW = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
AGREED = Agreed(credit=timedelta(hours=24), refund=timedelta(days=5), stock=timedelta(hours=4))
OLD = NOW - timedelta(days=9)


def gbp(amount: int) -> Money:
    return Money(amount=amount, currency="GBP")


def refund(amount: int | None = 2000, refund_id: str = "RF1", **fields: Any) -> RefundFact:
    money = None if amount is None else gbp(amount)
    known: dict[str, Any] = {"state": RefundState.PAID, "at": OLD, "listed": True, "amount_text": f"{amount} GBP"}
    return RefundFact(refund_id=refund_id, amount=money, **{**known, **fields})


def note(total: int = 2000, number: str = "CN1", **fields: Any) -> NoteFact:
    known: dict[str, Any] = {"key": f"bh-{number}", "refund_id": "RF1", "at": OLD, "steps": 3, "cap": 3}
    return NoteFact(number=number, total=gbp(total), **{**known, **fields})


def stranger(total: int = 2000, number: str = "CN9", **fields: Any) -> NoteFact:
    return note(total, number, ours=False, in_erp=False, key="", refund_id="", **fields)


def compare(*facts: RefundFact | NoteFact, **fields: Any) -> Matched:
    case = CaseFact(
        return_id="R1",
        order_number="500123",
        refunds=[fact for fact in facts if isinstance(fact, RefundFact)],
        notes=[fact for fact in facts if isinstance(fact, NoteFact)],
        **fields,
    )
    return match_return(case, AGREED, NOW)


def classes(matched: Matched) -> dict[str, DifferenceClass]:
    assert len({(one.side, one.item_id) for one in matched.placed}) == len(matched.placed), "an item in two classes"
    return {one.item_id: one.kind for one in matched.placed}


def kinds(matched: Matched) -> list[DifferenceClass]:
    return [difference.kind for difference in matched.differences]


def test_R78_a_refund_and_its_note_over_the_same_amount_match() -> None:
    matched = compare(refund(), note())
    assert classes(matched) == {"RF1": DifferenceClass.MATCHED, "CN1": DifferenceClass.MATCHED}
    assert matched.differences == []


def test_R78_one_refund_may_be_credited_by_several_notes() -> None:
    matched = compare(refund(3000), note(2000), note(1000, "CN2"))
    assert set(classes(matched).values()) == {DifferenceClass.MATCHED}


@pytest.mark.parametrize("difference", [1, -1, 3, -3])
def test_R81_a_difference_within_tolerance_is_rounding_and_no_exception(difference: int) -> None:
    [found] = compare(refund(2000 + difference), note(2000)).differences
    assert (found.kind, found.value, found.code) == (DifferenceClass.ROUNDING, gbp(difference), None)


def test_R81_a_rounding_line_on_the_note_is_rounding_too() -> None:
    matched = compare(refund(2001), note(2001, rounding=1))
    [found] = matched.differences
    assert (found.kind, found.value) == (DifferenceClass.ROUNDING, gbp(1))
    assert set(classes(matched).values()) == {DifferenceClass.ROUNDING}


def test_R78_a_difference_beyond_tolerance_is_an_amount_mismatch_with_its_sign() -> None:
    [found] = compare(refund(2190), note(2000)).differences
    assert (found.kind, found.value, found.code) == (
        DifferenceClass.AMOUNT_MISMATCH,
        gbp(190),
        ExceptionCode.REFUND_MISMATCH,
    )
    assert found.text == "refund RF1 is over 21.90 GBP, credit note CN1 over 20.00 GBP: +1.90 GBP"
    assert kinds(compare(refund(2004), note(2000))) == [DifferenceClass.AMOUNT_MISMATCH]


@pytest.mark.parametrize("accepted", [gbp(190), None])
def test_R78_a_difference_that_finance_accepted_is_none(accepted: Money | None) -> None:
    matched = compare(refund(2190, accepted=[accepted]), note(2000))
    assert set(classes(matched).values()) == {DifferenceClass.DECIDED} and matched.differences == []


def test_R78_N6_finance_accepts_one_difference_and_no_other_one_of_the_refund() -> None:
    [found] = compare(refund(2190, accepted=[gbp(50)], decision="CANCEL_TRACK: goodwill"), note(2000)).differences
    assert (found.kind, found.value) == (DifferenceClass.AMOUNT_MISMATCH, gbp(190))


def test_R78_N6_finance_accepts_for_one_refund_and_for_no_other_one_of_the_return() -> None:
    others = refund(3000, "RF2", at=OLD + timedelta(hours=1)), note(1000, "CN2", refund_id="RF2")
    [found] = compare(refund(2190, accepted=[None]), note(2000), *others).differences
    assert (found.kind, found.subject, found.value) == (DifferenceClass.AMOUNT_MISMATCH, "RF2", gbp(2000))


def test_N3_an_accepted_amount_does_not_do_without_a_note() -> None:
    assert kinds(compare(refund(accepted=[None]))) == [DifferenceClass.MISSING_CREDIT]
    assert compare(refund(), ended=True).differences == []


def test_R78_where_nothing_more_is_expected_our_own_note_is_still_over_what_was_paid() -> None:
    assert kinds(compare(refund(2190), note(2000), ended=True)) == [DifferenceClass.AMOUNT_MISMATCH]
    assert compare(refund(2190), stranger(2000), ended=True).differences == []


def test_R81_several_notes_round_no_more_than_one() -> None:
    assert kinds(compare(refund(3003), note(2000), note(1000, "CN2"))) == [DifferenceClass.ROUNDING]
    assert kinds(compare(refund(3004), note(2000), note(1000, "CN2"))) == [DifferenceClass.AMOUNT_MISMATCH]


def test_a_note_in_another_currency_never_matches() -> None:
    euros = note().model_copy(update={"total": Money(amount=2000, currency="EUR")})
    [found] = compare(refund(), euros).differences
    assert (found.kind, found.code) == (DifferenceClass.AMOUNT_MISMATCH, ExceptionCode.CURRENCY_MISMATCH)


def test_an_amount_that_cannot_be_held_is_told_as_it_is_written() -> None:
    [found] = compare(refund(None, amount_text="20.005 GBP"), note()).differences
    assert found.code is ExceptionCode.AMOUNT_PRECISION and "20.005 GBP" in found.text


def test_N3_a_refund_without_a_note_is_a_difference_once_the_agreed_time_is_over() -> None:
    in_time = compare(refund(at=NOW - timedelta(hours=24)))
    assert classes(in_time) == {"RF1": DifferenceClass.PENDING} and in_time.differences == []
    late = compare(refund(at=NOW - timedelta(hours=24, seconds=1)))
    assert classes(late) == {"RF1": DifferenceClass.MISSING_CREDIT}
    [found] = late.differences
    assert (found.code, found.value, found.subject) == (ExceptionCode.CREDIT_OVERDUE, gbp(2000), "RF1")


def test_R47_R91_the_agreed_time_begins_when_the_refund_is_paid_and_that_day_is_told() -> None:
    waited = refund(at=NOW - timedelta(days=12), paid_at=NOW - timedelta(hours=1))
    assert classes(compare(waited)) == {"RF1": DifferenceClass.PENDING}
    [found] = compare(waited.model_copy(update={"paid_at": NOW - timedelta(hours=25)})).differences
    assert found.text == "refund RF1 over 20.00 GBP was paid on 2026-11-29 and has no credit note"


def test_a_note_that_waits_for_its_window_has_the_agreed_time_after_it() -> None:
    waiting = note(number="", in_erp=False, listed=False, waits_until=NOW + timedelta(hours=2))
    assert classes(compare(refund(), waiting)) == {"RF1": DifferenceClass.PENDING}
    missed = waiting.model_copy(update={"waits_until": NOW - timedelta(hours=25)})
    assert kinds(compare(refund(), missed)) == [DifferenceClass.MISSING_CREDIT]


@pytest.mark.parametrize("gone", [{"listed": False}, {"reversed": True}])
def test_R78_a_note_that_the_erp_does_not_have_any_more_is_missing(gone: dict[str, Any]) -> None:
    [found] = compare(refund(), note(**gone)).differences
    assert found.kind is DifferenceClass.MISSING_CREDIT and "CN1" in found.text
    assert found.figures["credit_note"] == "CN1"


def test_a_note_that_was_posted_outside_of_the_days_counts_as_our_record_has_it() -> None:
    matched = compare(refund(), note(listed=False, expected=False))
    assert classes(matched) == {"RF1": DifferenceClass.MATCHED} and matched.differences == []


def test_R76_a_note_that_a_person_linked_or_made_by_hand_matches() -> None:
    assert compare(refund(), note(number="HAND-7", listed=False, expected=False)).differences == []
    by_decision = refund(decision="LINK_EXISTING: CN9")
    assert compare(by_decision, stranger()).differences == []
    other_amount = compare(by_decision, stranger(1800))
    assert set(classes(other_amount).values()) == {DifferenceClass.DECIDED} and other_amount.differences == []


def test_R78_a_note_whose_refund_never_came() -> None:
    waiting = note(refund_id="", at=NOW - timedelta(days=5))
    assert classes(compare(waiting)) == {"CN1": DifferenceClass.PENDING}
    [found] = compare(note(refund_id="")).differences
    assert (found.kind, found.value, found.code) == (
        DifferenceClass.MISSING_REFUND,
        gbp(-2000),
        ExceptionCode.REFUND_NOT_CONFIRMED,
    )


def test_R78_a_note_whose_refund_failed_or_is_gone() -> None:
    [failed] = compare(refund(state=RefundState.FAILED), note()).differences
    assert failed.kind is DifferenceClass.MISSING_REFUND and "refund RF1 is failed" in failed.text
    [gone] = compare(refund(listed=False), note()).differences
    assert gone.kind is DifferenceClass.MISSING_REFUND and "does not list refund RF1 any more" in gone.text


def test_R78_a_second_refund_for_credited_units_is_a_duplicate() -> None:
    matched = compare(refund(), note(), refund(refund_id="RF2", at=OLD + timedelta(hours=1)), units_left=0)
    assert classes(matched)["RF1"] is DifferenceClass.MATCHED
    assert classes(matched)["RF2"] is DifferenceClass.DUPLICATE_REFUND
    [found] = matched.differences
    assert (found.subject, found.value, found.code) == ("RF2", gbp(2000), ExceptionCode.DUPLICATE_REFUND)
    with_units = compare(refund(), note(), refund(refund_id="RF2"), units_left=1)
    assert kinds(with_units) == [DifferenceClass.MISSING_CREDIT]


def test_R78_a_second_note_on_the_same_rma_is_a_duplicate() -> None:
    matched = compare(refund(), note(), stranger())
    assert classes(matched) == {
        "RF1": DifferenceClass.MATCHED,
        "CN1": DifferenceClass.MATCHED,
        "CN9": DifferenceClass.DUPLICATE_CREDIT,
    }
    assert [found.value for found in matched.differences] == [gbp(-2000)]


def test_two_notes_of_ours_for_one_refund_are_a_duplicate() -> None:
    matched = compare(refund(), note(), note(number="CN2", at=OLD + timedelta(hours=1)))
    assert classes(matched)["CN2"] is DifferenceClass.DUPLICATE_CREDIT
    assert kinds(matched) == [DifferenceClass.DUPLICATE_CREDIT]


@pytest.mark.parametrize("accepted", [gbp(190), None])
def test_R78_N6_what_finance_accepted_hides_no_second_note_of_ours(accepted: Money | None) -> None:
    matched = compare(refund(accepted=[accepted]), note(), note(number="CN2", at=OLD + timedelta(hours=1)))
    assert kinds(matched) == [DifferenceClass.DUPLICATE_CREDIT]
    one_that_was_accepted = compare(refund(accepted=[gbp(-2000)]), note(), note(number="CN2"))
    assert one_that_was_accepted.differences == []


def test_a_note_by_hand_over_another_amount_is_compared_with_the_refund_that_it_must_be_for() -> None:
    assert kinds(compare(refund(), stranger(1500))) == [DifferenceClass.AMOUNT_MISMATCH]


def test_what_moved_no_money_is_not_counted() -> None:
    matched = compare(refund(state=RefundState.PENDING), stranger(reversed=True))
    assert set(classes(matched).values()) == {DifferenceClass.NOT_COUNTED} and matched.differences == []


def test_N3_an_open_exception_of_the_return_covers_its_money() -> None:
    parked = OpenMatter(exception_id="ex-1", code=ExceptionCode.RMA_REJECTED, track=Track.RMA)
    [found] = compare(refund(), open=[parked]).differences
    assert found.covered_by == "ex-1"
    elsewhere = OpenMatter(exception_id="ex-2", code=ExceptionCode.OVER_RECEIPT, track=Track.GOODS)
    other_refund = OpenMatter(exception_id="ex-3", code=ExceptionCode.CREDIT_OVERDUE, refund="RF7")
    [uncovered] = compare(refund(), open=[elsewhere, other_refund]).differences
    assert uncovered.covered_by == ""


def line(credited: int, restocked: int, sku: str = "SHIRT", **fields: Any) -> LineUnits:
    return LineUnits(sku=sku, credited=credited, restocked=restocked, **fields)


def units(*lines: LineUnits, final: bool = False) -> Matched:
    return compare(stock=StockFact(lines=lines, final=final, at=OLD))


def test_R38_credited_and_restocked_units_that_differ_are_told_with_both_numbers() -> None:
    [found] = units(line(2, 1, accepted=2)).differences
    assert found.kind is DifferenceClass.STOCK_MISMATCH and found.units == 1
    assert found.text == "2 unit(s) were credited and 1 restocked: 1 without a reason"
    assert found.figures == {"credited_units": "2", "restocked_units": "1", "quantity": "1"}


@pytest.mark.parametrize(
    ("credited", "restocked", "fields", "code"),
    [
        pytest.param(2, 1, {"accepted": 2}, ExceptionCode.STOCK_REJECTED, id="the document is missing"),
        pytest.param(2, 1, {"accepted": 1}, ExceptionCode.REFUND_EXCEEDS_ACCEPTED, id="never accepted"),
        pytest.param(1, 2, {"accepted": 2}, ExceptionCode.REFUND_NOT_CONFIRMED, id="never credited"),
    ],
)
def test_R38_a_stock_difference_goes_to_whom_it_concerns(
    credited: int, restocked: int, fields: dict[str, Any], code: ExceptionCode
) -> None:
    [found] = units(line(credited, restocked, **fields), final=True).differences
    assert found.code is code


@pytest.mark.parametrize(
    ("credited", "restocked", "fields", "final"),
    [
        pytest.param(2, 2, {}, True, id="equal"),
        pytest.param(2, 1, {"without_stock": {"kept by the customer": 1}}, True, id="kept"),
        pytest.param(2, 1, {"booking": 1}, True, id="on its way"),
        pytest.param(0, 1, {}, False, id="the refund is still to come"),
        pytest.param(0, 1, {"without_credit": {"exchanged": 1}}, True, id="exchanged"),
    ],
)
def test_R38_units_with_a_reason_are_no_difference(
    credited: int, restocked: int, fields: dict[str, Any], final: bool
) -> None:
    assert units(line(credited, restocked, **fields), final=final).differences == []


KEPT, EXCHANGED = {"without_stock": {"kept by the customer": 1}}, {"without_credit": {"exchanged": 1}}


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([line(0, 0, "SOCKS", **KEPT)], id="kept and not credited"),
        pytest.param([line(1, 0, "SOCKS", **KEPT)], id="kept and credited"),
        pytest.param([line(0, 1, "SOCKS", **EXCHANGED)], id="exchanged and restocked"),
    ],
)
def test_R38_a_reason_explains_no_unit_of_another_line(others: list[LineUnits]) -> None:
    [found] = units(line(1, 0, accepted=1), *others).differences
    assert found.units == 1 and "1 x SHIRT without a reason" in found.text


def test_R38_units_that_were_exchanged_explain_none_that_were_not() -> None:
    [found] = units(line(0, 1), line(1, 1, "SOCKS", **EXCHANGED), final=True).differences
    assert (found.units, found.code) == (1, ExceptionCode.REFUND_NOT_CONFIRMED)
    assert found.text == "1 unit(s) were credited and 2 restocked: 1 x SHIRT without a reason"


def test_R38_both_ways_on_two_lines_are_one_difference_of_all_units() -> None:
    [found] = units(line(1, 0, accepted=1), line(0, 1, "SOCKS"), final=True).differences
    assert found.units == 2 and "1 x SHIRT, 1 x SOCKS without a reason" in found.text


def test_stock_has_its_agreed_time() -> None:
    fresh = StockFact(lines=[line(2, 0)], at=NOW - timedelta(hours=4))
    assert compare(stock=fresh).differences == []


def loose_refund(**fields: Any) -> LooseRefund:
    known: dict[str, Any] = {"state": RefundState.PAID, "amount": gbp(4200), "amount_text": "42.00 GBP", "at": OLD}
    return LooseRefund(refund_id="RF8", **{**known, **fields})


def test_R52_a_refund_without_a_return_names_order_and_amount() -> None:
    [found] = match_loose_refund(loose_refund(order_number="500777"), AGREED, NOW).differences
    assert (found.kind, found.code) == (DifferenceClass.OUT_OF_BAND_REFUND, ExceptionCode.OUT_OF_BAND_REFUND)
    assert found.text == "refund RF8 over 42.00 GBP for order 500777 belongs to no return"
    assert (found.value, found.order_number) == (gbp(4200), "500777")


def test_R52_a_refund_whose_webhook_may_be_late_has_the_agreed_time() -> None:
    assert match_loose_refund(loose_refund(at=NOW), AGREED, NOW).differences == []
    assert match_loose_refund(loose_refund(state=RefundState.FAILED), AGREED, NOW).differences == []


def test_a_note_of_somebody_else_is_told_by_one_of_the_connections_that_share_the_books() -> None:
    credit = LooseCredit(number="CN5", order_number="500888", total=gbp(990), at=OLD)
    [told] = match_loose_credit(credit, True, AGREED, NOW).differences
    assert (told.kind, told.value, told.code) == (DifferenceClass.FOREIGN_CREDIT, gbp(-990), None)
    assert not told.kind.serious
    assert match_loose_credit(credit, False, AGREED, NOW).differences == []
    of_another = credit.model_copy(update={"connection": "eu"})
    assert classes(match_loose_credit(of_another, True, AGREED, NOW)) == {"CN5": DifferenceClass.OTHER_CONNECTION}


def test_R78_a_note_of_somebody_else_over_what_we_credited_for_the_order_is_a_duplicate() -> None:
    credit = LooseCredit(number="CN5", order_number="500888", total=gbp(990), at=OLD, repeats="CN1", return_id="R1")
    [told] = match_loose_credit(credit, False, AGREED, NOW).differences
    assert (told.kind, told.value, told.code) == (
        DifferenceClass.DUPLICATE_CREDIT,
        gbp(-990),
        ExceptionCode.REFUND_MISMATCH,
    )
    assert "CN5" in told.text and "CN1" in told.text and told.return_id == "R1"
    fresh = credit.model_copy(update={"at": NOW - timedelta(hours=24)})
    assert classes(match_loose_credit(fresh, True, AGREED, NOW)) == {"CN5": DifferenceClass.PENDING}


def payout(known: PayoutCounterpart, amount: int = 2000) -> Any:
    line = PayoutFact(line="p1", refund_id="RF1", order_number="500123", amount=gbp(amount), paid_at=OLD)
    return match_payout(line, known)


def test_R80_a_payout_of_a_known_refund_over_its_amount_matches() -> None:
    assert payout(PayoutCounterpart(refund=gbp(2000))) is None


def test_R80_a_payout_over_another_amount_is_told_with_both() -> None:
    found = payout(PayoutCounterpart(refund=gbp(2000)), amount=2500)
    assert (found.kind, found.value) == (DifferenceClass.UNMATCHED_PAYOUT, gbp(500))
    assert "25.00 GBP" in found.text and "20.00 GBP" in found.text


def test_R79_a_refund_whose_amount_cannot_be_held_is_told_of_by_itself() -> None:
    assert payout(PayoutCounterpart(unusable=True)) is None
    assert payout(PayoutCounterpart(unusable=True, earlier=1)).kind is DifferenceClass.DUPLICATE_REFUND


def test_R80_a_payout_without_a_refund_names_its_order() -> None:
    of_a_case = payout(PayoutCounterpart(order_has_case=True))
    assert of_a_case.kind is DifferenceClass.UNMATCHED_PAYOUT and "500123" in of_a_case.text
    of_no_case = payout(PayoutCounterpart())
    assert of_no_case.kind is DifferenceClass.OUT_OF_BAND_REFUND and "500123" in of_no_case.text
    assert payout(PayoutCounterpart(earlier=1)).subject == "RF1#2", "each line is a difference of its own"


def test_R80_a_refund_that_was_paid_out_again_is_a_duplicate() -> None:
    found = payout(PayoutCounterpart(refund=gbp(2000), earlier=1))
    assert (found.kind, found.value, found.subject) == (DifferenceClass.DUPLICATE_REFUND, gbp(2000), "RF1#2")


def test_every_class_has_words() -> None:
    assert len({kind.words for kind in DifferenceClass}) == len(DifferenceClass)
