"""Exceptions by cause in the console: counted first, then carried out behind a page that people watch (R72, N18)."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.link import TemporalLink
from desk.runs import BEGUN, BulkOrder, BulkRun, BulkRuns
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.grouping import RootCause
from domain.messages import ResolutionReceipt
from domain.money import Money
from domain.resolution import Role
from store.queue_records import QueueFilter
from store.records import ExceptionState, OpenException
from tests.console.browser import CX, FINANCE, VIEWER, WAREHOUSE, Browser, Console, Page, console_on
from tests.console.waiting import opened, rejected
from tests.patience import PATIENCE
from tests.store.given import NOW

CANCEL = {"kind": "CANCEL_TRACK", "CANCEL_TRACK-reason": "counted by hand", "CANCEL_TRACK-rate": "50"}


def path_of(code: ExceptionCode, wrong: str = "") -> str:
    return "/exceptions/groups/" + RootCause(connection="shop", code=code, wrong=wrong).id


async def parked(console: Console, place: str, count: int, **fields: Any) -> str:
    """Parcels at a place without a depot; the path of their group."""
    for number in range(count):
        await put(
            console,
            opened(
                f"G-{place}-{number}",
                ExceptionCode.LOCATION_UNMAPPED,
                return_id=f"R{number}",
                payload={"location": place},
                **fields,
            ),
        )
    return path_of(ExceptionCode.LOCATION_UNMAPPED, f"location {place}")


async def put(console: Console, item: OpenException) -> None:
    async with console.store.begin() as unit:
        await unit.exceptions.open(item)


async def left(console: Console, path: str) -> int:
    """How many of the group are open."""
    async with console.store.reading() as unit:
        return await unit.queue.count(QueueFilter(cause=path.rpartition("/")[2]), console.time())


async def ended(browser: Browser, path: str) -> Page:
    """The page of the run, once it is over."""
    async with asyncio.timeout(PATIENCE):
        while "Being carried out" in (page := await browser.page(f"{path}/run?still")).text:
            await asyncio.sleep(0.02)
    return page


async def go(browser: Browser, path: str, sent: dict[str, str]) -> Page:
    """Count, and send the form of the answer; the page that comes then."""
    counted = Page((await browser.post(path, {**sent, "step": "count"})).text)
    fields = {name: value for name, value in counted.fields().items() if name not in ("csrf", "q")}
    return await browser.submit(path, {**fields, "step": "go"})


async def test_R72_a_cause_is_one_line_with_count_age_money_and_an_example(console: Console) -> None:
    fields = {"payload": {"vendor_code": "E-1"}, "return_id": "R9"}
    amount = Money(amount=1050, currency="GBP")
    await put(console, rejected("G-1", now=NOW - timedelta(days=5), **fields, amount=amount))
    await put(console, rejected("G-2", **fields))
    page = await (await console.signed_in(FINANCE)).page("/exceptions/groups")
    assert "vendor's code E-1 For example: The account of the customer is on hold. 2 5 days" in page.text
    assert "45.00 EUR 10.50 GBP Finance shop" in page.text
    path = path_of(ExceptionCode.CREDIT_REJECTED, "vendor's code E-1")
    assert page.all("a", href=path)
    one = await (await console.signed_in(FINANCE)).page(path)
    assert "Open 2 exceptions" in one.text
    assert one.all("a", href="/exceptions/G-1")


async def test_R72_N18_counting_changes_nothing_and_carrying_out_decides_what_was_counted(console: Console) -> None:
    path = await parked(console, "LDN-7", 20)
    warehouse = await console.signed_in(WAREHOUSE)
    counted = await warehouse.post(path, {**CANCEL, "step": "count"})
    for words in ("Nothing has been changed yet.", "<dd>20 open exceptions</dd>", "End it here: 20 exceptions"):
        assert words in counted.text
    assert await left(console, path) == 20

    fields = Page(counted.text).fields()
    console.time.passes(minutes=1)
    await put(
        console, opened("G-late", ExceptionCode.LOCATION_UNMAPPED, payload={"location": "LDN-7"}, now=console.time())
    )
    began = await warehouse.post(path, {**{name: fields[name] for name in (*CANCEL, "until")}, "step": "go"})
    assert began.headers["location"] == f"{path}/run"
    page = await ended(warehouse, path)
    assert "End it here for 20 exceptions Done" in page.text
    assert "Decided 20 Refused 0 Reason counted by hand Still open now 1" in page.text
    assert await left(console, path) == 1, "what came after the count was not seen by whoever decided"
    async with console.store.reading() as unit:
        entries = await unit.audit.list("G-LDN-7-3")
    assert (entries[0].actor, entries[0].action) == ("warehouse-account", "exception.resolved")


async def test_N18_a_run_goes_on_behind_its_page_at_its_rate_and_is_begun_once(console: Console) -> None:
    path = await parked(console, "LDN-8", 12)
    warehouse = await console.signed_in(WAREHOUSE)
    watching = await go(warehouse, path, {**CANCEL, "CANCEL_TRACK-rate": "10"})
    assert "Being carried out" in watching.text
    assert "of 12 so far. You may leave this page: it goes on without it." in watching.text
    answer = await warehouse.get(f"{path}/run")
    assert answer.headers["refresh"] == "3"
    assert "refresh" not in (await warehouse.get(f"{path}/run?still")).headers
    again = await go(warehouse, path, CANCEL)
    assert "of 12 so far" in again.text, "pressed twice: it is the same run"
    async with console.store.reading() as unit:
        begun = [entry for entry in await unit.audit.list(path.rpartition("/")[2]) if entry.action == BEGUN]
    assert len(begun) == 1
    page = await ended(warehouse, path)
    assert "Decided 12" in page.text
    assert "Nothing of the group is open any more." in page.text
    over = await warehouse.page(path)
    assert "Nothing of this group is open any more." in over.text
    assert over.all("form", action=path) == []


class Taking:
    """Returns that take every decision at once, and close the exception with their next step, which is to come."""

    def get_workflow_handle(self, name: str) -> "Taking":
        """Any return."""
        assert name.startswith("return/shop/")
        return self

    async def execute_update(self, *sent: Any, **_: object) -> ResolutionReceipt:
        """Taken."""
        return ResolutionReceipt(exception_id=sent[1].exception_id, repeated=False)


async def test_N18_what_is_decided_and_not_yet_closed_is_on_the_way_and_asks_nothing_of_anybody(
    console: Console,
) -> None:
    async def connect() -> Any:
        return Taking()

    desk = console_on(console.store, console.time, link=TemporalLink(connect))
    path = await parked(desk, "LDN-9", 2, track=Track.GOODS)
    warehouse = await desk.signed_in(WAREHOUSE)
    await go(warehouse, path, {"kind": "RETRY", "RETRY-rate": "50"})
    await ended(warehouse, path)
    watched = await warehouse.get(f"{path}/run")
    page = Page(watched.text)
    assert "Decided 2 Refused 0 Still open now 2" in page.text
    assert "2 decided exceptions close as soon as the return goes on. Nothing is left to do." in page.text
    assert "Go on with" not in page.text
    assert "Nothing of the group is open" not in page.text
    assert watched.headers["refresh"] == "3", "whoever watches sees the end of it"

    await put(desk, opened("G-new", ExceptionCode.LOCATION_UNMAPPED, payload={"location": "LDN-9"}))
    assert "Go on with 1 exception" in (await warehouse.page(f"{path}/run?still")).text
    async with desk.store.begin() as unit:
        for name in ("G-LDN-9-0", "G-LDN-9-1", "G-new"):
            await unit.exceptions.clear(name, desk.time())
    over = await warehouse.get(f"{path}/run")
    assert "Nothing of the group is open any more." in over.text
    assert "refresh" not in over.headers


async def test_N18_after_a_restart_the_page_says_what_is_left_and_goes_on(console: Console, tmp_path: Path) -> None:
    path = await parked(console, "LDN-5", 3)
    warehouse = await console.signed_in(WAREHOUSE)
    group = path.rpartition("/")[2]
    order = BulkOrder(group=group, kind=ResolutionKind.RETRY, role=Role.WAREHOUSE, actor="wally", per_second=5)
    cut = BulkRun(order=order, total=200, begun_at=NOW).model_dump(mode="json")
    async with console.store.begin() as unit:
        await unit.audit.add("wally", BEGUN, group, cut, NOW)
    page = await warehouse.page(f"{path}/run")
    assert "No end was noted." in page.text
    assert "Go on with 3 exceptions" in page.text
    assert page.all("a", href=path)
    await go(warehouse, path, CANCEL)
    assert "Decided 3" in (await ended(warehouse, path)).text


async def test_N18_a_console_that_is_stopped_says_so_and_leaves_the_rest(console: Console) -> None:
    path = await parked(console, "LDN-4", 12)
    warehouse = await console.signed_in(WAREHOUSE)
    await go(warehouse, path, {**CANCEL, "CANCEL_TRACK-rate": "10"})
    async with asyncio.timeout(PATIENCE):
        while await left(console, path) == 12:
            await asyncio.sleep(0.02)
    async with console.app.router.lifespan_context(console.app):
        pass
    page = await ended(warehouse, path)
    assert "It ended early: the console was stopped." in page.text
    assert "What was decided is decided, once." in page.text
    still = await left(console, path)
    assert 0 < still < 12
    assert f"Go on with {still} exceptions" in page.text
    fresh = BulkRuns(console.store, console.app.state.parts.link, console.time, {}, 1)
    kept = await fresh.last(path.rpartition("/")[2])
    assert kept is not None
    known_to_another_process = (kept.run.decided, kept.run.trouble)
    assert known_to_another_process == (12 - still, "the console was stopped")


async def test_N18_when_temporal_is_down_a_run_ends_early_and_decides_nothing(console: Console) -> None:
    path = await parked(console, "LDN-3", 5, track=Track.GOODS)
    warehouse = await console.signed_in(WAREHOUSE)
    await go(warehouse, path, {"kind": "RETRY", "RETRY-rate": "50"})
    page = await ended(warehouse, path)
    assert "It ended early: Temporal does not answer. 5 exceptions were not tried." in page.text
    assert await left(console, path) == 5


async def test_N18_the_count_names_what_needs_a_second_person_and_what_is_refused(console: Console) -> None:
    path = path_of(ExceptionCode.CREDIT_REJECTED, "vendor's code E-2")
    fields: dict[str, Any] = {"payload": {"vendor_code": "E-2"}, "return_id": "R9"}
    await put(console, rejected("G-3", **fields))
    await put(console, rejected("G-4", **fields, amount=Money(amount=70_000, currency="EUR")))
    finance = await console.signed_in(FINANCE)
    counted = Page((await finance.post(path, {**CANCEL, "step": "count"})).text)
    assert "Counted 2 open exceptions Would be decided 1 Would wait for a second person 1" in counted.text
    await go(finance, path, CANCEL)
    page = await ended(finance, path)
    assert "Decided 1 Wait for a second person 1" in page.text
    again = Page((await finance.post(path, {**CANCEL, "step": "count"})).text)
    assert "Would be decided 0 Would be refused 1" in again.text
    assert "another person has to confirm it" in again.text
    assert "There is nothing to carry out." in again.text


async def test_R72_only_decisions_that_can_be_right_for_many_are_offered(console: Console) -> None:
    path = await parked(console, "LDN-2x", 2)
    page = await (await console.signed_in(WAREHOUSE)).page(path)
    kinds = [a["value"] for a in page.all("input", name="kind")]
    assert kinds == ["RETRY", "EDIT_AND_RETRY", "CANCEL_TRACK"]
    assert [a["value"] for a in page.all("option")] == ["", "LDN-1", "LDN-2"]
    item = opened("G-5", ExceptionCode.UNEXPECTED_SKU, payload={"surplus": "1 x P-1"})
    await put(console, item)
    other = await (await console.signed_in(WAREHOUSE)).page(path_of(ExceptionCode.UNEXPECTED_SKU))
    kinds = [a["value"] for a in other.all("input", name="kind")]
    assert kinds == ["RETRY", "CANCEL_TRACK"], "its SKU, all that can be corrected, is not that of the others"


async def test_R110_a_group_is_decided_by_its_own_team(console: Console) -> None:
    path = await parked(console, "LDN-6", 2)
    cx, viewer = await console.signed_in(CX), await console.signed_in(VIEWER)
    for browser in (cx, viewer):
        page = await browser.page(path)
        assert "Others decide this: Retry , by warehouse" in page.text
        assert page.all("form", action=path) == []
        assert (await browser.post(path, {**CANCEL, "step": "go", "until": NOW.isoformat()})).status_code == 403
    assert await left(console, path) == 2
    async with console.store.reading() as unit:
        [entry, *_] = await unit.audit.list(path.rpartition("/")[2])
    assert (entry.actor, entry.action) == ("cx-account", "exception.refused")


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({**CANCEL, "CANCEL_TRACK-reason": ""}, "The reason is missing."),
        ({**CANCEL, "CANCEL_TRACK-rate": "900"}, "Decisions a second is not a whole number from 1 to 50."),
        ({**CANCEL, "step": "go"}, "Count first what the decision would do."),
        ({"kind": "DONE_BY_HAND"}, "Choose one of the decisions of this page."),
    ],
    ids=str,
)
async def test_R72_what_is_wrong_with_a_decision_for_many_is_said_and_nothing_is_done(
    console: Console, sent: dict[str, str], sentence: str
) -> None:
    path = await parked(console, "LDN-1x", 1)
    answer = await (await console.signed_in(WAREHOUSE)).post(path, {"step": "count", **sent})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await left(console, path) == 1
    async with console.store.reading() as unit:
        assert (await unit.exceptions.get("G-LDN-1x-0")).state is ExceptionState.OPEN  # type: ignore[union-attr]
