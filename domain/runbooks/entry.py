"""One runbook: what the catalogue of exceptions does not say yet."""

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.model import Value


class Runbook(Value):
    """How people work on one exception code. Title, explanation, owner and steps are in `domain.catalogue`.

    stake: what may be lost; meanwhile: what goes on although this stands still
    afterwards: what happens in the systems once it is decided
    decisions: what each allowed decision does here, beside its general meaning in `domain.resolution_texts`
    figures: names of the payload's figures, each with an example; their meaning is in `domain.runbooks.figures`
    prevention: how to have fewer of them
    """

    code: ExceptionCode
    stake: str
    meanwhile: str
    afterwards: str
    decisions: dict[ResolutionKind, str]
    figures: dict[str, str] = {}
    prevention: tuple[str, ...]
