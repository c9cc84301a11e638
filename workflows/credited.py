"""What credits mean for the units of a return: which notes await their refund, and what is out without its goods."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from activities.signatures import Credited
from domain.returns import Refund, RefundState


def notes_without_refund(credits_of: Mapping[str, Credited], refunds: Iterable[Refund]) -> list[Credited]:
    """Credit notes that no paid refund stands behind: it is still to come, or it failed after the note (E43).

    `credits_of`: refund id → its credit; a credit by acceptance alone has a name of its own there.
    """
    paid = {refund.refund_id for refund in refunds if refund.state is RefundState.PAID}
    answered = {number for name, credit in credits_of.items() if name in paid for number in credit.matched}
    return [
        credit
        for name, credit in credits_of.items()
        if credit.number and not credit.matched and name not in paid and credit.number not in answered
    ]


@dataclass(frozen=True)
class LineMoney:
    """Money and goods of one line, in units.

    exposed: value of each unit that was credited before its goods were accepted, in minor units
    cleared: how many of them were accepted since; decided: how many a person decided about
    outstanding: units of the line that are still to come
    """

    exposed: Sequence[int]
    cleared: int
    decided: int
    outstanding: int

    @property
    def ahead(self) -> int:
        """Credited units whose goods are not accepted and about which nobody has decided."""
        return max(len(self.exposed) - self.cleared - self.decided, 0)

    @property
    def refused(self) -> int:
        """How many of those cannot come any more: what was to come is inspected, and was not accepted (E21, E33)."""
        return max(self.ahead - self.outstanding, 0)

    @property
    def refused_value(self) -> int:
        """What was credited for them, in minor units."""
        first = self.cleared + self.decided
        return sum(self.exposed[first : first + self.refused])


def line_money(
    line_id: str, credits_made: Sequence[Credited], *, accepted: int, decided: int, outstanding: int
) -> LineMoney:
    """`accepted`: accepted units that are not exchanged. Those with a credit of their own parcel are not `cleared`."""
    exposed = [value for credit in credits_made for value in credit.exposed.get(line_id, [])]
    direct = sum(credit.units.get(line_id, 0) for credit in credits_made) - len(exposed)
    cleared = min(max(accepted - direct, 0), len(exposed))
    return LineMoney(exposed=exposed, cleared=cleared, decided=decided, outstanding=outstanding)
