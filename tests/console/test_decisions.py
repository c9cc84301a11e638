"""Deciding in place: by whom, with what, once, and by two people where it is about much money (R69, R110, E67)."""

import pytest

from domain.accounts import AccountRole
from domain.catalogue import CATALOGUE
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.money import Money
from store.records import ExceptionRecord, ExceptionState, OpenException
from tests.console.browser import ADMIN, CX, FINANCE, VIEWER, WAREHOUSE, Browser, Console
from tests.console.waiting import mismatch, opened, rejected, unmapped

MUCH = Money(amount=60_000, currency="EUR")
BY_HAND = {"kind": "DONE_BY_HAND", "version": "1", "DONE_BY_HAND-document": "CN-9"}


async def put(console: Console, item: OpenException) -> str:
    async with console.store.begin() as unit:
        await unit.exceptions.open(item)
    return f"/exceptions/{item.id}"


async def read(console: Console, path: str) -> ExceptionRecord:
    async with console.store.reading() as unit:
        record = await unit.exceptions.get(path.removeprefix("/exceptions/"))
    assert record is not None
    return record


async def trail(console: Console, path: str) -> list[tuple[str, str]]:
    """Actor and action of every line of the audit but the first, the oldest first."""
    async with console.store.reading() as unit:
        entries = await unit.audit.list(path.removeprefix("/exceptions/"))
    return [(entry.actor, entry.action) for entry in reversed(entries)][1:]


async def named(console: Console, name: str, *roles: AccountRole) -> Browser:
    if name not in console.browsers:
        await console.account(name, *roles)
        console.browsers[name] = console.stranger()
        await console.browsers[name].sign_in(name)
    return console.browsers[name]


async def test_R69_a_decision_is_made_on_the_page_which_then_says_what_happens_next(console: Console) -> None:
    path = await put(console, rejected("D-1"))
    finance = await console.signed_in(FINANCE)
    page = await finance.submit(path, BY_HAND)
    assert "Decided: Done by hand. The credit note that you made takes the place of ours." in page.text
    assert "What was decided Done by hand by finance-account" in page.text
    assert "document CN-9" in page.text
    assert page.all("form", action=path) == [], "nothing is left to decide"
    record = await read(console, path)
    assert record.resolution is not None
    assert (record.state, record.resolution.document) == (ExceptionState.RESOLVED, "CN-9")
    assert "/exceptions/D-1" not in [a.get("href") for a in (await finance.page("/exceptions")).all("a")]


async def test_E67_pressing_twice_decides_once(console: Console) -> None:
    path = await put(console, rejected("D-2"))
    finance = await console.signed_in(FINANCE)
    assert (await finance.post(path, BY_HAND)).status_code == 303
    again = await finance.submit(path, BY_HAND)
    assert "It was decided so already: Done by hand. Nothing was done twice." in again.text
    assert await trail(console, path) == [("finance-account", "exception.resolved")]


async def test_E67_a_page_that_is_older_than_anothers_decision_says_what_changed(console: Console) -> None:
    path = await put(console, rejected("D-3"))
    finance, admin = await console.signed_in(FINANCE), await console.signed_in(ADMIN)
    assert (await admin.post(path, BY_HAND)).status_code == 303
    answer = await finance.post(path, {"kind": "LINK_EXISTING", "version": "1", "LINK_EXISTING-document": "CN-10"})
    assert answer.status_code == 409
    assert "Your decision was not made." in answer.text
    assert "admin-account has decided it meanwhile: Done by hand." in answer.text
    assert (await read(console, path)).resolution.document == "CN-9"  # type: ignore[union-attr]


async def test_what_is_missing_is_said_beside_its_field_and_what_was_typed_stays(console: Console) -> None:
    path = await put(console, rejected("D-4", amount=None))
    finance = await console.signed_in(FINANCE)
    for sent, sentence in (
        ({"kind": "CANCEL_TRACK", "CANCEL_TRACK-reason": " "}, "The reason is missing."),
        ({"kind": "DONE_BY_HAND", "DONE_BY_HAND-reason": "typed"}, "The number of the ERP document is missing."),
        ({"kind": "EDIT_AND_RETRY"}, "Nothing is corrected yet"),
        ({"kind": "EDIT_AND_RETRY", "EDIT_AND_RETRY-edit-0": "soon"}, "is not a date such as 2026-03-01"),
        ({"kind": "WRITE_OFF", "WRITE_OFF-reason": "x"}, "Choose one of the decisions of this page."),
        ({}, "Choose one of the decisions of this page."),
    ):
        answer = await finance.post(path, {"version": "1", **sent})
        assert answer.status_code == 422, sent
        assert sentence in answer.text
        assert all(f'value="{text}"' in answer.text for text in sent.values() if text == "typed")
    assert (await read(console, path)).state is ExceptionState.OPEN


