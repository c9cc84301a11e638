"""Exceptions that the warehouse and operations decide: stock, depots, inspections, the RMA."""

from domain.causes.entry import CLEAR_UP, POSTING, CatalogueEntry
from domain.exceptions import ExceptionCode, Owner, ResolutionKind, Track

_UNPLANNED_GOODS = (
    ResolutionKind.RETRY,
    ResolutionKind.EDIT_AND_RETRY,
    ResolutionKind.RETURN_TO_CUSTOMER,
    ResolutionKind.WRITE_OFF,
    ResolutionKind.DONE_BY_HAND,
    ResolutionKind.CANCEL_TRACK,
)
#: Nothing is planned yet, so there is no document that could have been made by hand.
_BEFORE_STOCK = (ResolutionKind.RETRY, ResolutionKind.EDIT_AND_RETRY, ResolutionKind.CANCEL_TRACK)


def _goods(
    code: ExceptionCode,
    title: str,
    explanation: str,
    steps: tuple[str, ...],
    resolutions: tuple[ResolutionKind, ...],
) -> CatalogueEntry:
    return CatalogueEntry(
        code=code,
        owner=Owner.WAREHOUSE,
        title=title,
        explanation=explanation,
        steps=steps,
        resolutions=resolutions,
        track=Track.GOODS,
    )


def _rma(
    code: ExceptionCode,
    title: str,
    explanation: str,
    steps: tuple[str, ...],
    resolutions: tuple[ResolutionKind, ...],
) -> CatalogueEntry:
    entry = _goods(code, title, explanation, steps, resolutions)
    return entry.model_copy(update={"track": Track.RMA})


WAREHOUSE = (
    _goods(
        ExceptionCode.LOCATION_UNMAPPED,
        "Location has no depot",
        "The parcel was inspected at a place for which the connection names no depot. Nothing is booked by guess.",
        (
            "Add the location to the connection's mapping and retry.",
            "Or correct the location, when the scan named the wrong one.",
        ),
        _BEFORE_STOCK,
    ),
    _goods(
        ExceptionCode.DISPOSITION_UNMAPPED,
        "Disposition is unknown",
        "The inspection used a code that the connection does not translate into one of our dispositions.",
        ("Add the code to the connection's mapping and retry.", "Or correct the code of this inspection."),
        _BEFORE_STOCK,
    ),
    _goods(
        ExceptionCode.STOCK_REJECTED,
        "ERP refused the stock document",
        "The ERP refused to book the units for good; its own code and message are shown. Money is not affected.",
        (
            "Read the ERP's message and correct the cause there.",
            "Retry, or give the number of the document that was made by hand.",
            "Write the units off only when they will never be booked.",
        ),
        (*POSTING[:-1], ResolutionKind.WRITE_OFF, ResolutionKind.CANCEL_TRACK),
    ),
    _goods(
        ExceptionCode.INSPECTION_CONFLICT,
        "Two inspections contradict each other",
        "The same units were inspected again with another result, and it was not marked as a regrade. Nothing moved.",
        (
            "Ask the inspector which result counts.",
            "The first result stands and is booked. Record a regrade when the second one is right.",
        ),
        CLEAR_UP,
    ),
    _goods(
        ExceptionCode.OVER_RECEIPT,
        "More units than announced",
        "The parcel holds more units of a SKU than this return is still waiting for.",
        (
            "Count again. The extra units belong in quarantine.",
            "Extend the return on the platform, send the extra units back, or keep them.",
        ),
        _UNPLANNED_GOODS,
    ),
    _goods(
        ExceptionCode.UNEXPECTED_SKU,
        "Wrong item in the parcel",
        "The parcel holds a SKU that does not belong to this return. It is not credited.",
        (
            "Check the label. Correct the SKU when it was scanned wrongly.",
            "Otherwise send the item back to the customer, or keep it.",
        ),
        _UNPLANNED_GOODS,
    ),
    _goods(
        ExceptionCode.UNMATCHED_RECEIPT,
        "Parcel belongs to no return",
        "A parcel arrived for which there is no authorised return.",
        (
            "Keep the units in quarantine.",
            "Search by order number, tracking number and SKU, and open the return on the platform.",
            "Match it: correct and retry with return=<the platform's return id>. Retry looks for a match once more.",
        ),
        _UNPLANNED_GOODS,
    ),
    _goods(
        ExceptionCode.INSPECTION_AFTER_CANCEL,
        "Goods of a cancelled return",
        "A parcel of a return that was cancelled has been inspected. Nothing is credited by itself.",
        ("Keep the units in quarantine.", "Have the return opened again, or send the units back."),
        _UNPLANNED_GOODS,
    ),
    _goods(
        ExceptionCode.LATE_RETURN,
        "Parcel arrived after the deadline",
        "The parcel arrived after the return had expired.",
        ("Keep the units in quarantine.", "Decide with CX: accept the return late, or send the units back."),
        _UNPLANNED_GOODS,
    ),
    _goods(
        ExceptionCode.RECEIPT_NOT_INSPECTED,
        "Delivered but not inspected",
        "The carrier delivered the parcel some days ago and no inspection was recorded.",
        (
            "Find the parcel and inspect it: this exception then closes.",
            "Report it as lost if it is not there.",
        ),
        CLEAR_UP,
    ),
    _rma(
        ExceptionCode.PARTIAL_ACCEPT,
        "ERP took only part of the RMA",
        "The ERP answered that all is well, but its document lacks lines of this return.",
        ("Compare the RMA in the ERP with the return.", "Add the missing lines there, then retry."),
        POSTING,
    ),
    _rma(
        ExceptionCode.RMA_REJECTED,
        "ERP refused the RMA",
        "The ERP refused the authorisation for good; its own code and message are shown."
        " Parcels may still come: their inspections are kept and booked once the RMA exists.",
        (
            "Read the ERP's message and correct the cause there or in the mapping.",
            "Retry, or give the number of an RMA that was made by hand.",
        ),
        POSTING,
    ),
    _rma(
        ExceptionCode.RMA_CLOSED_IN_ERP,
        "RMA was closed in the ERP",
        "Somebody closed or cancelled the RMA in the ERP while the goods were still expected.",
        (
            "Ask who closed it and why.",
            "Open it again and retry, link another RMA by its number, or cancel the return.",
        ),
        (
            ResolutionKind.RETRY,
            ResolutionKind.LINK_EXISTING,
            ResolutionKind.DONE_BY_HAND,
            ResolutionKind.CANCEL_TRACK,
        ),
    ),
)
