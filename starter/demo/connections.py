"""The connections of one run as a configuration file: those of the example, and what this run changes in them."""

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from starter.demo.goods import LOCATION, Json
from starter.demo.pairing import SHOWN, Pairing, Setting

Tables = dict[str, Json]
"""Connection → its table."""

_EXAMPLE = {pairing.erp: pairing.connections[Setting.MAIN] for pairing in reversed(SHOWN)}
_PLATFORM = {pairing.platform: pairing.connections[Setting.MAIN] for pairing in reversed(SHOWN)}
_OUTLET = _PLATFORM["returngo"]


def tables_of(pairings: Iterable[Pairing], example: Tables) -> Tables:
    """The connections of the pairings, each with everything that it says."""
    whole = {name: _with_base(example, table) for name, table in example.items()}
    return {
        name: deepcopy(whole[name]) if name in whole else _made(pairing, setting, name, whole)
        for pairing in pairings
        for setting, name in pairing.connections.items()
    }


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> Json:
    """Both tables as one; what the upper one says wins."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(under, Mapping)
        merged[key] = laid_over(under, value) if both else value  # type: ignore[arg-type]
    return merged


def as_toml(tables: Tables) -> str:
    """The text of a configuration file."""
    lines = ["[connections]"]
    lines += [f"{json.dumps(name)} = {_value(table)}" for name, table in tables.items()]
    return "\n".join(lines) + "\n"


def _with_base(example: Tables, table: Json) -> Json:
    """The table with those of the connection that it is like, but for a platform that it does not have."""
    own = {key: value for key, value in table.items() if key != "like"}
    if "like" not in table:
        return own
    base = dict(example[table["like"]])
    if own.get("platform", base["platform"]) != base["platform"]:
        del base[base["platform"]]
    return laid_over(base, own)


def _made(pairing: Pairing, setting: Setting, name: str, whole: Tables) -> Json:
    """A connection that the example does not have: one of its ERPs with one of its platforms."""
    base = deepcopy(whole[_EXAMPLE[pairing.erp]])
    base.pop(base["platform"], None)
    platform = {"platform": pairing.platform, pairing.platform: whole[_PLATFORM[pairing.platform]][pairing.platform]}
    made = laid_over(base, {**platform, "ledger": pairing.name})
    if setting is Setting.FAST:
        made = laid_over(made, {"policy": whole["uk-fast"]["policy"]})
    elif setting is Setting.CAREFUL:
        made = laid_over(made, {"policy": {"exchange_on": whole["uk-careful"]["policy"]["exchange_on"]}})
    elif setting is Setting.GRADED:
        made = laid_over(made, _graded(made, whole[_OUTLET]))
    return made


def _graded(table: Json, outlet: Json) -> Json:
    """Graded by the platform's users, as at the outlet; its depots are those of this ERP."""
    buckets = table["mappings"]["locations"][LOCATION]
    theirs = {depot: bucket for bucket, depot in outlet["mappings"]["locations"][LOCATION].items()}
    reasons = {
        reason: {bucket: buckets[theirs[depot]] for bucket, depot in depots.items()}
        for reason, depots in outlet["mappings"]["reason_depots"].items()
    }
    mappings = {
        "locations": {"platform": buckets},
        "dispositions": outlet["mappings"]["dispositions"],
        "reason_dispositions": outlet["mappings"]["reason_dispositions"],
        "reason_depots": reasons,
    }
    return {"mappings": mappings, "policy": {"inspected_by": outlet["policy"]["inspected_by"]}}


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case Mapping():
            return "{" + ", ".join(f"{json.dumps(str(key))} = {_value(part)}" for key, part in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(_value(part) for part in value) + "]"
        case _:
            return json.dumps(str(value), ensure_ascii=False)
