"""How many days a report looks back."""

from fastapi import Request

from console.paging import bad_address

DAYS = (7, 30, 90)


def asked_days(request: Request) -> int:
    """The days of the address, else a week. Raises Trouble for what is not offered."""
    text = request.query_params.get("days", "").strip()
    if text and text not in {str(one) for one in DAYS}:
        raise bad_address()
    return int(text or DAYS[0])
