"""Business keys: decision D1."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.keys import Step, business_key, exception_id
from domain.returns import ReturnRef

RETURN_IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)
CONNECTIONS = st.sampled_from(["uk", "us", "fr-wholesale"])
REVENI_ID = "4e26c9f08f2a468fabc16af12ae0209b"


def returned(return_id: str, connection: str = "uk") -> ReturnRef:
    return ReturnRef(connection=connection, return_id=return_id)


@given(CONNECTIONS, RETURN_IDS, st.sampled_from(Step), st.integers(1, 99))
def test_D1_keys_fit_every_vendor(connection: str, return_id: str, step: Step, number: int) -> None:
    ref = returned(return_id, connection)
    key = business_key(ref, step, number)
    assert re.fullmatch(r"bh-[0-9a-f]{32}-[rgcxtq]-[1-9][0-9]?", key)
    assert len(key) <= 40
    assert key == business_key(ref, step, number)


def test_D1_keys_are_stable_over_releases() -> None:
    """A changed key would make a second document for everything that is in flight."""
    assert business_key(returned(REVENI_ID), Step.RMA, 1) == f"bh-{REVENI_ID}-r-1"
    assert business_key(returned("10234"), Step.CREDIT, 12) == "bh-b7ff9d6b471e524f7a8abacfa6c6130c-c-12"


@given(CONNECTIONS, RETURN_IDS, CONNECTIONS, RETURN_IDS)
def test_D1_different_returns_have_different_keys(one: str, first: str, other: str, second: str) -> None:
    keys = [business_key(returned(i, c), Step.RMA, 1) for c, i in ((one, first), (other, second))]
    assert (keys[0] == keys[1]) == ((one, first) == (other, second))


def test_D1_two_platforms_with_the_same_number_do_not_share_documents() -> None:
    assert business_key(returned("10234", "uk"), Step.RMA, 1) != business_key(returned("10234", "us"), Step.RMA, 1)


def test_D1_an_id_leaves_room_for_ninety_nine_documents() -> None:
    assert len(business_key(returned(REVENI_ID), Step.GOODS, 99)) == 40
    with pytest.raises(ValueError, match="too many GOODS"):
        business_key(returned(REVENI_ID), Step.GOODS, 100)


def test_exception_ids_are_stable_and_distinct() -> None:
    assert exception_id("return/a/1", 1) == exception_id("return/a/1", 1)
    assert len({exception_id("return/a/1", n) for n in range(50)}) == 50
    assert re.fullmatch(r"ex-[0-9a-f]{12}", exception_id("return/a/1", 1))
