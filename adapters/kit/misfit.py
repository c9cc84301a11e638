"""What is wrong with something that a vendor sent, in words that are safe to keep."""

from pydantic import ValidationError


def first_misfit(trouble: ValidationError, whole: str = "the body") -> str:
    """The first field that is missing or unusable: its path and kind, never its content.

    `whole` names the thing itself, for when no field of it is to blame.
    """
    first = trouble.errors(include_url=False, include_context=False, include_input=False)[0]
    path = ".".join(str(step) for step in first["loc"]) or whole
    state = "is missing" if first["type"] == "missing" else f"cannot be used ({first['type']})"
    return f"{path} {state}"
