"""Connections of every pair are made from those of the example, and may start; nobody has to write eight of them."""

import tomllib
from pathlib import Path

import pytest

from adapters.assembly import ReadyConnection, load_connections
from domain.connection import InspectedBy
from starter.demo.pairing import ALL, NAMES, SHOWN, Pairing, pairing_named
from starter.demo.surroundings import Surroundings
from starter.demo.trouble import DemoError
from tests.starter.given import ENVIRON


def made(pairing: Pairing, folder: Path) -> dict[str, ReadyConnection]:
    urls = dict.fromkeys((pairing.erp, *pairing.connections.values()), "http://127.0.0.1:1")
    file = Surroundings(folder).configure("connections.toml", [pairing], urls)
    ready = load_connections(tomllib.loads(file.read_text(encoding="utf-8")), ENVIRON)
    return {one.name: one for one in ready}


@pytest.mark.parametrize("name", NAMES)
def test_R18_every_pair_has_connections_that_start(name: str, tmp_path: Path) -> None:
    pairing = pairing_named(name)
    ready = made(pairing, tmp_path)
    assert set(ready) == set(pairing.connections.values())
    assert {(one.connection.platform, one.connection.erp) for one in ready.values()} == {
        (pairing.platform, pairing.erp)
    }
    assert len({one.connection.books for one in ready.values()}) == 1


@pytest.mark.parametrize("erp", sorted({pairing.erp for pairing in ALL}))
def test_R24_R28_goods_graded_at_the_platform_go_where_reasons_say_in_each_erp(erp: str, tmp_path: Path) -> None:
    """The depot is that ERP's own for the bucket that the example names."""
    graded = made(pairing_named(f"{erp}-returngo"), tmp_path)[f"{erp}-returngo-graded"].connection
    assert graded.policy.inspected_by is InspectedBy.PLATFORM
    assert graded.mappings.disposition("not_restockable", "not_as_described") == "DAMAGED"
    quarantine = graded.mappings.depot("LDN-1", "quarantine")
    assert graded.mappings.depot("LDN-1", "damaged", "not_as_described") == quarantine


@pytest.mark.parametrize("pairing", SHOWN, ids=lambda pairing: pairing.name)
def test_pairings_of_the_example_are_played_as_they_stand_there(pairing: Pairing, tmp_path: Path) -> None:
    assert set(made(pairing, tmp_path)) == set(pairing.connections.values())


def test_an_unknown_pairing_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(DemoError, match="centra-returngo"):
        pairing_named("centra-shopify")
