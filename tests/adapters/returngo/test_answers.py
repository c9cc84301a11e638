"""Answers that the sandbox never gives: a hostile, broken or changing vendor, scripted at the transport."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.kit.outside import Outside
from adapters.returngo.port import ReturnGoPlatform, build
from domain.exceptions import ExceptionCode
from domain.outcomes import CredentialsRefused, InDoubt, Rejected, RetryLater
from domain.returns import LineDecision, PlatformPhase
from tests.adapters.returngo.bodies import KEY, RETURN_ID, SHOP, body, item, rma, settings_for, transaction

TWO = LineDecision(line_id="1/TS", order_line_id="1", sku="TS", accepted=2)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
READ = f"/rma/{RETURN_ID}"
STATUS = f"/rma/{RETURN_ID}/status"

Answer = httpx.Response


def scripted(*answers: Answer) -> tuple[ReturnGoPlatform, list[httpx.Request]]:
    """A vendor that gives these answers in turn, and what it was asked."""
    asked: list[httpx.Request] = []

    def vendor(request: httpx.Request) -> Answer:
        asked.append(request)
        return answers[len(asked) - 1]

    http = httpx.AsyncClient(transport=httpx.MockTransport(vendor))
    return build(settings_for(), Outside(http)), asked


def ok(raw: object) -> Answer:
    return Answer(200, json=raw)


def shows(first: str = "", second: str = "", status: str = "Received", **changes: object) -> Answer:
    """A read of a return with two units, by what was found."""
    return Answer(
        200,
        text=json.dumps(rma(item("1", found=first), item("2", found=second), status=status, **changes), default=str),
    )


TAKEN = ok({"rmaId": RETURN_ID, "status": "Validated"})
REFUSED = Answer(400, json={"message": "Invalid status transition"})


async def test_what_is_sent() -> None:
    port, asked = scripted(shows(status="Approved"), TAKEN, TAKEN, shows("good", "good", "Validated"))
    assert (await port.report_inspection(RETURN_ID, [TWO])).phase is PlatformPhase.ACCEPTED
    assert [(r.method, r.url.path) for r in asked] == [("GET", READ), ("PUT", STATUS), ("PUT", STATUS), ("GET", READ)]
    assert all(r.headers["x-api-key"] == KEY and r.headers["x-shop-name"] == SHOP for r in asked)
    assert all(r.headers["accept"] == "application/json" for r in asked)
    assert json.loads(asked[1].content) == {"status": "Received"}
    sent = json.loads(asked[2].content)
    assert sent["status"] == "Validated"
    assert [entry["returnedItemId"] for entry in sent["items"]] == ["1", "2"]


@pytest.mark.parametrize(
    ("status", "steps"),
    [
        ("Approved", ["Received", "Validated"]),
        ("Received", ["Validated"]),
        ("Validated", ["Validated"]),
        ("Done", ["Validated"]),
    ],
)
async def test_the_transition_table(status: str, steps: list[str]) -> None:
    port, asked = scripted(shows(status=status), *[TAKEN] * len(steps), shows("good", "good", status))
    await port.report_inspection(RETURN_ID, [TWO])
    assert [json.loads(r.content)["status"] for r in asked if r.method == "PUT"] == steps


@pytest.mark.parametrize("status", ["Pending", "Rejected", "Canceled"])
async def test_a_return_that_takes_no_inspection_is_not_asked(status: str) -> None:
    port, asked = scripted(shows(status=status))
    with pytest.raises(Rejected) as refused:
        await port.report_inspection(RETURN_ID, [TWO])
    assert refused.value.code is ExceptionCode.STATUS_DRIFT
    assert f"the return is {status}; line 1/TS: ReturnGO 0 accepted, 0 rejected of 2; we 2" in str(refused.value)
    assert len(asked) == 1


async def test_what_is_there_already_is_not_sent() -> None:
    port, asked = scripted(shows("good", "worn"))
    await port.report_inspection(RETURN_ID, [TWO])
    assert [r.method for r in asked] == ["GET"]


async def test_the_whole_surface_sends_no_more_than_needed() -> None:
    port, asked = scripted(ok({"rmas": []}), ok({"transactions": []}), Answer(200))
    await port.probe()
    await port.list_refunds(NOW, NOW + timedelta(hours=1))
    await port.add_note(RETURN_ID, 'He said "<b>never</b> & no"')
    assert (asked[0].url.path, dict(asked[0].url.params)) == ("/rmas", {"pagesize": "1"})
    assert (asked[1].url.path, dict(asked[1].url.params)) == (
        "/transactions",
        {"pagesize": "500", "created_at": "gte:2026-03-01T23:59:59"},
    )
    assert (asked[2].method, asked[2].url.path) == ("POST", f"/rma/{RETURN_ID}/comment")
    assert json.loads(asked[2].content) == {"htmlText": "He said &quot;&lt;b&gt;never&lt;/b&gt; &amp; no&quot;"}


async def test_taken_but_not_shown_is_looked_at_later() -> None:
    """The reads may lag: nothing is sent twice in one go, and nobody is asked."""
    port, asked = scripted(shows(), TAKEN, shows())
    with pytest.raises(RetryLater, match="does not show it"):
        await port.report_inspection(RETURN_ID, [TWO])
    assert [r.method for r in asked] == ["GET", "PUT", "GET"]


async def test_partly_applied_is_followed_up() -> None:
    port, asked = scripted(shows(), TAKEN, shows("good"), TAKEN, shows("good", "good"))
    assert (await port.report_inspection(RETURN_ID, [TWO])).lines[0].accepted == 2
    assert [entry["returnedItemId"] for entry in json.loads(asked[3].content)["items"]] == ["2"]


async def test_received_and_then_refused() -> None:
    port, asked = scripted(shows(status="Approved"), TAKEN, REFUSED, shows(), REFUSED, shows())
    with pytest.raises(Rejected) as refused:
        await port.report_inspection(RETURN_ID, [TWO])
    assert (refused.value.code, refused.value.vendor_code) == (ExceptionCode.STATUS_DRIFT, "400")
    text = str(refused.value)
    assert "Invalid status transition" in text and "the return is Received" in text and "we 2 accepted" in text
    assert [r.method for r in asked] == ["GET", "PUT", "PUT", "GET", "PUT", "GET"]


async def test_refused_because_somebody_else_did_it() -> None:
    port, _ = scripted(shows(), REFUSED, shows("good", "good", "Done"))
    assert (await port.report_inspection(RETURN_ID, [TWO])).lines[0].accepted == 2


async def test_refused_because_somebody_decided_otherwise() -> None:
    port, _ = scripted(shows(), REFUSED, shows("gone", "gone", "Done"))
    with pytest.raises(Rejected, match="ReturnGO 0 accepted, 2 rejected of 2; we 2 accepted"):
        await port.report_inspection(RETURN_ID, [TWO])


async def test_a_return_that_keeps_changing_is_left_for_later() -> None:
    changing = [shows(status=status) for status in ("Received", "Validated", "Received", "Validated")]
    answers = [one for read in changing for one in (read, TAKEN)]
    port, asked = scripted(*answers)
    with pytest.raises(RetryLater, match="keeps changing"):
        await port.report_inspection(RETURN_ID, [TWO])
    assert len(asked) == 7


@pytest.mark.parametrize("lost", [Answer(500), Answer(502)])
async def test_in_doubt_is_settled_by_reading(lost: Answer) -> None:
    port, asked = scripted(shows(), lost, shows("good", "good", "Validated"))
    assert (await port.report_inspection(RETURN_ID, [TWO])).lines[0].accepted == 2
    port, asked = scripted(shows(), lost, shows())
    with pytest.raises(InDoubt):
        await port.report_inspection(RETURN_ID, [TWO])
    port, asked = scripted(shows(), lost, Answer(503))
    with pytest.raises(RetryLater):
        await port.report_inspection(RETURN_ID, [TWO])
    assert [r.method for r in asked] == ["GET", "PUT", "GET"]


async def test_a_lost_answer_to_the_first_of_two_steps() -> None:
    port, asked = scripted(shows(status="Approved"), Answer(500), shows(), TAKEN, shows("good", "good", "Validated"))
    assert (await port.report_inspection(RETURN_ID, [TWO])).lines[0].accepted == 2
    assert [json.loads(r.content)["status"] for r in asked if r.method == "PUT"] == ["Received", "Validated"]


async def test_a_return_that_vanished() -> None:
    port, _ = scripted(shows(), Answer(404, json={"message": "An RMA with the given ID could not be found"}))
    with pytest.raises(Rejected) as refused:
        await port.report_inspection(RETURN_ID, [TWO])
    assert (refused.value.code, refused.value.vendor_code) == (ExceptionCode.EVENT_INVALID, "404")


async def test_another_return_than_the_one_asked_for() -> None:
    port, _ = scripted(
        ok({**json.loads(json.dumps(body(), default=str)), "rmaSummary": {"rmaId": "8", "status": "Done"}})
    )
    with pytest.raises(Rejected, match="another return than 10000001"):
        await port.read_return(RETURN_ID)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (Answer(401, json={"message": "Missing or incorrect API key"}), CredentialsRefused),
        (Answer(403, json={"message": "No such shop for this user"}), CredentialsRefused),
        (Answer(302, headers={"location": "https://evil.test"}), RetryLater),
        (Answer(500), RetryLater),
        (Answer(200, text="<html>login</html>"), RetryLater),
        (Answer(200, text="NaN"), RetryLater),
        (Answer(200, json=[1]), Rejected),
        (Answer(200, text="null"), Rejected),
        (Answer(404), Rejected),
        (Answer(400, text="["), Rejected),
        (Answer(400, json={"message": {"who": "zoe@example.com"}}), Rejected),
        (Answer(400, json={"message": "no zoe@example.com here"}), Rejected),
    ],
)
async def test_hostile_answers_to_a_read(answer: Answer, trouble: type[Exception]) -> None:
    port, _ = scripted(answer)
    with pytest.raises(trouble) as raised:
        await port.read_return(RETURN_ID)
    assert "zoe@example.com" not in str(raised.value) and KEY not in str(raised.value)


# --- listings ----------------------------------------------------------------------------------------------


def page(*transactions: dict[str, Any], **more: object) -> Answer:
    return Answer(200, text=json.dumps({"transactions": list(transactions)} | more, default=str))


def refund(tx_id: object, at: str, status: str = "Success", kind: str = "GiftCard") -> dict[str, Any]:
    return transaction(tx_id, kind, status, createdAt=at)


async def test_every_page_of_refunds_each_once_oldest_first() -> None:
    port, asked = scripted(
        page(refund(3, "2026-03-02T00:30:00+00:00"), refund(1, "2026-03-02T00:10:00+00:00"), next_cursor="YQ=="),
        page(refund("1", "2026-03-02T00:10:00+00:00"), refund(2, "2026-03-02T00:20:00", "Failed"), next_cursor="Yg=="),
        page(next_cursor="Yw=="),
    )
    found = await port.list_refunds(NOW, NOW + timedelta(hours=1))
    assert [(r.refund_id, r.state) for r in found] == [("1", "paid"), ("2", "failed"), ("3", "paid")]
    assert [r.url.params.get("cursor") for r in asked] == [None, "YQ==", "Yg=="]


@pytest.mark.parametrize("last", [{}, {"next_cursor": None}, {"next_cursor": ""}])
async def test_the_last_page(last: dict[str, object]) -> None:
    port, asked = scripted(page(refund(1, "2026-03-02T00:10:00+00:00"), **last))
    assert len(await port.list_refunds(NOW, NOW + timedelta(hours=1))) == 1
    assert len(asked) == 1


async def test_only_refunds_of_the_interval() -> None:
    port, _ = scripted(
        page(
            refund(1, "2026-03-01T23:59:59+00:00"),
            refund(2, "2026-03-02T00:00:00+00:00"),
            refund(3, "2026-03-02T00:59:59+00:00"),
            refund(4, "2026-03-02T01:00:00+00:00"),
            refund(5, "2026-03-02T00:30:00+00:00", kind="InvoicePayment"),
            transaction(6, "StoreCredit", "Success", createdAt=None),
        )
    )
    found = await port.list_refunds(NOW, NOW + timedelta(hours=1))
    assert {r.refund_id for r in found} == {"2", "3", "6"}, "one without a time is never left out"


async def test_a_listing_without_end() -> None:
    endless = page(refund(1, "2026-03-02T00:10:00+00:00"), next_cursor="YQ==")
    port, asked = scripted(*[endless] * 300)
    with pytest.raises(Rejected) as refused:
        await port.list_refunds(NOW, NOW + timedelta(hours=1))
    assert refused.value.code is ExceptionCode.CONFIG_INVALID
    assert len(asked) == 200


async def test_a_listed_transaction_that_we_do_not_know() -> None:
    port, _ = scripted(page(refund(1, "2026-03-02T00:10:00+00:00", kind="Payout")))
    with pytest.raises(Rejected, match=r"transaction.type is 'Payout', which we do not know"):
        await port.list_refunds(NOW, NOW + timedelta(hours=1))
