"""What people read about a decision: its title, what was given with it, what came of it."""

from collections.abc import Mapping

from pydantic import JsonValue

from desk.resolutions import ResolutionAnswer
from domain.exceptions import ResolutionKind
from domain.resolution_texts import RESOLUTION_TEXTS
from store.records import ExceptionRecord, ExceptionState


def title_of(kind: object) -> str:
    """A decision as people call it: ``RETRY`` → ``Try again``."""
    name = str(kind)
    return RESOLUTION_TEXTS[ResolutionKind(name)].title if name in ResolutionKind.__members__ else name


def details_of(decision: Mapping[str, JsonValue]) -> str:
    """What was given with a decision: document, corrections, reason, who proposed it."""
    edits = decision.get("edits")
    parts = [f"document {decision['document']}"] if decision.get("document") else []
    parts += [f"{name} is {value}" for name, value in edits.items()] if isinstance(edits, dict) else []
    parts += [f"reason: {decision['reason']}"] if decision.get("reason") else []
    parts += [f"proposed by {decision['proposed_by']}"] if decision.get("proposed_by") else []
    return "; ".join(parts)


def told(kind: ResolutionKind, effect: str, answer: ResolutionAnswer, limit: int | None, closed: bool) -> str:
    """What happens next, after an answer that is no refusal.

    effect: what the decision does; limit: above which a second person is needed; closed: it is written down already
    """
    title = title_of(kind)
    match answer.outcome:
        case "proposed" if answer.repeated:
            return "You have proposed this already. Another person has to confirm it."
        case "proposed":
            about = f"It is, or may be, about more than {limit}"
            return f"Proposed: {title}. {about}, so another person has to confirm it."
        case "unconfirmed":
            return (
                "No worker confirmed the decision in time. It may still be carried out: look again in a moment."
                " Sending it again is harmless, it counts once."
            )
        case _ if answer.repeated:
            return f"It was decided so already: {title}. Nothing was done twice."
        case _:
            later = "" if closed else " The return is carrying it out; load the page again to see it."
            return f"Decided: {title}. {effect}{later}"


def change_of(record: ExceptionRecord) -> str:
    """What has happened to an exception since somebody opened its page."""
    if record.resolution is not None:
        return f"{record.resolution.actor} has decided it meanwhile: {title_of(record.resolution.kind)}."
    if record.state is not ExceptionState.OPEN:
        return "Meanwhile it is over by itself."
    if record.proposal is not None:
        return f"{record.proposal.actor} has proposed a decision meanwhile: {title_of(record.proposal.kind)}."
    return "It has changed meanwhile."
