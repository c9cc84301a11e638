"""The sandbox's own endpoints beside those of every vendor, under `/_sandbox`.

`POST windows/{class}` runs one window now and answers `{"files"}`; `POST windows/open` and `windows/close` hold the
read API closed. `POST switches` (a Switch), `GET switches` (with `left`), `DELETE switches`; `POST acks/reissue`.
`POST orders/{number}/despatch`, `POST orders/{number}/edit` (an OrderEdit), `POST returns/{number}/cancel`,
`POST credits` (a HandCredit) answers `{"credit_number"}`.

404 for an unknown document, 409 when BlueCherry would refuse it, 422 for bad arguments.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from fastapi import APIRouter, HTTPException

from sandbox.bluecherry.back_office import BackOffice, HandCredit, OrderEdit
from sandbox.bluecherry.model import Order
from sandbox.bluecherry.refusal import Refused
from sandbox.bluecherry.switches import Switch, Switches
from sandbox.bluecherry.windows import Windows

T = TypeVar("T")


def windows_router(windows: Windows, switches: Switches) -> APIRouter:
    """Windows, acknowledgements and what goes wrong with files."""
    router = APIRouter(prefix="/_sandbox")

    @router.post("/windows/open", status_code=204)
    def open_window() -> None:
        windows.open()

    @router.post("/windows/close", status_code=204)
    def close_window() -> None:
        _plainly(windows.close)

    @router.post("/windows/{record_class}")
    def run_window(record_class: str) -> dict[str, Any]:
        return {"files": [asdict(done) for done in _plainly(lambda: windows.run(record_class))]}

    @router.post("/acks/reissue")
    def reissue_acks() -> dict[str, list[str]]:
        return {"files": windows.reissue_acks()}

    @router.get("/switches")
    def read_switches() -> list[dict[str, Any]]:
        return [{**switch.model_dump(), "left": left} for switch, left in switches.left()]

    @router.post("/switches", status_code=201)
    def add_switch(switch: Switch) -> Switch:
        switches.add(switch)
        return switch

    @router.delete("/switches", status_code=204)
    def clear_switches() -> None:
        switches.clear()

    return router


def back_office_router(office: BackOffice) -> APIRouter:
    """What people do."""
    router = APIRouter(prefix="/_sandbox")

    @router.post("/orders/{number}/despatch")
    def despatch(number: str) -> dict[str, str]:
        return _order(_plainly(lambda: office.despatch(number)))

    @router.post("/orders/{number}/edit")
    def edit(number: str, body: OrderEdit) -> dict[str, str]:
        return _order(_plainly(lambda: office.edit_order(number, body)))

    @router.post("/returns/{number}/cancel")
    def cancel(number: str) -> dict[str, str]:
        found = _plainly(lambda: office.cancel_return(number))
        return {"return_number": found.number, "status": found.status}

    @router.post("/credits", status_code=201)
    def post_credit(body: HandCredit) -> dict[str, str]:
        return {"credit_number": _plainly(lambda: office.post_credit(body)).number}

    return router


def _order(order: Order) -> dict[str, str]:
    return {"order": order.number, "status": order.status}


def _plainly(work: Callable[[], T]) -> T:
    """Run it, and word a refusal for the caller over HTTP."""
    try:
        return work()
    except Refused as refused:
        missing = "NOT FOUND" in refused.text
        raise HTTPException(404 if missing else 409, f"{refused.code} {refused.text}") from refused
    except ValueError as wrong:
        raise HTTPException(422, str(wrong)) from wrong
