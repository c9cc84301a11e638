"""Decision D1 at Prima: each document is found by its key or number, made, and on doubt found again."""

from collections.abc import Callable
from functools import partial

from adapters.kit.once import effectively_once
from adapters.prima import answers, contract
from adapters.prima.client import PrimaClient
from adapters.prima.codec import Document, Record
from adapters.prima.contract import Message
from domain.documents import Posted
from domain.outcomes import Rejected


class Posting:
    """Writes through one client."""

    def __init__(self, client: PrimaClient) -> None:
        self._client = client

    async def once(
        self,
        create: Message,
        document: Document,
        detail: Message,
        found: Callable[[Record], Posted],
        made: Callable[[Record], Posted] | None = None,
    ) -> Posted:
        """Post the document once, found again by its TPGUID."""
        key = {"TPGUID": document[0]["TPGUID"]}
        return await effectively_once(
            lambda: self._client.find(detail, key, found),
            lambda: self._client.call(create, document, made or partial(answers.posted, create)),
        )

    async def cancel(
        self, cancel: Message, document: Document, detail: Message, undone: Callable[[Record], Posted | None]
    ) -> Posted:
        """Cancel once. What is cancelled already, even while our answer was on its way, is success."""
        number = {detail.number: document[0][detail.number]}

        async def find() -> Posted | None:
            return await self._client.find(detail, number, undone)

        try:
            return await effectively_once(
                find, lambda: self._client.call(cancel, document, partial(answers.posted, cancel))
            )
        except Rejected as refused:
            if refused.vendor_code != contract.STATUS or (done := await find()) is None:
                raise
            return done.model_copy(update={"adopted": True})