async def test_corrections_are_fields_that_offer_what_the_connection_knows(console: Console) -> None:
    path = await put(console, unmapped(1))
    page = await (await console.signed_in(WAREHOUSE)).page(path)
    assert "Place where the parcel was inspected Until now: LDN-9." in page.text
    assert [a["value"] for a in page.all("option")] == ["", "LDN-1", "LDN-2"]
    answer = await (await console.signed_in(WAREHOUSE)).post(
        path, {"kind": "EDIT_AND_RETRY", "version": "1", "EDIT_AND_RETRY-edit-0": "LDN-9"}
    )
    assert "choose one of the list" in answer.text


async def test_a_correction_without_a_known_name_asks_for_it(console: Console) -> None:
    item = opened("D-5", ExceptionCode.SKU_NOT_IN_MASTER, payload={})
    path = await put(console, item)
    admin = await console.signed_in(ADMIN)
    sent = {"kind": "EDIT_AND_RETRY", "version": "1", "EDIT_AND_RETRY-edit-0": "P-2"}
    refused = await admin.post(path, sent)
    assert "Say which code or SKU this is for." in refused.text
    assert (await admin.post(path, {**sent, "EDIT_AND_RETRY-edit-0-for": "P-1"})).status_code == 303
    decided = (await read(console, path)).resolution
    assert decided is not None
    assert decided.edits == {"sku.P-1": "P-2"}


# --- whose it is


@pytest.mark.parametrize("role", [CX, WAREHOUSE], ids=str)
async def test_R110_others_see_what_is_possible_and_whose_it_is_but_get_no_form(
    console: Console, role: AccountRole
) -> None:
    path = await put(console, mismatch("D-6"))
    browser = await console.signed_in(role)
    page = await browser.page(path)
    assert f"You are signed in with the role {role}. Others decide this:" in page.text
    assert "Accept the platform's amount , by finance:" in page.text
    assert page.all("form", action=path) == []


async def test_R110_a_cx_user_who_sends_finances_decision_is_refused_and_logged(console: Console) -> None:
    path = await put(console, mismatch("D-7"))
    cx = await console.signed_in(CX)
    answer = await cx.post(
        path, {"kind": "ACCEPT_PLATFORM_AMOUNT", "version": "1", "ACCEPT_PLATFORM_AMOUNT-reason": "x"}
    )
    assert answer.status_code == 403
    assert "It is for finance to decide." in answer.text
    assert (await read(console, path)).state is ExceptionState.OPEN
    assert await trail(console, path) == [("cx-account", "exception.refused")]


async def test_R110_a_viewer_decides_nothing(console: Console) -> None:
    path = await put(console, rejected("D-8"))
    assert (await (await console.signed_in(VIEWER)).post(path, BY_HAND)).status_code == 403
    assert (await read(console, path)).state is ExceptionState.OPEN


async def test_R110_money_is_finances_also_on_the_exception_of_another_team(console: Console) -> None:
    path = await put(console, opened("D-9", ExceptionCode.LOST_PARCEL, return_id="R53"))
    cx, finance = await console.signed_in(CX), await console.signed_in(FINANCE)
    assert [a["value"] for a in (await cx.page(path)).all("input", name="kind")] == [
        "WRITE_OFF",
        "RETRY",
        "DONE_BY_HAND",
        "CANCEL_TRACK",
    ]
    assert [a["value"] for a in (await finance.page(path)).all("input", name="kind")] == ["ACCEPT_ORDER_AMOUNT"]


# --- a second person


async def test_R110_much_money_waits_for_a_second_person_who_confirms_it(console: Console) -> None:
    path = await put(console, rejected("D-10", amount=MUCH))
    fiona, frank = await named(console, "fiona", FINANCE), await named(console, "frank", FINANCE)
    assert "Above 500 EUR a second person has to confirm it." in (await fiona.page(path)).text

    mine = await fiona.submit(path, {**BY_HAND, "DONE_BY_HAND-reason": "agreed"})
    assert (
        "Proposed: Done by hand. It is, or may be, about more than 500, so another person has to confirm it."
        in mine.text
    )
    assert "That was you. Another person of finance has to confirm it." in mine.text
    assert "CONFIRM" not in [a["value"] for a in mine.all("input", name="kind")]
    assert (await read(console, path)).state is ExceptionState.OPEN

    theirs = await frank.page(path)
    assert "fiona has proposed Done by hand" in theirs.text
    assert "(document CN-9; reason: agreed). Nothing has been done yet." in theirs.text
    confirm = {"kind": "CONFIRM", "version": "2", "confirm-reason": "I looked at CN-9"}
    done = await frank.submit(path, confirm)
    assert "What was decided Done by hand by frank" in done.text
    assert "proposed by fiona" in done.text
    again = await frank.submit(path, confirm)
    assert "Nothing was done twice." in again.text
    assert await trail(console, path) == [("fiona", "exception.proposed"), ("frank", "exception.resolved")]


