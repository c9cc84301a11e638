"""Exceptions of merchandising (item data) and of the integration team."""

from domain.causes.entry import CLEAR_UP, MAPPING, CatalogueEntry
from domain.exceptions import ExceptionCode, Owner, ResolutionKind, Track

MERCHANDISING = (
    CatalogueEntry(
        code=ExceptionCode.SKU_NOT_IN_MASTER,
        owner=Owner.MERCHANDISING,
        title="SKU is not in the item master",
        explanation="A SKU of this return is unknown or inactive in the ERP, so no document can carry it.",
        steps=(
            "Create or activate the SKU in the ERP and retry: all returns with this SKU wait for it.",
            "Or map the platform's SKU to the right one.",
        ),
        resolutions=(
            ResolutionKind.RETRY,
            ResolutionKind.EDIT_AND_RETRY,
            ResolutionKind.LINK_EXISTING,
            ResolutionKind.CANCEL_TRACK,
        ),
        track=Track.RMA,
    ),
    CatalogueEntry(
        code=ExceptionCode.BUNDLE_RECIPE_MISSING,
        owner=Owner.MERCHANDISING,
        title="Bundle has no recipe",
        explanation="A bundle was sold, but the ERP does not say which parts it consists of.",
        steps=("Enter the recipe in the item master.", "Retry: the order is read again."),
        resolutions=(ResolutionKind.RETRY, ResolutionKind.CANCEL_TRACK),
        track=Track.RMA,
    ),
    CatalogueEntry(
        code=ExceptionCode.REASON_UNMAPPED,
        owner=Owner.MERCHANDISING,
        title="Return reason has no code",
        explanation="The customer's return reason has no reason code in the ERP. Reasons are never guessed.",
        steps=("Add the reason to the connection's mapping.", "Retry: the mapping of that moment is used."),
        resolutions=MAPPING,
        track=Track.RMA,
    ),
)

INTEGRATION = (
    CatalogueEntry(
        code=ExceptionCode.EVENT_CONFLICT,
        owner=Owner.INTEGRATION,
        title="One event with two contents",
        explanation="The platform sent the same event twice with different content. The first one counts.",
        steps=("Compare both contents.", "Retry: the return is read from the platform again."),
        resolutions=CLEAR_UP,
        track=Track.PLATFORM,
    ),
    CatalogueEntry(
        code=ExceptionCode.EVENT_INVALID,
        owner=Owner.INTEGRATION,
        title="Answer cannot be understood",
        explanation="A vendor sent something that is missing, incomplete or against its own rules.",
        steps=("Read the reason: it names the vendor and the field.", "Have it corrected there, then retry."),
        resolutions=CLEAR_UP,
    ),
    CatalogueEntry(
        code=ExceptionCode.CONNECTION_DOWN,
        owner=Owner.INTEGRATION,
        title="A system does not answer",
        explanation="A platform or an ERP has been unreachable or has refused our credentials for too long."
        " All its returns wait and go on by themselves.",
        steps=(
            "Check the vendor's status page, the network and the credentials.",
            "Nothing else to do: this closes with the first successful call.",
        ),
        resolutions=(),
    ),
    CatalogueEntry(
        code=ExceptionCode.CONFIG_INVALID,
        owner=Owner.INTEGRATION,
        title="Connection is not configured properly",
        explanation="The connection lacks a setting or has a wrong one; the reason lists all of them.",
        steps=("Correct the listed settings.", "Start the worker again, then retry what is parked."),
        resolutions=(ResolutionKind.RETRY, ResolutionKind.CANCEL_TRACK),
    ),
)
