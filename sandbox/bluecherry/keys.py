"""How an EXTREF stands in the journal: as it is, and as the business key it was made of when it looks like ours."""

import re

_OURS = re.compile(r"(?:bh-)?([0-9a-f]{32}-[a-z]-\d+)(?:[-A-Za-z][A-Za-z0-9-]*)?")


def named(ext_ref: str) -> dict[str, str]:
    """`extref`, and `key`: `bh-` and the reference without its part suffix; empty for anybody else's."""
    found = _OURS.fullmatch(ext_ref)
    return {"extref": ext_ref, "key": f"bh-{found.group(1)}" if found else ""}
