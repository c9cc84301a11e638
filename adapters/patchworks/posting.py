"""Decision D1 at the flows: a document is found by its key, made, and on doubt found again. Commerce is told (R136).

A write that is refused because of what is left to do (nothing to apply to, commerce not told) has made its document:
the next attempt finds it by its key and does only the rest.
"""

from adapters.kit.once import effectively_once
from adapters.patchworks import answers, contract, mapping
from adapters.patchworks.client import VENDOR, PatchworksClient
from adapters.patchworks.contract import Operation
from adapters.patchworks.shapes import Told, Written
from adapters.patchworks.wire import Body
from domain.documents import Posted
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected, vendor_words


class Posting:
    """Writes through one client."""

    def __init__(self, client: PatchworksClient) -> None:
        self._client = client

    async def once(self, operation: Operation, key: str, blocks: Body) -> Written:
        """The document under this key as the flow tells it; `duplicate` when it was there before this call."""
        kept: list[Written] = []

        async def find() -> Posted | None:
            found = await self._client.find(operation, key)
            return None if found is None else keep(found.model_copy(update={"duplicate": True}))

        async def create() -> Posted:
            return keep(await self._client.call(operation, key, blocks, Written))

        def keep(reply: Written) -> Posted:
            kept.append(reply)
            return answers.posted(reply)

        await effectively_once(find, create)
        return kept[-1]

    async def make(self, operation: Operation, key: str, blocks: Body) -> Posted:
        """Make a document, and see to it that commerce knows."""
        reply = answers.live(await self.once(operation, key, blocks), operation)
        await self.told(operation, key, reply)
        return answers.posted(reply)

    async def undo(self, operation: Operation, key: str, number: str, document_key: str, reason: str) -> Posted:
        """Undo a document. Undone already is success; so is one that was never made, number empty."""
        undo_key = key + contract.UNDO
        try:
            reply = await self.once(operation, undo_key, mapping.cancellation(number, document_key, reason))
        except Rejected as refused:
            if refused.vendor_code != contract.DOCUMENT_NOT_FOUND:
                raise
            return Posted(number="", adopted=True)
        await self.told(operation, undo_key, reply)
        return answers.posted(reply)

    async def told(self, operation: Operation, key: str, reply: Written) -> None:
        """Rejected(STATUS_DRIFT) while the ERP has the document and commerce does not know of it.

        Said at once where the document was made by this call; for one that was there before, commerce is told again.
        """
        commerce = reply.commerce
        if commerce is None or commerce.status != contract.COMMERCE_FAILED:
            return
        if reply.duplicate:
            again = await self._client.call(contract.TELL_COMMERCE, key, {"of": operation.name}, Told)
            commerce = again.commerce
        if commerce.status == contract.COMMERCE_FAILED:
            number = reply.erp.document_number
            text = f"{VENDOR} {operation.name}: the ERP has {number}, but the commerce side was not told"
            text += f": {vendor_words(commerce.message)}" if commerce.message else ""
            figures = {"document": number, "operation": operation.name, "commerce": commerce.status}
            raise Rejected(ExceptionCode.STATUS_DRIFT, text, commerce.status, figures)
