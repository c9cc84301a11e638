"""The exception catalogue: domain.md 5.3."""

import pytest
from pydantic import ValidationError

from domain.catalogue import CATALOGUE, owner_of
from domain.causes.cx import CX
from domain.causes.data import INTEGRATION, MERCHANDISING
from domain.causes.finance import FINANCE
from domain.causes.warehouse import WAREHOUSE
from domain.exceptions import ExceptionCode, Owner, ResolutionKind, Track
from domain.resolution import Resolution, Role, deciding

#: The table of domain.md 5.3.
OWNERS = {
    Owner.FINANCE: """REFUND_MISMATCH DUPLICATE_REFUND CREDIT_REJECTED CREDIT_OVERDUE TAX_CODE_UNMAPPED
        CURRENCY_MISMATCH ORDER_DRIFT SNAPSHOT_NOT_FOOTING NOTHING_TO_APPLY PERIOD_CLOSED OUT_OF_BAND_REFUND
        ROUNDING_DRIFT CANCEL_AFTER_CREDIT REFUND_EXCEEDS_ACCEPTED AMOUNT_PRECISION DAMAGED_DECISION""",
    Owner.WAREHOUSE: """LOCATION_UNMAPPED DISPOSITION_UNMAPPED STOCK_REJECTED INSPECTION_CONFLICT OVER_RECEIPT
        UNEXPECTED_SKU UNMATCHED_RECEIPT INSPECTION_AFTER_CANCEL LATE_RETURN RECEIPT_NOT_INSPECTED
        PARTIAL_ACCEPT RMA_REJECTED RMA_CLOSED_IN_ERP""",
    Owner.CX: """ORDER_NOT_FOUND VALIDATION_QTY EXCHANGE_OOS EXCHANGE_DATA EXCHANGE_EXPOSURE
        EXCHANGE_PAYMENT_MISSING REFUND_FAILED REFUND_NOT_CONFIRMED STATUS_DRIFT CANCEL_AFTER_RECEIPT
        ORDER_LOCKED LOST_PARCEL EXPOSURE_DUE""",
    Owner.MERCHANDISING: "SKU_NOT_IN_MASTER BUNDLE_RECIPE_MISSING REASON_UNMAPPED",
    Owner.INTEGRATION: "EVENT_CONFLICT EVENT_INVALID CONNECTION_DOWN CONFIG_INVALID",
}


def test_R68_each_code_has_exactly_one_owner() -> None:
    listed = {code: owner for owner, codes in OWNERS.items() for code in codes.split()}
    assert {code.value: owner_of(code) for code in ExceptionCode} == listed


def test_R68_no_code_is_listed_twice() -> None:
    entries = (*FINANCE, *WAREHOUSE, *CX, *MERCHANDISING, *INTEGRATION)
    assert len(entries) == len({entry.code for entry in entries}) == len(ExceptionCode)


@pytest.mark.parametrize("code", ExceptionCode)
def test_R67_R75_every_code_has_texts_for_people(code: ExceptionCode) -> None:
    entry = CATALOGUE[code]
    assert entry.code is code
    assert entry.title
    assert entry.steps
    for text in (entry.explanation, *entry.steps):
        assert text[0].isupper()
        assert text.endswith(".")
        assert "  " not in text
        assert code.value not in text


@pytest.mark.parametrize("code", ExceptionCode)
def test_R69_every_code_has_sensible_decisions(code: ExceptionCode) -> None:
    resolutions = CATALOGUE[code].resolutions
    assert len(set(resolutions)) == len(resolutions)
    if code is ExceptionCode.CONNECTION_DOWN:
        assert resolutions == (), "it closes by itself"
    else:
        assert ResolutionKind.CANCEL_TRACK in resolutions, "a person must always be able to end it"
    money = {ResolutionKind.ACCEPT_ORDER_AMOUNT, ResolutionKind.ACCEPT_PLATFORM_AMOUNT}
    for kind in money & set(resolutions):
        assert deciding(CATALOGUE[code].owner, kind) is Owner.FINANCE


