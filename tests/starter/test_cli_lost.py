"""The command ``backhaul`` about lost parcels, and about parcels that were scanned twice."""

import pytest
from temporalio.client import Client

from desk.starting import start_or_poke
from domain.messages import Poke
from domain.returns import ReturnRef
from store import Store
from tests.starter.given import connections
from tests.starter.test_cli import Backhaul, backhaul, data, returned

__all__ = ["backhaul"]

LOCATION = ("--location", "LDN-1")


@pytest.fixture
async def expected(store: Store, client: Client) -> ReturnRef:
    """A return whose workflow runs."""
    ref = await returned(store)
    await start_or_poke(client, ref, connections()[0].connection, Poke())
    return ref


async def test_E31_lost_tells_how_many_units_it_asks_about(
    backhaul: Backhaul, expected: ReturnRef, recorder: None
) -> None:
    result = await backhaul("lost", expected.return_id, "--reason", "claim 4711", "--json")
    assert result.exit_code == 0
    assert data(result) == {"return_id": str(expected), "units": 2}


async def test_E31_lost_tells_why_it_was_refused(backhaul: Backhaul, expected: ReturnRef, recorder: None) -> None:
    result = await backhaul("lost", expected.return_id, "--reason", "refuse me")
    assert result.exit_code == 1
    assert "does not wait for goods" in result.stderr
    unknown = await backhaul("lost", "nothing-like-it")
    assert unknown.exit_code == 3
    long = await backhaul("lost", expected.return_id, "--reason", "x" * 201)
    assert long.exit_code == 2


async def test_E16_inspect_says_that_the_first_result_of_a_parcel_stands(
    backhaul: Backhaul, expected: ReturnRef, recorder: None
) -> None:
    again = ("--unit", "P1:1:A", "--parcel", "LPN-TWICE", "--confirmed")
    result = await backhaul("inspect", expected.return_id, *LOCATION, *again)
    assert result.exit_code == 1
    assert "recorded before with another result" in result.stderr
