"""The return's reason may decide disposition and depot, and the record says that it did (R24, R28, R105)."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.exceptions import ExceptionCode
from runtime.devserver import DevServer
from tests.returns.looking import told
from tests.world import COAT, World, running_world

RULES: dict[str, Any] = {
    "mappings": {
        "dispositions": {"A": "SELLABLE", "C": "DAMAGED", "LOOK": "by_reason"},
        "reasons": {"changed_mind": "CM", "size_too_small": "TS", "defective": "DF"},
        "reason_dispositions": {"changed_mind": "SELLABLE", "defective": "QUARANTINE"},
        "reason_depots": {"defective": {"quarantine": "HC"}},
    }
}


@pytest.fixture(scope="module")
async def ruled(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running_world(temporal_server, tmp_path_factory.mktemp("ruled"), {"uk": RULES}) as running:
        yield running


async def test_R24_R28_an_inspection_without_disposition_goes_where_the_reason_says(ruled: World) -> None:
    ref = ruled.returned(ruled.order(), reason="defective")
    await ruled.stage(ref, "AWAITING_GOODS")
    await ruled.inspect(ref, (COAT, 1, ""))
    await ruled.closed(ref)
    assert ruled.received(ref) == {(COAT, "HC"): 1}
    assert "by reason_dispositions.defective, reason_depots.defective" in await told(ruled, ref)


async def test_R24_the_code_that_means_look_at_the_reason(ruled: World) -> None:
    ref = ruled.returned(ruled.order(), reason="defective")
    await ruled.stage(ref, "AWAITING_GOODS")
    await ruled.inspect(ref, (COAT, 1, "LOOK"))
    await ruled.closed(ref)
    assert ruled.received(ref) == {(COAT, "HC"): 1}


async def test_R25_R24_what_the_warehouse_set_apart_never_becomes_sellable_by_a_reason(ruled: World) -> None:
    ref = ruled.returned(ruled.order(), reason="changed_mind")
    await ruled.stage(ref, "AWAITING_GOODS")
    await ruled.inspect(ref, (COAT, 1, "LOOK"))
    item = await ruled.parked(ref)
    assert item.code is ExceptionCode.DISPOSITION_UNMAPPED
    assert ruled.received(ref) == {}


async def test_R24_a_reason_that_is_not_mapped_parks(ruled: World) -> None:
    ref = ruled.returned(ruled.order(), reason="size_too_small")
    await ruled.stage(ref, "AWAITING_GOODS")
    await ruled.inspect(ref, (COAT, 1, ""))
    item = await ruled.parked(ref)
    assert (item.code, item.payload["reason"]) == (ExceptionCode.DISPOSITION_UNMAPPED, "size_too_small")


async def test_R28_a_code_of_the_warehouse_still_decides_the_disposition(ruled: World) -> None:
    ref = ruled.returned(ruled.order(), reason="defective")
    await ruled.stage(ref, "AWAITING_GOODS")
    await ruled.inspect(ref, (COAT, 1, "A"))
    await ruled.closed(ref)
    assert ruled.received(ref) == {(COAT, "01"): 1}
    assert "by reason" not in await told(ruled, ref)


async def test_R105_the_audit_shows_which_mapping_each_document_was_made_with(ruled: World) -> None:
    """A mapping that changes while returns are open: each document names the version that it used."""
    ref = ruled.returned(ruled.order(), reason="defective")
    await ruled.stage(ref, "AWAITING_GOODS")
    before = ruled.ready[0].connection.mappings.version
    changed = ruled.ready[0].connection.mappings.model_copy(
        update={"reason_depots": {"defective": {"quarantine": "QT"}}}
    )
    await ruled.stop_worker()
    known = ruled.ready[0].connection
    object.__setattr__(ruled.ready[0], "connection", known.model_copy(update={"mappings": changed}))
    await ruled.start_worker()
    try:
        await ruled.inspect(ref, (COAT, 1, ""))
        await ruled.closed(ref)
    finally:
        await ruled.stop_worker()
        object.__setattr__(ruled.ready[0], "connection", known)
        await ruled.start_worker()
    assert ruled.received(ref) == {(COAT, "QT"): 1}
    async with ruled.store.reading() as unit:
        documents = await unit.documents.for_return(ref)
        audit = [entry for d in documents for entry in await unit.audit.list(subject=d.key)]
    assert [d.mapping for d in documents] == [before, changed.version, changed.version]
    posted = [entry.detail["mapping"] for entry in audit if entry.action == "document.posted"]
    assert posted == [before, changed.version, changed.version], json.dumps([e.detail for e in audit])