def test_E31_money_is_finances_decision_whoever_owns_the_exception() -> None:
    lost = CATALOGUE[ExceptionCode.LOST_PARCEL].owner
    assert (Role.CX.may_decide(lost), Role.FINANCE.may_decide(lost)) == (True, False)
    for kind in (ResolutionKind.ACCEPT_ORDER_AMOUNT, ResolutionKind.ACCEPT_PLATFORM_AMOUNT):
        allowed = {role for role in Role if role.may_decide(lost, kind)}
        assert allowed == {Role.FINANCE, Role.ADMIN}
    assert Role.CX.may_decide(lost, ResolutionKind.WRITE_OFF)


@pytest.mark.parametrize("share", ["101", "-1", "half", "50.5", ""])
def test_E22_a_share_is_a_whole_percentage(share: str) -> None:
    with pytest.raises(ValidationError, match="share is a whole percentage from 0 to 100"):
        _edited(share)


@pytest.mark.parametrize("share", ["0", "50", "100"])
def test_E22_a_share_may_be_decided(share: str) -> None:
    assert _edited(share).edits == {"share": share}


def _edited(share: str) -> Resolution:
    kind = ResolutionKind.EDIT_AND_RETRY
    return Resolution(exception_id="e", version=1, kind=kind, role=Role.FINANCE, actor="u", edits={"share": share})


DECISIONS = {
    ExceptionCode.REFUND_MISMATCH: (
        "ACCEPT_PLATFORM_AMOUNT ACCEPT_ORDER_AMOUNT LINK_EXISTING DONE_BY_HAND RETRY CANCEL_TRACK"
    ),
    ExceptionCode.LOCATION_UNMAPPED: "EDIT_AND_RETRY RETRY CANCEL_TRACK",
    ExceptionCode.SKU_NOT_IN_MASTER: "RETRY EDIT_AND_RETRY LINK_EXISTING CANCEL_TRACK",
    ExceptionCode.RMA_REJECTED: "RETRY EDIT_AND_RETRY LINK_EXISTING DONE_BY_HAND CANCEL_TRACK",
    ExceptionCode.CREDIT_REJECTED: "RETRY EDIT_AND_RETRY LINK_EXISTING DONE_BY_HAND CANCEL_TRACK",
    ExceptionCode.STOCK_REJECTED: "RETRY EDIT_AND_RETRY LINK_EXISTING DONE_BY_HAND WRITE_OFF CANCEL_TRACK",
    ExceptionCode.TAX_CODE_UNMAPPED: "RETRY EDIT_AND_RETRY DONE_BY_HAND CANCEL_TRACK",
    ExceptionCode.DUPLICATE_REFUND: "CANCEL_TRACK ACCEPT_PLATFORM_AMOUNT LINK_EXISTING DONE_BY_HAND RETRY",
}


@pytest.mark.parametrize("code", DECISIONS)
def test_R69_R73_decisions_of_the_common_codes(code: ExceptionCode) -> None:
    assert set(CATALOGUE[code].resolutions) == {ResolutionKind(name) for name in DECISIONS[code].split()}


def test_N5_every_code_of_one_return_names_its_track() -> None:
    without = {code for code in ExceptionCode if CATALOGUE[code].track is None}
    assert without == {
        ExceptionCode.EVENT_INVALID,
        ExceptionCode.CONNECTION_DOWN,
        ExceptionCode.CONFIG_INVALID,
    }
    assert all(entry.track is Track.FINANCE for entry in FINANCE)


def test_catalogue_cannot_be_changed_at_run_time() -> None:
    with pytest.raises(TypeError):
        CATALOGUE[ExceptionCode.EVENT_INVALID] = CATALOGUE[ExceptionCode.EVENT_CONFLICT]  # type: ignore[index]
