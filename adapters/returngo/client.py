"""ReturnGO over HTTP: addresses, headers, quota, pace, and bodies in the shapes of the contract."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from adapters.kit.answer import Answer
from adapters.kit.http import Limits, VendorHttp
from adapters.kit.limit import RateLimit
from adapters.kit.outside import Outside
from adapters.kit.retry_after import parse_retry_after
from adapters.kit.status import Meaning
from adapters.returngo import contract
from adapters.returngo.contract import WireDecision, WireListed, WirePage, WireReturn, WireTransaction
from adapters.returngo.mapping import read_wire
from adapters.returngo.quota import DailyQuota
from adapters.returngo.settings import ReturnGoSettings
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected, RetryLater, VendorTrouble, vendor_words

VENDOR = "ReturnGO"
THROTTLED = 429


class ReturnGoClient:
    """One shop. Methods raise the four outcomes of `domain.outcomes`; each call is counted before it is sent."""

    def __init__(self, settings: ReturnGoSettings, outside: Outside) -> None:
        limits = Limits(timeout_seconds=settings.timeout_seconds, max_in_flight=contract.MAX_IN_FLIGHT)
        self._settings = settings
        self._clock = outside.clock
        self._http = VendorHttp(outside.http, VENDOR, contract.STATUSES, limits, outside.clock)
        self._limit = RateLimit(settings.requests_per_second)
        self._quota = DailyQuota(outside, settings.api_key, settings.daily_calls, settings.urgent_reserve)

    async def read_return(self, return_id: str) -> WireReturn:
        """The return. Rejected(EVENT_INVALID), vendor code 404, when ReturnGO does not know it.

        For a minute after a webhook that may be lag; how long to wait is the caller's to decide.
        """
        answer = await self._send("GET", _path(contract.RETURN, return_id), operation="read return")
        if answer.meaning is not Meaning.OK:
            raise _refused(answer, f"return {return_id} cannot be read")
        wire = read_wire(WireReturn, answer.json(), "return")
        if wire.rmaSummary.rmaId != return_id:
            raise Rejected(ExceptionCode.EVENT_INVALID, f"ReturnGO answered another return than {return_id}")
        return wire

    async def set_status(self, return_id: str, status: str, items: Sequence[WireDecision] = ()) -> Rejected | None:
        """Set the status, and what was found of these items; the refusal when ReturnGO does not take it.

        The answer's body shows no item, so it is not read: what was applied is read again.
        """
        path = _path(contract.STATUS, return_id)
        body: dict[str, object] = {"status": status}
        if items:
            body["items"] = [item.model_dump() for item in items]
        answer = await self._send("PUT", path, operation="report inspection", json=body)
        if answer.meaning is Meaning.ABSENT:
            raise _refused(answer, f"return {return_id} takes no inspection")
        if answer.meaning is not Meaning.OK:
            return _refused(answer, f"return {return_id} does not become {status}", ExceptionCode.STATUS_DRIFT)
        return None

    async def list_transactions(self, since: datetime) -> list[WireTransaction]:
        """All transactions created at or after `since`, every page of them, in the vendor's order."""
        listed = self._listed(contract.TRANSACTIONS, "transactions", {"created_at": _not_before(since)})
        return [read_wire(WireTransaction, body, "transaction") async for body in listed]

    async def list_returns(self, since: datetime) -> list[WireListed]:
        """All returns changed at or after `since`, every page of them, in the vendor's order."""
        listed = self._listed(contract.RETURNS, "returns", {"rma_updated_at": _not_before(since)})
        return [read_wire(WireListed, body, "return") async for body in listed]

    async def _listed(self, path: str, what: str, filters: Mapping[str, str]) -> AsyncIterator[object]:
        """What a listing has, page by page. None of it is urgent."""
        query: dict[str, str | int] = {"pagesize": contract.PAGE_SIZE, **filters}
        for _ in range(contract.MAX_PAGES):
            answer = await self._send("GET", path, operation=f"list {what}", query=query, urgent=False)
            if answer.meaning is not Meaning.OK:
                raise _refused(answer, f"the {what} cannot be read", ExceptionCode.CONFIG_INVALID)
            page = _page(answer, what)
            found = [*page.rmas, *page.transactions]
            for body in found:
                yield body
            if not found or not page.next_cursor:
                return
            query["cursor"] = page.next_cursor
        raise Rejected(ExceptionCode.CONFIG_INVALID, f"ReturnGO lists over {contract.MAX_PAGES} pages of {what}")

    async def add_comment(self, return_id: str, html: str) -> None:
        """A comment in the return's timeline; the body of the answer is not needed."""
        path = _path(contract.COMMENT, return_id)
        answer = await self._send("POST", path, operation="add comment", json={"htmlText": html}, urgent=False)
        if answer.meaning is not Meaning.OK:
            raise _refused(answer, f"return {return_id} takes no comment")

    async def probe(self) -> None:
        """Read the shortest list there is."""
        answer = await self._send("GET", contract.RETURNS, operation="probe", query={"pagesize": 1}, urgent=False)
        if answer.meaning is not Meaning.OK:
            text = f"shop {self._settings.shop_name} cannot be read"
            raise _refused(answer, text, ExceptionCode.CONFIG_INVALID)
        _page(answer, "returns")

    async def _send(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        json: object = None,
        query: Mapping[str, str | int] | None = None,
        urgent: bool = True,
    ) -> Answer:
        request = self._http.request(
            method,
            self._settings.base_url + path,
            params=query,
            json=json,
            headers={
                contract.KEY_HEADER: self._settings.api_key.get_secret_value(),
                contract.SHOP_HEADER: self._settings.shop_name,
                "Accept": "application/json",
            },
        )
        await self._limit.turn()
        await self._quota.take(urgent=urgent)
        answer = await self._http.send(request, operation=operation, write=method != "GET")
        if answer.status == THROTTLED:
            raise self._throttled(answer)
        return answer

    def _throttled(self, answer: Answer) -> RetryLater:
        """With a Retry-After we were too quick; without one the day is over. Nothing was done either way."""
        wish = answer.headers.get("retry-after")
        if wish is None:
            return self._quota.close()
        return RetryLater(f"{answer.call}: HTTP {answer.status}", parse_retry_after(wish, self._clock()))


def _page(answer: Answer, what: str) -> WirePage:
    """A page of a listing. An object of any other kind is no empty page: a proxy may send one."""
    page = read_wire(WirePage, answer.json(), f"page of {what}")
    if not page.model_fields_set & {"rmas", "transactions"}:
        raise answer.call.lost(f"the answer is no page of {what}")
    return page


def _not_before(moment: datetime) -> str:
    return contract.NOT_BEFORE.format(moment=moment.astimezone(UTC).strftime(contract.TIME_FORMAT))


def _path(template: str, return_id: str) -> str:
    return template.format(return_id=quote(return_id, safe=""))


def _refused(answer: Answer, text: str, code: ExceptionCode = ExceptionCode.EVENT_INVALID) -> Rejected:
    why = "ReturnGO does not know it" if answer.meaning is Meaning.ABSENT else f"ReturnGO says: {_words(answer)}"
    return Rejected(code, f"{text}: {why} (HTTP {answer.status})", vendor_code=str(answer.status))


def _words(answer: Answer) -> str:
    """The message of an error body, shortened and without what looks like a mail address."""
    try:
        body = answer.json()
    except VendorTrouble:
        return "no reason given"
    text = body.get(contract.ERROR_FIELD) if isinstance(body, dict) else None
    return vendor_words(text if isinstance(text, str) else "") or "no reason given"
