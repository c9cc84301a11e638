"""Which inputs a person may correct in one exception: enough to draw a form without knowing its code.

The names are those of `domain.resolution.EDITABLE`. A name that ends in a dot is completed by the person with the code
or SKU that was wrong; everywhere else the exception's figures say it.
"""

import re
from collections.abc import Callable, Mapping

from pydantic import JsonValue

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.model import Value

Figures = Mapping[str, JsonValue]

_SKUS_LISTED = re.compile(r"\d+ x ([^\s,]+)")


class EditField(Value):
    """One input. `label` is a question for people; `wrong`: its value that did not work, empty when unknown."""

    name: str
    label: str
    wrong: str = ""
    example: str = ""

    @property
    def open(self) -> bool:
        """Whether the person has to complete the name."""
        return self.name.endswith(".")


_LOCATION = EditField(name="location", label="Place where the parcel was inspected", example="LDN-1")
_DATE = EditField(name="credited_on", label="Date of the document, in an open period", example="2026-03-01")
_SHARE = EditField(name="share", label="Share of the value that is credited, in percent", example="50")
_RETURN = EditField(name="return", label="Return that the parcel belongs to: the platform's id", example="R-1001")
_ANY_SKU = EditField(name="sku.", label="SKU that should be used instead of", example="P1001-BLK")
_ANY_REASON = EditField(name="reason.", label="Reason code of the ERP for the reason", example="13")
_ANY_TAX = EditField(name="tax_code.", label="Tax code of the credit for the order's tax code", example="20.00")
_ANY_CHARGE = EditField(name="charge.", label="Charge code of the ERP for the charge", example="RM24")


def edit_fields(code: ExceptionCode, kind: ResolutionKind, figures: Figures) -> tuple[EditField, ...]:
    """What can be corrected by this decision on an exception of this code; empty when the decision corrects nothing."""
    match kind:
        case ResolutionKind.SUBSTITUTE_SKU:
            return _skus(figures) or (_ANY_SKU,)
        case ResolutionKind.EDIT_AND_RETRY:
            find = _FIELDS.get(code)
            return find(figures) if find else (_ANY_SKU, _ANY_REASON)
        case _:
            return ()


def _skus(figures: Figures) -> tuple[EditField, ...]:
    """One field per SKU that the figures name."""
    named = [figures.get(name) for name in ("unknown_sku", "skus", "sku")]
    found = [sku.strip() for text in named if isinstance(text, str) for sku in text.split(",") if sku.strip()]
    listed = figures.get("surplus") or figures.get("units")
    found += _SKUS_LISTED.findall(listed) if isinstance(listed, str) else []
    return tuple(
        EditField(name=f"sku.{sku}", label=f"SKU that should be used instead of {sku}", wrong=sku, example="P1001-BLK")
        for sku in dict.fromkeys(found)
    )


def _named(figure: str, label: str, example: str) -> Callable[[Figures], tuple[EditField, ...]]:
    """The one code that has no target."""

    def find(figures: Figures) -> tuple[EditField, ...]:
        text = figures.get(figure)
        wrong = text.strip() if isinstance(text, str) else ""
        words = f"{label} {wrong}" if wrong else label
        return (EditField(name=f"{figure}.{wrong}", label=words, wrong=wrong, example=example),)

    return find


def _with_wrong(field: EditField, *figure: str) -> Callable[[Figures], tuple[EditField, ...]]:
    def find(figures: Figures) -> tuple[EditField, ...]:
        known = next((text for name in figure if isinstance(text := figures.get(name), str)), "")
        return (field.model_copy(update={"wrong": known}),)

    return find


def edits_refusal(figures: Figures, edits: Mapping[str, str]) -> str:
    """Why these corrections cannot be carried out for this exception, and what to do instead; empty when they can."""
    if _of_a_stock_document(figures) and any(name.startswith("disposition.") for name in edits):
        return (
            "the parcel is recorded as it was inspected: have the units booked where the ERP takes them, for example"
            " with location=…, and send a regrade then"
        )
    if not _of_an_open_return(figures):
        return ""
    if named := edits.get("return"):
        return (
            "units that an open return has in quarantine are not handed to another one: take them out of that depot in"
            f" the ERP, record them as a parcel of return {named}, and decide this with {ResolutionKind.DONE_BY_HAND}"
        )
    if "location" in edits:
        return "the units are in quarantine already: where they lie is changed by a transfer in the ERP"
    return ""


def _of_a_stock_document(figures: Figures) -> bool:
    """Whether the exception is about a stock document that the ERP refused: its units were told and maybe credited."""
    return "depot" in figures


def _of_an_open_return(figures: Figures) -> bool:
    """Whether the exception is about what came with a return's own parcel and is in quarantine (E18, E19)."""
    return "surplus" in figures


def _surplus_or_parcel(figures: Figures) -> tuple[EditField, ...]:
    """Surplus of an open return can only have been scanned wrongly; a parcel of its own has more to correct."""
    return _skus_or_any(figures) if _of_an_open_return(figures) else _parcel(figures)


def _parcel(figures: Figures) -> tuple[EditField, ...]:
    """Goods that nobody expected: they belong to another return, or were scanned wrongly."""
    return (_RETURN, *_with_wrong(_LOCATION, "location")(figures), *_skus(figures))


def _note(figures: Figures) -> tuple[EditField, ...]:
    """What the ERP may have refused in a credit note: its period or a code (E40)."""
    return (_DATE, _ANY_TAX, _ANY_CHARGE)


def _skus_or_any(figures: Figures) -> tuple[EditField, ...]:
    return _skus(figures) or (_ANY_SKU,)


_FIELDS: Mapping[ExceptionCode, Callable[[Figures], tuple[EditField, ...]]] = {
    ExceptionCode.LOCATION_UNMAPPED: _with_wrong(_LOCATION, "location"),
    ExceptionCode.STOCK_REJECTED: _with_wrong(_LOCATION, "location"),
    ExceptionCode.DISPOSITION_UNMAPPED: _named("disposition", "Our disposition for the code", "SELLABLE"),
    ExceptionCode.TAX_CODE_UNMAPPED: _named("tax_code", "Tax code of the credit for the order's tax code", "20.00"),
    ExceptionCode.REASON_UNMAPPED: _named("reason", "Reason code of the ERP for the reason", "13"),
    ExceptionCode.SKU_NOT_IN_MASTER: _skus_or_any,
    ExceptionCode.BUNDLE_RECIPE_MISSING: _skus_or_any,
    ExceptionCode.VALIDATION_QTY: _skus_or_any,
    ExceptionCode.EXCHANGE_DATA: _skus_or_any,
    ExceptionCode.CREDIT_REJECTED: _note,
    ExceptionCode.CREDIT_OVERDUE: _with_wrong(_DATE),
    ExceptionCode.PERIOD_CLOSED: _with_wrong(_DATE),
    ExceptionCode.DAMAGED_DECISION: _with_wrong(_SHARE),
    ExceptionCode.OVER_RECEIPT: _surplus_or_parcel,
    ExceptionCode.UNEXPECTED_SKU: _surplus_or_parcel,
    ExceptionCode.UNMATCHED_RECEIPT: _parcel,
    ExceptionCode.INSPECTION_AFTER_CANCEL: _parcel,
    ExceptionCode.LATE_RETURN: _parcel,
}
