"""Answers that the sandbox never gives: a hostile, broken or changing vendor, scripted at the transport."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.kit.outside import Outside
from adapters.reveni.port import ReveniPlatform, build
from domain.exceptions import ExceptionCode
from domain.outcomes import InDoubt, Rejected, RetryLater, VendorTrouble
from domain.returns import LineDecision, PlatformPhase
from tests.adapters.reveni.bodies import RETURN_ID, body, item
from tests.adapters.reveni.world import KEY, settings_for

THREE = LineDecision(line_id="1/TS", order_line_id="1", sku="TS", accepted=3)
NOW = datetime(2026, 3, 2, tzinfo=UTC)

Answer = httpx.Response
Vendor = Callable[[httpx.Request], Answer]


def port_to(vendor: Vendor) -> ReveniPlatform:
    http = httpx.AsyncClient(transport=httpx.MockTransport(vendor))
    return build(settings_for("https://reveni.test"), Outside(http))


def scripted(*answers: Answer) -> tuple[ReveniPlatform, list[httpx.Request]]:
    """A vendor that gives these answers in turn, and what it was asked."""
    asked: list[httpx.Request] = []

    def vendor(request: httpx.Request) -> Answer:
        asked.append(request)
        return answers[len(asked) - 1]

    return port_to(vendor), asked


def ok(raw: object) -> Answer:
    return httpx.Response(200, json=raw)


def shirts(*parts: Any, **changes: object) -> Answer:
    return ok(body(return_items=list(parts), **changes))


PENDING = item("a", 3)
DONE = item("a", 3, "accepted")


async def test_what_is_sent() -> None:
    port, asked = scripted(shirts(PENDING), shirts(DONE))
    await port.report_inspection(RETURN_ID, [THREE])
    assert [(r.method, r.url.path) for r in asked] == [
        ("GET", f"/merchants/v0/stores/store-1/returns/{RETURN_ID}"),
        ("POST", f"/merchants/v0/stores/store-1/returns/{RETURN_ID}/partial_validate"),
    ]
    assert all(r.headers["authorization"] == f"Bearer {KEY}" for r in asked)
    assert all(r.headers["accept"] == "application/json" for r in asked)
    assert asked[1].headers["content-type"] == "application/json"
    assert json.loads(asked[1].content) == {"items": [{"item_id": "a", "quantity": 3, "status": "accepted"}]}


async def test_the_whole_surface_sends_no_more_than_needed() -> None:
    port, asked = scripted(ok({"next": None, "results": []}), ok({"next": None, "results": []}))
    await port.probe()
    await port.list_refunds(NOW, NOW + timedelta(hours=1, microseconds=5))
    assert str(asked[0].url).endswith("/returns?page_size=1")
    assert dict(asked[1].url.params) == {
        "created_after": "2026-03-01T23:59:59Z",
        "created_before": "2026-03-02T01:00:01Z",
        "page": "1",
    }


async def test_taken_but_not_applied() -> None:
    port, asked = scripted(shirts(PENDING), shirts(PENDING))
    with pytest.raises(Rejected, match="did not apply it") as refused:
        await port.report_inspection(RETURN_ID, [THREE])
    assert refused.value.code is ExceptionCode.STATUS_DRIFT
    assert len(asked) == 2


async def test_partly_applied_is_followed_up() -> None:
    half = (item("a", 1, "accepted"), item("b", 2))
    port, asked = scripted(shirts(PENDING), shirts(*half), shirts(item("a", 1, "accepted"), item("b", 2, "accepted")))
    assert (await port.report_inspection(RETURN_ID, [THREE])).lines[0].accepted == 3
    assert json.loads(asked[2].content)["items"] == [{"item_id": "b", "quantity": 2, "status": "accepted"}]


async def test_a_return_that_keeps_changing_is_left_for_later() -> None:
    steps = [shirts(item(f"a{n}", 3)) for n in range(4)]
    port, asked = scripted(*steps)
    with pytest.raises(RetryLater, match="keeps changing"):
        await port.report_inspection(RETURN_ID, [THREE])
    assert len(asked) == 4


async def test_the_last_round_may_succeed() -> None:
    port, asked = scripted(*(shirts(item(f"a{n}", 3)) for n in range(3)), shirts(DONE))
    assert (await port.report_inspection(RETURN_ID, [THREE])).lines[0].accepted == 3
    assert len(asked) == 4


async def test_a_usable_effect_behind_an_unusable_answer() -> None:
    for useless in (ok([]), ok({"id": RETURN_ID}), shirts(DONE, id="f" * 32), httpx.Response(204)):
        port, asked = scripted(shirts(PENDING), useless, shirts(DONE))
        assert (await port.report_inspection(RETURN_ID, [THREE])).lines[0].accepted == 3
        assert [r.method for r in asked] == ["GET", "POST", "GET"]


async def test_in_doubt_and_then_unreadable() -> None:
    port, asked = scripted(shirts(PENDING), httpx.Response(500), httpx.Response(503))
    with pytest.raises(RetryLater):
        await port.report_inspection(RETURN_ID, [THREE])
    port, asked = scripted(shirts(PENDING), httpx.Response(500), shirts(PENDING))
    with pytest.raises(InDoubt):
        await port.report_inspection(RETURN_ID, [THREE])
    assert len(asked) == 3


async def test_done_by_someone_else_meanwhile() -> None:
    port, _ = scripted(
        shirts(PENDING),
        httpx.Response(409, json={"detail": "Item already validated."}),
        shirts(DONE, status="accepted"),
    )
    assert (await port.report_inspection(RETURN_ID, [THREE])).phase is PlatformPhase.ACCEPTED


async def test_contradicted_meanwhile() -> None:
    conflict = httpx.Response(409, json={"detail": "Item already validated."})
    port, _ = scripted(shirts(PENDING), conflict, shirts(item("a", 3, "rejected")))
    with pytest.raises(Rejected, match="Reveni 0 accepted, 3 rejected of 3; we 3 accepted") as refused:
        await port.report_inspection(RETURN_ID, [THREE])
    assert refused.value.code is ExceptionCode.STATUS_DRIFT


async def test_a_call_that_reveni_finds_malformed() -> None:
    complaint = {"items": ["item_id: unknown", "for zoe@example.com"], "non_field_errors": ["x" * 1000]}
    port, _ = scripted(shirts(PENDING), httpx.Response(400, json=complaint), shirts(PENDING))
    with pytest.raises(Rejected, match="items: item_id: unknown") as refused:
        await port.report_inspection(RETURN_ID, [THREE])
    assert (refused.value.code, refused.value.vendor_code) == (ExceptionCode.EVENT_INVALID, "400")
    assert "zoe" not in str(refused.value) and len(str(refused.value)) < 600


@pytest.mark.parametrize("content", [b"", b"<html>", b'"text"', b"[]", b"{}"])
async def test_a_refusal_without_words(content: bytes) -> None:
    port, _ = scripted(httpx.Response(400, content=content))
    with pytest.raises(Rejected, match="no reason given"):
        await port.read_return(RETURN_ID)


async def test_another_return_than_asked_for() -> None:
    port, _ = scripted(ok(body(id="f" * 32)))
    with pytest.raises(Rejected, match="another return"):
        await port.read_return(RETURN_ID)


async def test_an_unknown_status_parks() -> None:
    port, _ = scripted(ok(body(status="frozen")))
    with pytest.raises(Rejected, match="'frozen', which we do not know") as refused:
        await port.read_return(RETURN_ID)
    assert refused.value.code is ExceptionCode.EVENT_INVALID


async def test_the_next_page_is_never_asked_at_another_address() -> None:
    pages = [{"next": "https://evil.example/steal", "results": []}, {"next": None, "results": []}]
    port, asked = scripted(*(ok(page) for page in pages))
    assert await port.list_refunds(NOW, NOW) == []
    assert [r.url.host for r in asked] == ["reveni.test", "reveni.test"]
    assert asked[1].url.params["page"] == "2"


async def test_a_redirect_is_not_followed() -> None:
    port, asked = scripted(httpx.Response(302, headers={"Location": "https://evil.example/"}))
    with pytest.raises(RetryLater):
        await port.read_return(RETURN_ID)
    assert len(asked) == 1


async def test_an_endless_list_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.reveni.contract.MAX_PAGES", 5)
    port = port_to(lambda request: ok({"next": "https://reveni.test/more", "results": []}))
    with pytest.raises(Rejected, match="more than 5 pages"):
        await port.list_refunds(NOW, NOW)


async def test_a_list_that_shrinks_while_it_is_read() -> None:
    port, _ = scripted(ok({"next": "x", "results": []}), httpx.Response(404, json={"detail": "Invalid page."}))
    with pytest.raises(RetryLater, match="the list has changed"):
        await port.list_refunds(NOW, NOW)


async def test_refunds_come_once_and_in_order_and_none_is_lost() -> None:
    def refund(refund_id: str, at: str | None) -> dict[str, object]:
        return {"id": refund_id, "status": "paid", "amount": "1.0000", "currency": "EUR", "created_at": at}

    first = {"next": "x", "results": [refund("b", "2026-03-02T00:30:00Z"), refund("n", None)]}
    second = {
        "next": None,
        "results": [refund("b", "2026-03-02T00:30:00Z"), refund("a", "2026-03-02T00:10:00Z")],
    }
    port, _ = scripted(ok(first), ok(second))
    listed = await port.list_refunds(NOW, NOW + timedelta(hours=1))
    assert [r.refund_id for r in listed] == ["n", "a", "b"]


@pytest.mark.parametrize("page", [[], {"next": None}, {"results": {}}, {"next": 7, "results": []}])
async def test_an_unusable_page(page: object) -> None:
    port, _ = scripted(ok(page))
    with pytest.raises(Rejected, match="page of refunds") as refused:
        await port.list_refunds(NOW, NOW)
    assert refused.value.code is ExceptionCode.EVENT_INVALID


async def test_no_personal_data_in_any_trouble() -> None:
    leaky = {"detail": "shopper@example.com is unknown", "customer": body()["customer"]}
    texts = []
    for status in (400, 401, 404, 409, 418, 429, 500):
        port, _ = scripted(httpx.Response(status, json=leaky))
        with pytest.raises(VendorTrouble) as trouble:
            await port.read_return(RETURN_ID)
        texts.append(repr(trouble.value))
    assert "shopper@" not in " ".join(texts)
    assert KEY not in " ".join(texts)
    assert "Geheim" not in " ".join(texts)
