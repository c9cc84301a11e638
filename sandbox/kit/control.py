"""Control endpoints of every sandbox, under `/_sandbox`: look at the vendor, break it, mend it, seed it."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import ValidationError

from sandbox.kit.faults import Fault, FaultPlan
from sandbox.kit.journal import Entry, Journal

State = Callable[[], dict[str, Any]]
Seed = Callable[[dict[str, Any]], dict[str, Any]]


def control_router(journal: Journal, faults: FaultPlan, state: State, seed: Seed | None = None) -> APIRouter:
    """Routes `GET journal[?op=]`, `GET state`, `GET faults` (with `left`), `POST faults` (a Fault),
    `DELETE faults`, maybe `POST seed`.

    `state` returns the vendor's state as JSON for people. `seed` takes and returns JSON; its ValidationError,
    ValueError or KeyError becomes a 422.
    """
    router = APIRouter(prefix="/_sandbox")

    @router.get("/journal")
    def read_journal(op: str | None = None) -> list[Entry]:
        return journal.entries(op)

    @router.get("/state")
    def read_state() -> dict[str, Any]:
        return state()

    @router.get("/faults")
    def read_faults() -> list[dict[str, Any]]:
        return [{**fault.model_dump(), "left": left} for fault, left in faults.left()]

    @router.post("/faults", status_code=201)
    def add_fault(fault: Fault) -> Fault:
        faults.add(fault)
        return fault

    @router.delete("/faults", status_code=204)
    def clear_faults() -> None:
        faults.clear()

    if seed is not None:
        _add_seed_route(router, seed)
    return router


def _add_seed_route(router: APIRouter, seed: Seed) -> None:
    @router.post("/seed", status_code=201)
    def add_seed(body: dict[str, Any]) -> dict[str, Any]:
        try:
            return seed(body)
        except (ValidationError, ValueError, KeyError) as refused:
            raise HTTPException(422, str(refused)) from refused