async def test_R110_E67_the_first_person_cannot_be_the_second_and_pressing_twice_is_not_it(console: Console) -> None:
    path = await put(console, rejected("D-11", amount=MUCH))
    fiona = await named(console, "fiona", FINANCE)
    await fiona.post(path, BY_HAND)
    again = await fiona.submit(path, BY_HAND)
    assert "You have proposed this already." in again.text
    forged = await fiona.post(path, {"kind": "CONFIRM", "version": "2"})
    assert forged.status_code == 409
    assert "another person has to confirm it" in forged.text
    assert (await read(console, path)).state is ExceptionState.OPEN
    assert [action for _, action in await trail(console, path)] == ["exception.proposed", "exception.refused"]


async def test_R110_another_team_sees_the_proposal_and_cannot_confirm_it(console: Console) -> None:
    path = await put(console, rejected("D-12", amount=MUCH))
    await (await named(console, "fiona", FINANCE)).post(path, BY_HAND)
    cx = await console.signed_in(CX)
    page = await cx.page(path)
    assert "A second person of finance confirms it." in page.text
    assert (await cx.post(path, {"kind": "CONFIRM", "version": "2"})).status_code == 403
    assert (await read(console, path)).state is ExceptionState.OPEN


async def test_E67_a_proposal_that_was_changed_meanwhile_is_not_confirmed_by_an_old_page(console: Console) -> None:
    path = await put(console, rejected("D-13", amount=MUCH))
    fiona, frank = await named(console, "fiona", FINANCE), await named(console, "frank", FINANCE)
    await fiona.post(path, BY_HAND)
    await fiona.post(path, {**BY_HAND, "version": "2", "DONE_BY_HAND-document": "CN-11"})
    late = await frank.post(path, {"kind": "CONFIRM", "version": "2"})
    assert late.status_code == 409
    assert "fiona has proposed a decision meanwhile: Done by hand." in late.text
    assert "document CN-11" in late.text
    assert (await read(console, path)).state is ExceptionState.OPEN


async def test_R110_E22_a_share_of_much_money_is_proposed_by_the_page_too(console: Console) -> None:
    path = await put(console, opened("D-15", ExceptionCode.DAMAGED_DECISION, return_id="R54", amount=MUCH))
    finance = await console.signed_in(FINANCE)
    hints = (await finance.page(path)).text.count("Above 500 EUR a second person has to confirm it.")
    assert hints == len(CATALOGUE[ExceptionCode.DAMAGED_DECISION].resolutions), "every way to decide it settles money"
    kind = ResolutionKind.EDIT_AND_RETRY.value
    said = await finance.submit(path, {"kind": kind, "version": "1", f"{kind}-edit-0": "100"})
    assert "so another person has to confirm it." in said.text
    assert (await read(console, path)).state is ExceptionState.OPEN


async def test_R110_a_matter_whose_amount_nobody_knows_says_so_and_is_proposed(console: Console) -> None:
    path = await put(console, opened("D-16", ExceptionCode.SNAPSHOT_NOT_FOOTING, return_id="R55"))
    finance = await console.signed_in(FINANCE)
    assert "Above 500, or while nobody knows the amount, a second person" in (await finance.page(path)).text
    kind = ResolutionKind.CANCEL_TRACK.value
    said = await finance.submit(path, {"kind": kind, "version": "1", f"{kind}-reason": "we give it up"})
    assert "It is, or may be, about more than 500" in said.text


async def test_E67_another_document_for_what_was_decided_is_not_told_as_decided(console: Console) -> None:
    path = await put(console, rejected("D-17"))
    finance, admin = await console.signed_in(FINANCE), await console.signed_in(ADMIN)
    await finance.post(path, BY_HAND)
    late = await admin.post(path, {**BY_HAND, "DONE_BY_HAND-document": "CN-10"})
    assert (late.status_code, "Nothing was done twice" in late.text) == (409, False)
    assert "finance-account has decided it meanwhile: Done by hand" in late.text
    assert "document CN-9" in late.text


# --- when Temporal is down


async def test_R69_a_decision_that_no_workflow_can_hear_of_is_not_made(console: Console) -> None:
    path = await put(console, rejected("D-14", track=Track.FINANCE))
    answer = await (await console.signed_in(FINANCE)).post(path, {"kind": ResolutionKind.RETRY.value, "version": "1"})
    assert answer.status_code == 503
    assert "Temporal does not answer." in answer.text
    assert (await read(console, path)).state is ExceptionState.OPEN
