"""Patchworks over HTTP: the callback that answers at once, and `get_operation`. Failures are the four outcomes (D2)."""

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import SecretStr, ValidationError

from adapters.kit.answer import Answer, Call
from adapters.kit.http import Limits, VendorHttp
from adapters.kit.limit import RateLimit
from adapters.kit.misfit import first_misfit
from adapters.kit.outside import Outside
from adapters.kit.status import Meaning
from adapters.patchworks import contract
from adapters.patchworks.contract import Operation
from adapters.patchworks.settings import PatchworksSettings
from adapters.patchworks.shapes import Head, Wire, WireError, Written
from adapters.patchworks.wire import Body, write_json
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected, RetryLater, VendorTrouble, vendor_words

VENDOR = "Patchworks"
W = TypeVar("W", bound=Wire)
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9.]{0,60}")


class Channel:
    """Requests to Patchworks at our pace: callbacks, start and core together keep one limit."""

    def __init__(self, settings: PatchworksSettings, outside: Outside) -> None:
        limits = Limits(timeout_seconds=settings.timeout_seconds, max_in_flight=settings.max_in_flight)
        self._http = VendorHttp(outside.http, VENDOR, contract.STATUSES, limits, outside.clock)
        self._pace = RateLimit(settings.requests_per_second)

    async def send(
        self,
        call: Call,
        method: str,
        url: str,
        secret: tuple[str, SecretStr],
        body: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> object:
        """The JSON of an OK answer. Rejected(CONFIG_INVALID) when Patchworks did not take the request."""
        name, value = secret
        headers = {**contract.HEADERS, name: value.get_secret_value()}
        request = self._http.request(method, url, content=body, params=query, headers=headers)
        await self._pace.turn()
        answer = await self._http.send(request, operation=call.operation, write=call.write)
        if answer.meaning is not Meaning.OK:
            raise _not_taken(answer)
        return answer.json()


class PatchworksClient:
    """The flows of one connection."""

    def __init__(self, settings: PatchworksSettings, channel: Channel, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._channel = channel
        self._clock = clock

    async def read(self, operation: Operation, blocks: Body, shape: type[W]) -> W:
        """What a reading operation answers. Asked under a key of its own, so nothing old comes back."""
        return await self.call(operation, read_key(), blocks, shape)

    async def call(self, operation: Operation, key: str, blocks: Body, shape: type[W]) -> W:
        """What the operation answers, by the callback.

        Raises Rejected with our code by the operation's table; RetryLater for a passing error and while the key is
        still worked on; lost (InDoubt for writes) for any reply that is not one element about this very key.
        """
        call = _call(operation)
        element = await self._ask(call, operation, key, blocks)
        return readable(call, operation, element, shape)

    async def find(self, operation: Operation, key: str) -> Written | None:
        """The document that was made under this key; None when there is none.

        A stored error is None too: nothing was made, and it may be of an attempt that has been corrected since.
        RetryLater while the flow is still at work on it.
        """
        call, element = await self.outcome(key)
        if shaped(call, element, Head).status in (contract.NOT_FOUND, contract.ERROR):
            return None
        return readable(call, operation, element, Written)

    async def outcome(self, key: str) -> tuple[Call, object]:
        """What became of the operation under this key: the element that `get_operation` answers, and the call."""
        call = _call(contract.GET_OPERATION)
        return call, await self._ask(call, contract.GET_OPERATION, key, {})

    def envelope(self, operation: Operation, key: str, blocks: Body) -> str:
        """The request: ASSUMED(2). `sentAt` is for people; nothing depends on it."""
        head = {
            "operation": operation.name,
            "idempotencyKey": key,
            "correlationId": correlation(key),
            "sentAt": self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        text = write_json({**head, **blocks})
        if len(text.encode()) > contract.MAX_REQUEST_BYTES:
            raise Rejected(ExceptionCode.CONFIG_INVALID, f"{VENDOR} {operation.name}: the request is above 8 MB")
        return text

    async def _ask(self, call: Call, operation: Operation, key: str, blocks: Body) -> object:
        secret = (contract.SIGNATURE_HEADER, self._settings.signature)
        text = self.envelope(operation, key, blocks)
        reply = await self._channel.send(call, "POST", self._settings.callback, secret, text)
        if not isinstance(reply, list) or len(reply) != 1:
            raise call.lost("the reply is no array of one element")
        head = shaped(call, reply[0], Head)
        if (head.operation, head.idempotency_key) != (operation.name, key):
            raise call.lost("the reply is about another operation or key")
        return reply[0]


def read_key() -> str:
    """A key for a read; nothing is de-duped on it."""
    return contract.READ_KEY.format(random=uuid.uuid4().hex)


def correlation(key: str) -> str:
    """What all documents of one return have in common: ``bh-<return>`` of ``bh-<return>-g-1``."""
    parts = key.split("-")
    return "-".join(parts[:2]) if parts[0] == "bh" else key


def readable(call: Call, operation: Operation, element: object, shape: type[W]) -> W:
    """The element as `shape` when it is `ok`; otherwise what it means is raised."""
    head = shaped(call, element, Head)
    if head.status == contract.OK:
        return shaped(call, element, shape)
    if head.status == contract.IN_PROGRESS:
        raise RetryLater(f"{call}: the flow is still at work on it")
    if head.status == contract.ERROR and head.error is not None:
        raise refusal(call, operation, head.error)
    raise call.lost(f"the reply says {head.status}")


def shaped(call: Call, element: object, shape: type[W]) -> W:
    """The element in this shape; lost when it is not, naming the first field that is wrong, never its content."""
    try:
        return shape.model_validate(element)
    except ValidationError as trouble:
        raise call.lost(first_misfit(trouble, "the element")) from None


def refusal(call: Call, operation: Operation, error: WireError) -> VendorTrouble:
    """What to raise for an error element. A code that we do not know is as passing as the flow says."""
    figures = _figures(error.details)
    words = vendor_words(error.message)
    if operation.personal:
        words = f"naming {figures['fields']}" if "fields" in figures else "refused"
    text = f"{call}: {words} ({error.code or 'no code'})"
    if error.code in contract.TRANSIENT or (error.retryable and error.code not in contract.FINAL):
        return RetryLater(text)
    return Rejected(operation.refusal(error.code), text, error.code, figures)


def _figures(details: Mapping[str, object]) -> dict[str, str]:
    """What is wrong, where the flow names it: a SKU, a location, names of fields. Never a field's content."""
    named = {name: value for name in ("sku", "location") if isinstance(value := details.get(name), str)}
    fields = details.get("fields")
    names = [name for name in fields if isinstance(name, str)] if isinstance(fields, list) else []
    if known := [name for name in names if _FIELD.fullmatch(name)]:
        named["fields"] = ", ".join(known)
    return named


def _call(operation: Operation) -> Call:
    return Call(VENDOR, operation.name, operation.write)


def _not_taken(answer: Answer) -> Rejected:
    """Documented only: 413 and 422. The bodies are not, so they are not quoted."""
    text = f"{answer.call}: Patchworks did not take the request (HTTP {answer.status})"
    return Rejected(ExceptionCode.CONFIG_INVALID, text, str(answer.status))
