"""The same actions over HTTP, under `/_sandbox`, for those who run the sandbox in a process of its own.

`POST returns` with a ReturnSpec as JSON (amounts as text) answers 201 `{"return_id"}`.
`POST returns/{id}/{action}` with the action's arguments as JSON, if any, answers 200 with the return;
`POST returns/{id}/delivery` takes a DeliveryPolicy; `GET returns/{id}` answers the return.
`GET events[?return_id=]`, `POST events/{id}/redeliver`.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import APIRouter, Body, HTTPException
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from sandbox.kit.delivery import Event
from sandbox.kit.wanted import DeliveryPolicy, ItemEdit, ItemSpec, Money, ReturnSpec
from sandbox.reveni.errors import Refused
from sandbox.reveni.model import Json

_SPEC = TypeAdapter(ReturnSpec)

T = TypeVar("T")
Arguments = Annotated[dict[str, Any] | None, Body()]


class Controlled(Protocol):
    """What the router needs of the sandbox."""

    def add_return(self, spec: ReturnSpec) -> str: ...
    def complete(self, return_id: str) -> None: ...
    def ship(self, return_id: str) -> None: ...
    def receive(self, return_id: str) -> None: ...
    def review(self, return_id: str) -> None: ...
    def cancel(self, return_id: str) -> None: ...
    def expire(self, return_id: str) -> None: ...
    def pay_refund(self, return_id: str, amount: Decimal | None = None, kind: str = "default") -> str: ...
    def plan_refund_amount(self, return_id: str, amount: Decimal) -> None: ...
    def fail_refund(self, return_id: str) -> str: ...
    def ask_difference(self, return_id: str, amount: Decimal | None = None) -> str: ...
    def pay_difference(self, return_id: str, amount: Decimal | None = None) -> str: ...
    def fail_difference(self, return_id: str) -> str: ...
    def edit_items(
        self, return_id: str, change: Sequence[ItemEdit], remove: Sequence[str], add: Sequence[ItemSpec]
    ) -> None: ...
    def add_exchange_order(self, return_id: str, external_id: str, number: str) -> None: ...
    def set_delivery(self, return_id: str, policy: DeliveryPolicy) -> None: ...
    def get(self, return_id: str) -> Json: ...
    def events(self, return_id: str | None = None) -> list[Event]: ...
    def redeliver(self, event_id: str) -> None: ...


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Nothing(_Arguments):
    """An action without arguments."""


class Payment(_Arguments):
    """Arguments of `pay_refund`."""

    amount: Money | None = None
    kind: str = "default"


class Difference(_Arguments):
    """Arguments of `ask_difference` and `pay_difference`."""

    amount: Money | None = None


class Edits(_Arguments):
    """Arguments of `edit_items`; `remove` names item ids."""

    change: list[ItemEdit] = []
    remove: list[str] = []
    add: list[ItemSpec] = []


class Plan(_Arguments):
    """Arguments of `plan_refund_amount`."""

    amount: Money


class ExchangeOrderMade(_Arguments):
    """Arguments of `add_exchange_order`."""

    external_id: str
    number: str


def seed_with(add: Callable[[ReturnSpec], str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """`POST seed` of the kit: `{"returns": [ReturnSpec, ...]}` answers `{"return_ids": [...]}`."""

    def seed(body: dict[str, Any]) -> dict[str, Any]:
        specs = [_SPEC.validate_python(spec) for spec in body["returns"]]
        return {"return_ids": [add(spec) for spec in specs]}

    return seed


def actions_router(sandbox: Controlled) -> APIRouter:
    """Routes that act as shopper, staff or bank. 404 unknown, 409 not allowed, 422 bad arguments."""
    router = APIRouter(prefix="/_sandbox")
    table: dict[str, tuple[type[_Arguments], Callable[..., object]]] = {
        "complete": (Nothing, sandbox.complete),
        "ship": (Nothing, sandbox.ship),
        "receive": (Nothing, sandbox.receive),
        "review": (Nothing, sandbox.review),
        "cancel": (Nothing, sandbox.cancel),
        "expire": (Nothing, sandbox.expire),
        "pay_refund": (Payment, sandbox.pay_refund),
        "plan_refund_amount": (Plan, sandbox.plan_refund_amount),
        "fail_refund": (Nothing, sandbox.fail_refund),
        "ask_difference": (Difference, sandbox.ask_difference),
        "pay_difference": (Difference, sandbox.pay_difference),
        "fail_difference": (Nothing, sandbox.fail_difference),
        "edit_items": (Edits, sandbox.edit_items),
        "add_exchange_order": (ExchangeOrderMade, sandbox.add_exchange_order),
    }

    @router.post("/returns", status_code=201)
    def add_return(body: dict[str, Any]) -> dict[str, str]:
        return {"return_id": _plainly(lambda: sandbox.add_return(_SPEC.validate_python(body)))}

    @router.get("/returns/{return_id}")
    def read_return(return_id: str) -> Json:
        return _plainly(lambda: sandbox.get(return_id))

    @router.post("/returns/{return_id}/delivery")
    def set_delivery(return_id: str, policy: DeliveryPolicy) -> Json:
        _plainly(lambda: sandbox.set_delivery(return_id, policy))
        return sandbox.get(return_id)

    @router.post("/returns/{return_id}/{action}")
    def act(return_id: str, action: str, body: Arguments = None) -> Json:
        if action not in table:
            raise HTTPException(404, f"actions: {', '.join(table)}")
        model, method = table[action]
        _plainly(lambda: method(return_id, **dict(model.model_validate(body or {}))))
        return sandbox.get(return_id)

    @router.get("/events")
    def list_events(return_id: str | None = None) -> list[dict[str, str]]:
        return [{"id": e.id, "event": e.name, "return_id": e.return_id} for e in sandbox.events(return_id)]

    @router.post("/events/{event_id}/redeliver", status_code=202)
    def redeliver(event_id: str) -> None:
        _plainly(lambda: sandbox.redeliver(event_id))

    return router


def _plainly(work: Callable[[], T]) -> T:
    """Run an action and word its refusal for the caller over HTTP."""
    try:
        return work()
    except Refused as refused:
        raise HTTPException(refused.status, str(refused.body)) from refused
    except KeyError as missing:
        raise HTTPException(404, f"unknown: {missing}") from missing
    except (ValidationError, ValueError) as wrong:
        raise HTTPException(422, str(wrong)) from wrong
