"""The decisions that an exception allows, each with what must be given: enough to draw its form."""

from domain.catalogue import CATALOGUE
from domain.edits import EditField, edit_fields
from domain.exceptions import Owner, ResolutionKind
from domain.model import Value
from domain.resolution import NEEDS_DOCUMENT, NEEDS_REASON, Role, deciding
from domain.resolution_texts import RESOLUTION_TEXTS
from domain.second_person import may_settle_money
from store.records import ExceptionRecord


class Choice(Value):
    """One decision. `title` is for a button; `meaning` says what it does, `choose` when it is the right one.

    owner: whose decision it is, which for money is finance whatever the exception
    edits: inputs that can be corrected with it; at least one must be, when there are any
    settles_money: a second person has to confirm it above the agreed amount, and where nobody knows the amount
    """

    kind: ResolutionKind
    title: str
    meaning: str
    choose: str
    owner: Owner
    needs_reason: bool
    needs_document: bool
    edits: tuple[EditField, ...]
    settles_money: bool

    def allowed_to(self, role: Role) -> bool:
        """Whether this role may make the decision."""
        return role.may_decide(self.owner)


def choices_of(record: ExceptionRecord) -> tuple[Choice, ...]:
    """The decisions that make sense, the usual one first; none for what closes by itself."""
    return tuple(_choice(record, kind) for kind in CATALOGUE[record.code].resolutions)


def _choice(record: ExceptionRecord, kind: ResolutionKind) -> Choice:
    words = RESOLUTION_TEXTS[kind]
    return Choice(
        kind=kind,
        title=words.title,
        meaning=words.meaning,
        choose=words.choose,
        owner=deciding(record.owner, kind),
        needs_reason=kind in NEEDS_REASON,
        needs_document=kind in NEEDS_DOCUMENT,
        edits=edit_fields(record.code, kind, record.payload),
        settles_money=may_settle_money(record.code, kind),
    )
