"""Business keys: decision D1."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.keys import Step, business_key, exception_id

RETURN_IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)


@given(RETURN_IDS, st.sampled_from(Step), st.integers(1, 9))
def test_D1_keys_fit_every_vendor(return_id: str, step: Step, number: int) -> None:
    key = business_key(return_id, step, number)
    assert re.fullmatch(r"bh-[a-z0-9]{1,32}-[rgc]-[1-9]", key)
    assert len(key) <= 40
    assert key == business_key(return_id, step, number)


def test_D1_keys_are_stable_over_releases() -> None:
    """A changed key would make a second document for everything that is in flight."""
    assert business_key("10234", Step.RMA, 1) == "bh-10234-r-1"
    assert business_key("RT10234", Step.CREDIT, 12) == "bh-rt10234-c-12"
    assert business_key("a-b", Step.GOODS, 1) == "bh-d44362d67d921091c7b9674d752e9e23-g-1"


@given(RETURN_IDS, RETURN_IDS)
def test_D1_different_returns_have_different_keys(one: str, other: str) -> None:
    same = one.lower() == other.lower() and one.isalnum()
    assert (business_key(one, Step.RMA, 1) == business_key(other, Step.RMA, 1)) == (same or one == other)


def test_D1_a_long_id_leaves_room_for_nine_documents() -> None:
    assert len(business_key("x" * 32, Step.GOODS, 9)) == 39
    with pytest.raises(ValueError, match="too many GOODS"):
        business_key("x" * 32, Step.GOODS, 100)


def test_exception_ids_are_stable_and_distinct() -> None:
    assert exception_id("return/a/1", 1) == exception_id("return/a/1", 1)
    assert len({exception_id("return/a/1", n) for n in range(50)}) == 50
    assert re.fullmatch(r"ex-[0-9a-f]{12}", exception_id("return/a/1", 1))
