"""Sends one message to Prima and reads its answer; failures are the four outcomes (decision D2)."""

import re
from collections.abc import Callable
from typing import TypeVar

from adapters.kit.answer import Call
from adapters.kit.http import VendorHttp
from adapters.kit.once import AlreadyThere
from adapters.prima import contract
from adapters.prima.codec import (
    Document,
    Record,
    Reply,
    Unreadable,
    Values,
    read_reply,
    write_envelope,
    write_request,
)
from adapters.prima.contract import Message
from domain.outcomes import Rejected, RetryLater, VendorTrouble, vendor_words

VENDOR = "Prima"
T = TypeVar("T")


class PrimaClient:
    """One Prima service, and one company in it where the service holds several."""

    def __init__(self, http: VendorHttp, url: str, company: str | None) -> None:
        self._http = http
        self._url = url
        self._company = company

    async def call(self, message: Message, document: Document, parse: Callable[[Record], T]) -> T:
        """What `parse` makes of the `Data` of the answer.

        Raises Rejected with our code by the message's table, AlreadyThere for DUP, RetryLater for LOCKED and
        SYSTEM, and what `VendorHttp` raises. An answer that cannot be read, or is for another document, is
        lost.
        """
        call = Call(VENDOR, message.name, message.write)
        try:
            reply = await self._exchange(call, message, document)
            if reply.ok:
                _check_echo(document, reply.data)
                return parse(reply.data)
        except Unreadable as wrong:
            raise call.lost(str(wrong)) from None
        raise refusal(call, message, reply)

    async def find(self, message: Message, data: Values, parse: Callable[[Record], T]) -> T | None:
        """As `call` for a detail message; None when Prima does not have the document."""
        try:
            return await self.call(message, (data, ()), parse)
        except Rejected as refused:
            if refused.vendor_code == contract.NOTFOUND:
                return None
            raise

    async def _exchange(self, call: Call, message: Message, document: Document) -> Reply:
        envelope = write_envelope(write_request(message, *document), self._company)
        request = self._http.request("POST", self._url, content=envelope, headers=dict(contract.HEADERS))
        answer = await self._http.send(request, operation=call.operation, write=call.write)
        reply = read_reply(answer.body)
        if reply.request_type not in ("", message.name):
            raise Unreadable("the answer is for another RequestType")
        return reply


def classify(code: str, text: str) -> str:
    """Prima's code for a refusal: the one it gave when we know it, else by its text, else empty."""
    if code in contract.CODES:
        return code
    return next((known for known, pattern in contract.TEXTS if pattern.search(text)), "")


def refusal(call: Call, message: Message, reply: Reply) -> VendorTrouble:
    """What to raise for an answer that is not OK."""
    code = classify(reply.code, reply.text)
    words = _named(message, reply.text) if message.personal else vendor_words(reply.text)
    if code in contract.TRANSIENT:
        return RetryLater(f"{call}: {words}")
    if code == contract.DUP and message.write:
        return AlreadyThere(f"{call}: {words}")
    return Rejected(message.refusal(code), f"{call}: {words}", code or reply.code)


def _named(message: Message, text: str) -> str:
    """The attributes that a text names, and not a word more of it."""
    known = {name for shape in message.shape.values() for name in shape.split()}
    named = sorted(known.intersection(re.findall(r"\w+", text)))
    return f"refused, naming {', '.join(named)}" if named else "refused"


def _check_echo(document: Document, answer: Record) -> None:
    """Where the answer names a document, it must be the one we asked about."""
    for name in ("TPGUID", "OrderNumber", "ReturnNumber", "CreditNumber"):
        asked = document[0].get(name, "")
        if asked and answer.get(name) not in ("", asked):
            raise Unreadable(f"the answer is for another {name}")
