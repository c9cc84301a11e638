"""Decision D1: find by our key, create, on doubt find again."""

import pytest

from adapters.kit.once import AlreadyThere, effectively_once
from domain.documents import Posted
from domain.outcomes import CredentialsRefused, InDoubt, Rejected, RetryLater, VendorTrouble


class Erp:
    """A vendor in a variable: what exists, and what happens to the next answers."""

    def __init__(self, *troubles: Exception | None) -> None:
        self.troubles = list(troubles)
        self.documents: list[str] = []
        self.finds = 0
        self.hidden = 0

    async def find(self) -> Posted | None:
        self.finds += 1
        if self.hidden and self.documents:
            self.hidden -= 1
            return None
        return Posted(number=self.documents[0]) if self.documents else None

    async def create(self) -> Posted:
        trouble = self.troubles.pop(0) if self.troubles else None
        if not isinstance(trouble, Rejected | AlreadyThere | RetryLater):
            self.documents.append(f"D{len(self.documents) + 1}")
        if trouble:
            raise trouble
        return Posted(number=self.documents[0])


async def test_d1_made_once_and_adopted_after() -> None:
    erp = Erp()
    assert await effectively_once(erp.find, erp.create) == Posted(number="D1")
    assert await effectively_once(erp.find, erp.create) == Posted(number="D1", adopted=True)
    assert erp.documents == ["D1"]


async def test_d1_in_doubt_finds_again() -> None:
    erp = Erp(InDoubt("lost"))
    assert (await effectively_once(erp.find, erp.create)).adopted
    assert (erp.documents, erp.finds) == (["D1"], 2)


async def test_d1_not_found_after_doubt_stays_in_doubt_and_creates_nothing_more() -> None:
    erp = Erp(InDoubt("lost"))
    erp.hidden = 1
    with pytest.raises(InDoubt):
        await effectively_once(erp.find, erp.create)
    assert erp.documents == ["D1"]
    assert (await effectively_once(erp.find, erp.create)).number == "D1"
    assert erp.documents == ["D1"]


async def test_d1_a_known_key_is_read_back() -> None:
    erp = Erp(AlreadyThere("DUP"))
    with pytest.raises(InDoubt) as doubt:
        await effectively_once(erp.find, erp.create)
    assert (erp.finds, type(doubt.value)) == (2, InDoubt)


@pytest.mark.parametrize("trouble", [RetryLater("busy"), CredentialsRefused("no")])
async def test_d1_other_troubles_pass_through(trouble: VendorTrouble) -> None:
    erp = Erp(trouble)
    with pytest.raises(type(trouble)):
        await effectively_once(erp.find, erp.create)
    assert erp.finds == 1
