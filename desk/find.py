"""Finds the return that a person means, by whatever id they have in hand (R86, R87)."""

from pydantic import ValidationError

from domain.returns import ReturnRef
from store import Store


class NoReturn(Exception):
    """No return has this id."""


class SeveralReturns(Exception):
    """More than one return has this id; the text names them."""


async def find_one(store: Store, any_id: str) -> ReturnRef:
    """The one return with this id. ``connection/return id`` stands for itself while nothing is saved for it.

    Raises NoReturn, SeveralReturns.
    """
    async with store.reading() as unit:
        found = [record.ref for record in await unit.returns.find(any_id)]
    if len(found) > 1:
        names = ", ".join(str(ref) for ref in found)
        raise SeveralReturns(f"{any_id} stands for {len(found)} returns; name one of them: {names}")
    if found:
        return found[0]
    connection, slash, return_id = any_id.removeprefix("return/").partition("/")
    try:
        if slash:
            return ReturnRef(connection=connection, return_id=return_id)
    except ValidationError:
        pass
    raise NoReturn(f"No return has the id {any_id}, nor any document, order or parcel of one.")
