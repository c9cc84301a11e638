"""Reveni over HTTP: addresses, headers, pace, and bodies in the shapes of the contract."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import httpx

from adapters.kit.answer import Answer
from adapters.kit.http import Limits, VendorHttp
from adapters.kit.limit import RateLimit
from adapters.kit.status import Meaning
from adapters.reveni import contract
from adapters.reveni.contract import WireDecision, WireListed, WirePage, WireRefund, WireReturn
from adapters.reveni.mapping import read_wire
from adapters.reveni.settings import ReveniSettings
from domain.exceptions import ExceptionCode
from domain.outcomes import InDoubt, Rejected, RetryLater, VendorTrouble, vendor_words

VENDOR = "Reveni"


@dataclass(frozen=True)
class Refusal:
    """Reveni did not take an inspection. `conflict`: because of what was decided before (409)."""

    status: int
    conflict: bool
    words: str


class ReveniClient:
    """One store. Methods raise the four outcomes of `domain.outcomes`."""

    def __init__(self, settings: ReveniSettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = VendorHttp(http, VENDOR, contract.STATUSES, Limits(timeout_seconds=settings.timeout_seconds))
        self._limit = RateLimit(settings.requests_per_second)

    async def read_return(self, return_id: str) -> WireReturn:
        """The return. Rejected(EVENT_INVALID), vendor code 404, when Reveni does not know it.

        For a minute after a webhook that may be lag; how long to wait is the caller's to decide.
        """
        answer = await self._send("GET", _path(contract.RETURN, return_id), operation="read return")
        if answer.meaning is not Meaning.OK:
            raise _refused(answer, f"return {return_id} cannot be read")
        return _return(answer, return_id)

    async def partial_validate(self, return_id: str, entries: Sequence[WireDecision]) -> WireReturn | Refusal:
        """Decide items; the return afterwards. A 2xx whose body cannot be used is InDoubt."""
        path = _path(contract.PARTIAL_VALIDATE, return_id)
        body = {"items": [entry.model_dump(exclude_none=True) for entry in entries]}
        answer = await self._send("POST", path, operation="report inspection", json=body)
        if answer.meaning in (Meaning.CONFLICT, Meaning.REFUSED):
            return Refusal(answer.status, answer.meaning is Meaning.CONFLICT, _words(answer))
        if answer.meaning is not Meaning.OK:
            raise _refused(answer, f"return {return_id} takes no inspection")
        try:
            return _return(answer, return_id)
        except Rejected as unusable:
            raise InDoubt(f"{answer.call}: {unusable}") from None

    async def list_refunds(self, created_after: datetime, created_before: datetime) -> list[WireRefund]:
        """All pages, in the vendor's order. Times are sent in UTC, cut to whole seconds."""
        query = {"created_after": _instant(created_after), "created_before": _instant(created_before)}
        return [
            read_wire(WireRefund, body, "refund") async for body in self._listed(contract.REFUNDS, "refunds", query)
        ]

    async def list_returns(self, updated_after: datetime) -> list[WireListed]:
        """All pages, in the vendor's order. The time is sent in UTC, cut to whole seconds."""
        query: dict[str, str | int] = {
            "updated_after": _instant(updated_after),
            "page_size": contract.PAGE_SIZE,
        }
        return [
            read_wire(WireListed, body, "return") async for body in self._listed(contract.RETURNS, "returns", query)
        ]

    async def _listed(self, path: str, what: str, query: Mapping[str, str | int]) -> AsyncIterator[object]:
        """What a listing has, page by page."""
        for page in range(1, contract.MAX_PAGES + 1):
            answer = await self._send("GET", path, operation=f"list {what}", query={**query, "page": page})
            if answer.meaning is Meaning.ABSENT and page > 1:
                raise RetryLater(f"{answer.call}: page {page} was announced but is not there; the list has changed")
            if answer.meaning is not Meaning.OK:
                raise _refused(answer, f"page {page} of the {what} cannot be read", ExceptionCode.CONFIG_INVALID)
            listing = read_wire(WirePage, answer.json(), f"page of {what}")
            for body in listing.results:
                yield body
            # The page number is counted here: the address in `next` would be followed with our credentials.
            if listing.next is None:
                return
        raise Rejected(ExceptionCode.CONFIG_INVALID, f"Reveni lists more than {contract.MAX_PAGES} pages of {what}")

    async def add_note(self, return_id: str, text: str) -> None:
        """A note for the platform's users; the body of the answer is not needed."""
        path = _path(contract.NOTES, return_id)
        answer = await self._send("POST", path, operation="add note", json={"text": text})
        if answer.meaning is not Meaning.OK:
            raise _refused(answer, f"return {return_id} takes no note")

    async def probe(self) -> None:
        """Read the shortest list there is."""
        answer = await self._send("GET", contract.RETURNS, operation="probe", query={"page_size": 1})
        if answer.meaning is not Meaning.OK:
            text = f"store {self._settings.store_id} cannot be read"
            raise _refused(answer, text, ExceptionCode.CONFIG_INVALID)
        read_wire(WirePage, answer.json(), "page of returns")

    async def _send(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        json: object = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Answer:
        request = self._http.request(
            method,
            self._settings.store_url + path,
            params=query,
            json=json,
            headers={
                "Authorization": f"Bearer {self._settings.api_key.get_secret_value()}",
                "Accept": "application/json",
            },
        )
        await self._limit.turn()
        return await self._http.send(request, operation=operation, write=method != "GET")


def _path(template: str, return_id: str) -> str:
    return template.format(return_id=quote(return_id, safe=""))


def _return(answer: Answer, return_id: str) -> WireReturn:
    wire = read_wire(WireReturn, answer.json(), "return")
    if wire.id != return_id:
        raise Rejected(ExceptionCode.EVENT_INVALID, f"Reveni answered another return than {return_id}")
    return wire


def _refused(answer: Answer, text: str, code: ExceptionCode = ExceptionCode.EVENT_INVALID) -> Rejected:
    why = "Reveni does not know it" if answer.meaning is Meaning.ABSENT else f"Reveni says: {_words(answer)}"
    return Rejected(code, f"{text}: {why} (HTTP {answer.status})", vendor_code=str(answer.status))


def _words(answer: Answer) -> str:
    """The messages of an error body, shortened and without what looks like a mail address.

    Only the fields of the contract are read: anything else might be about the customer.
    """
    try:
        body = answer.json()
    except VendorTrouble:
        return "no reason given"
    fields = body if isinstance(body, dict) else {}
    texts = [f"{name}: {text}" for name in contract.ERROR_FIELDS if (text := _text(fields.get(name)))]
    return vendor_words("; ".join(texts)) or "no reason given"


def _text(value: object) -> str:
    parts = value if isinstance(value, list) else [value]
    return ", ".join(part for part in parts if isinstance(part, str))


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
