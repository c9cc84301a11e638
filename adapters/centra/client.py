"""Sends to Centra and reads its answers; failures are the four outcomes (decision D2)."""

import json
import logging
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from adapters.centra import contract
from adapters.centra.contract import MAX_PAGES, ROWS, VENDOR, Operation
from adapters.centra.pace import Window
from adapters.centra.settings import CentraSettings
from adapters.centra.wire import OrderAnswer, Payload, W
from adapters.kit.answer import Answer, Call
from adapters.kit.http import Limits, VendorHttp
from adapters.kit.misfit import first_misfit
from adapters.kit.once import AlreadyThere
from adapters.kit.outside import Outside
from adapters.kit.status import Meaning
from domain.exceptions import ExceptionCode
from domain.outcomes import CredentialsRefused, Rejected, vendor_words

_log = logging.getLogger(__name__)


class CentraClient:
    """One tenant: one integration token, one Order API plugin."""

    def __init__(self, settings: CentraSettings, outside: Outside) -> None:
        limits = Limits(timeout_seconds=settings.timeout_seconds, max_in_flight=settings.max_in_flight)
        self._http = VendorHttp(outside.http, VENDOR, contract.STATUSES, limits, outside.clock)
        self._settings = settings
        self._requests = Window("requests in ten seconds", settings.requests_per_ten_seconds, 10)
        self._mutations = Window("mutations an hour", settings.mutations_per_hour, 3600)

    async def rows(self, operation: Operation, shape: type[W], **variables: object) -> list[W]:
        """One page of a query whose field is a list."""
        call, data = await self._graphql(operation, variables)
        rows = data.get(operation.name)
        if not isinstance(rows, list):
            raise call.lost("the answer has no list")
        return [_read(call, shape, row) for row in rows]

    async def one(self, operation: Operation, shape: type[W], **variables: object) -> W:
        """A query whose field is an object."""
        call, data = await self._graphql(operation, variables)
        return _read(call, shape, data.get(operation.name))

    async def all_rows(self, operation: Operation, shape: type[W], **variables: object) -> list[W]:
        """Every page of a list."""
        found: list[W] = []
        for page in range(1, MAX_PAGES + 1):
            rows = await self.rows(operation, shape, **variables, p=page)
            found += rows
            if len(rows) < ROWS:
                return found
        raise Rejected(ExceptionCode.CONFIG_INVALID, f"{VENDOR} {operation.name}: more than {MAX_PAGES} pages")

    async def mutate(self, operation: Operation, **variables: object) -> Payload:
        """What a mutation made. Rejected with our code by the operation's table when it has user errors; when the
        document has several fields, by the last one. An answer that cannot be read is InDoubt."""
        call, data = await self._graphql(operation, variables)
        payloads = {name: _read(call, Payload, part) for name, part in data.items()}
        payload = payloads.get(operation.name)
        if payload is None:
            raise call.lost(f"no {operation.name} in the answer")
        for name, part in payloads.items():
            for warning in part.warnings:
                _log.warning("%s %s warns: %s", VENDOR, name, vendor_words(warning.message))
        if payload.errors:
            words = "; ".join(error.message for error in payload.errors)
            kind = classify(words)
            raise Rejected(operation.refusal(kind), f"{call}: {vendor_words(words)}", kind)
        return payload

    async def place_order(self, body: Mapping[str, object]) -> list[str]:
        """Numbers of the orders made. AlreadyThere when the number is taken; Centra's words are not quoted, because
        they may be about the customer."""
        call = Call(VENDOR, "create order", write=True)
        answer = await self._send(
            call,
            self._settings.order_api_url + "/order",
            {"API-Authorization": self._settings.order_api_key.get_secret_value()},
            body,
        )
        made = _read(call, OrderAnswer, answer.json())
        if made.status == "ok" and made.orders:
            return list(made.orders)
        if made.status != "no" or made.code is None:
            raise call.lost("neither orders nor a code in the answer")
        if made.code == contract.ORDER_EXISTS:
            raise AlreadyThere(f"{call}: the order number is taken")
        code = contract.ORDER_REFUSALS.get(made.code, contract.OTHER_ORDER_REFUSAL)
        raise Rejected(code, f"{call}: refused with code {made.code}", str(made.code))

    async def _graphql(self, operation: Operation, variables: Mapping[str, object]) -> tuple[Call, dict[str, Any]]:
        call = Call(VENDOR, operation.name, operation.write)
        if operation.write:
            await self._mutations.turn(operation.mutations)
        await self._requests.turn()
        headers = {"Authorization": f"Bearer {self._settings.token.get_secret_value()}"}
        body = {"query": operation.document, "variables": dict(variables)}
        answer = await self._send(call, self._settings.base_url + "/graphql", headers, body)
        content = answer.json()
        if not isinstance(content, dict):
            raise call.lost("the answer is no object")
        _raise_errors(call, content.get("errors"))
        data = content.get("data")
        if not isinstance(data, dict):
            raise call.lost("an answer without data")
        return call, data

    async def _send(self, call: Call, url: str, headers: Mapping[str, str], body: Mapping[str, object]) -> Answer:
        headers = {**headers, "Content-Type": "application/json", "Accept": "application/json"}
        request = self._http.request("POST", url, content=dumps(body).encode(), headers=headers)
        answer = await self._http.send(request, operation=call.operation, write=call.write)
        if answer.meaning is not Meaning.OK:
            raise Rejected(ExceptionCode.CONFIG_INVALID, f"{call}: HTTP {answer.status}", str(answer.status))
        return answer


def dumps(value: object) -> str:
    """JSON in which a Decimal is a number with just its digits."""
    match value:
        case Decimal():
            return format(value, "f")
        case dict():
            return "{" + ",".join(f"{json.dumps(name)}:{dumps(part)}" for name, part in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(dumps(part) for part in value) + "]"
        case _:
            return json.dumps(value)


def classify(words: str) -> str:
    """What kind of refusal a text is; empty when it is none that we know."""
    return next((kind for kind, pattern in contract.TEXTS if pattern.search(words)), "")


def _raise_errors(call: Call, errors: object) -> None:
    """Top-level errors: of the credentials, of Centra itself, or of our query."""
    if not errors:
        return
    listed = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    extensions = [error.get("extensions") for error in listed]
    categories = {extension.get("category") for extension in extensions if isinstance(extension, dict)}
    if contract.AUTHORIZATION in categories:
        raise CredentialsRefused(f"{call}: the token lacks a permission")
    if not listed or categories & contract.INTERNAL:
        raise call.lost("an error of Centra's own")
    words = "; ".join(str(error.get("message", "")) for error in listed)
    raise Rejected(ExceptionCode.CONFIG_INVALID, f"{call}: {vendor_words(words)}")


def _read(call: Call, shape: type[W], body: object) -> W:
    try:
        return shape.model_validate(body)
    except ValidationError as trouble:
        raise call.lost(first_misfit(trouble)) from None
