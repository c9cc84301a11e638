"""The credit of a return: a note that is made, and then applied to the invoice (R45, R134)."""

from adapters.patchworks import answers, contract, mapping
from adapters.patchworks.client import VENDOR, PatchworksClient
from adapters.patchworks.posting import Posting
from adapters.patchworks.settings import PatchworksSettings
from adapters.patchworks.shapes import Written
from domain.documents import CreditRequest, Posted
from domain.exceptions import ExceptionCode
from domain.money import decimal_text
from domain.outcomes import Rejected


class Credits:
    """Credit notes of one connection."""

    def __init__(self, client: PatchworksClient, posting: Posting, settings: PatchworksSettings) -> None:
        self._client = client
        self._posting = posting
        self._settings = settings

    async def post(self, request: CreditRequest) -> Posted:
        """create_credit_note, and apply_credit_note once when something of it is unapplied.

        Rejected(NOTHING_TO_APPLY) names the note that stands there unapplied; the next attempt finds it by its key and
        applies it again. CREDIT_REJECTED also when the note under our key was voided.
        """
        operation, key = contract.CREATE_CREDIT_NOTE, request.key
        made = await self._posting.once(operation, key, mapping.credit_note(request, self._settings))
        total, unapplied = answers.credit_figures(answers.live(made, operation), request.currency)
        if unapplied:
            unapplied = await self._apply(key, made.erp.document_number, request.currency)
        if unapplied:
            raise _nothing_to_apply(made.erp.document_number, unapplied, request)
        await self._posting.told(operation, key, made)
        return answers.posted(made).model_copy(update={"total": total})

    async def _apply(self, key: str, number: str, currency: str) -> int:
        """What is still unapplied after the ERP was asked to apply the note. May be asked any number of times."""
        block = {"apply": {"documentNumber": number}}
        reply = await self._client.call(contract.APPLY_CREDIT_NOTE, key, block, Written)
        return answers.credit_figures(reply, currency)[1]


def _nothing_to_apply(number: str, unapplied: int, request: CreditRequest) -> Rejected:
    left = decimal_text(unapplied, request.currency)
    text = (
        f"{VENDOR}: credit note {number} is posted, and {left} {request.currency} of it is unapplied:"
        f" order {request.order_number} has no open invoice for it"
    )
    figures = {"credit_note": number, "unapplied": left}
    return Rejected(ExceptionCode.NOTHING_TO_APPLY, text, figures=figures)
