"""From the tables of a configuration file to connections: every problem in one pass (R18, R23, decision D10).

Pure: the caller reads the file and hands over the environment. Three steps, each of which only adds problems:

1. ``${NAME}`` and ``${NAME:-default}`` in text values are replaced from the environment.
2. A connection with ``like = "other"`` starts from the tables of the other one; its own values win.
3. Tables become `Connection`; the tables named after the platform and the ERP are their settings.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.connection import Connection, Mappings, Policy
from domain.dispositions import Disposition
from domain.limits import Limits
from domain.model import Value
from domain.windows import Timing

_WORDS = {
    "missing": "is missing.",
    "extra_forbidden": "is not a setting; is it misspelt?",
    "too_short": "is empty.",
    "string_too_short": "is empty.",
}

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_SETTINGS = ("platform_settings", "erp_settings")
_Table: TypeAlias = Mapping[str, object]
_PLACES = ("locations", "reason_depots", "stock_actions")
"""Tables of the mappings that only make sense together."""
_ANY_WORDS: dict[str, _Table] = {
    "reasons": {"any": "any"},
    "tax_codes": {"any": "any"},
    "return_types": {},
    "credit_statuses": {},
}
"""What stands for the other tables where those three are looked at."""


class ConfigurationError(Exception):
    """The configuration must not be used. `problems` holds every one of them, as sentences."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("; ".join(self.problems))


class Reading(Value):
    """What a file held. `drafts`: unchecked copies of connections with problems, for further checks only."""

    connections: tuple[Connection, ...] = ()
    drafts: tuple[Connection, ...] = ()
    problems: tuple[str, ...] = ()


def connections_from(data: Mapping[str, object], environ: Mapping[str, str]) -> list[Connection]:
    """The connections of a configuration file; ConfigurationError with all problems when there is any."""
    reading = read_connections(data, environ)
    if reading.problems:
        raise ConfigurationError(reading.problems)
    return list(reading.connections)


def read_connections(data: Mapping[str, object], environ: Mapping[str, str]) -> Reading:
    """Like `connections_from`, but hands out good connections, drafts of bad ones and the problems."""
    problems = [
        f"{key} is not known at the top of the file; only [connections.<name>] tables and [alerts] are."
        for key in data
        if key not in ("connections", "alerts")
    ]
    tables = data.get("connections")
    if not isinstance(tables, Mapping) or not tables:
        return Reading(problems=(*problems, "There is no [connections.<name>] table; one is needed."))
    found: list[Connection] = []
    drafts: list[Connection] = []
    for name, table in tables.items():
        own: list[str] = []
        raw = _raw_connection(tables, str(name), table, environ, own)
        if raw is not None:
            try:
                found.append(Connection.model_validate(raw))
            except ValidationError as error:
                own += _sentences(error, raw)
                drafts.append(_draft(raw))
        problems += [f"Connection {name}: {problem}" for problem in own]
    problems += _shared_books(found)
    return Reading(connections=tuple(found), drafts=tuple(drafts), problems=tuple(dict.fromkeys(problems)))


def read_limits(data: Mapping[str, object], environ: Mapping[str, str]) -> dict[str, Limits]:
    """The agreed times and amounts by connection, whatever else may be wrong; ConfigurationError when they are."""
    tables = _table(data, "connections")
    found: dict[str, Limits] = {}
    problems: list[str] = []
    for name, table in tables.items():
        own: list[str] = []
        whole = _with_base(tables, name, table, own) or {}
        try:
            found[name] = Limits.model_validate(expanded(_table(whole, "limits"), environ, "limits", own))
        except ValidationError as error:
            own += [f"limits.{text}" for detail in error.errors() for text in _sentence(detail)]
        problems += [f"Connection {name}: {problem}" for problem in own]
    if problems:
        raise ConfigurationError(problems)
    return found


def expanded(value: object, environ: Mapping[str, str], place: str, problems: list[str]) -> object:
    """`value` with every ``${NAME}`` replaced; a variable without value and default is a problem."""
    if isinstance(value, Mapping):
        inner = {key: f"{place}.{key}" if place else str(key) for key in value}
        return {key: expanded(part, environ, inner[key], problems) for key, part in value.items()}
    if isinstance(value, list):
        return [expanded(part, environ, f"{place}[{index}]", problems) for index, part in enumerate(value)]
    if not isinstance(value, str):
        return value

    def filled(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        if name not in environ and default is None:
            problems.append(
                f"{place} names {name}, which is not set in the environment; set it or write ${{{name}:-default}}."
            )
        return environ.get(name, default or "")

    return _VARIABLE.sub(filled, value)


def _raw_connection(
    tables: Mapping[str, object], name: str, table: object, environ: Mapping[str, str], problems: list[str]
) -> dict[str, object] | None:
    """The connection as `Connection` wants it, still unchecked; None when there is nothing to check."""
    whole = _with_base(tables, name, table, problems)
    if whole is None:
        return None
    raw = cast("dict[str, object]", expanded(whole, environ, "", problems))
    for role, target in zip(("platform", "erp"), _SETTINGS, strict=True):
        vendor = raw.get(role)
        if not isinstance(vendor, str) or vendor not in raw or vendor in Connection.model_fields:
            continue
        if target in raw:
            problems.append(f"has both a table {vendor} and a table {target}; keep one of the two.")
        raw[target] = raw.pop(vendor)
    return {**raw, "name": name}


def _with_base(tables: Mapping[str, object], name: str, table: object, problems: list[str]) -> dict[str, object] | None:
    """The connection's table laid over the one that it names by `like`."""
    if not isinstance(table, Mapping):
        problems.append(f"must be a table, [connections.{name}], and not a single value.")
        return None
    own = {key: part for key, part in table.items() if key != "like"}
    if "like" not in table:
        return own
    like = table["like"]
    base = tables.get(like) if isinstance(like, str) and like != name else None
    if not isinstance(base, Mapping):
        problems.append(f"like = {like!r} is no other connection of this file.")
        return None
    if "like" in base:
        problems.append(f"like = {like!r} is itself like another one; name a connection that stands alone.")
        return None
    return _overlaid(_without_replaced(base, own), own)


def _without_replaced(base: Mapping[str, object], own: Mapping[str, object]) -> dict[str, object]:
    """The base without the settings of a system that the connection does not have."""
    gone = {base.get(role) for role in ("platform", "erp") if own.get(role, base.get(role)) != base.get(role)}
    return {key: part for key, part in base.items() if key not in gone}


def _overlaid(base: Mapping[str, object], own: Mapping[str, object]) -> dict[str, object]:
    merged = dict(base)
    for key, value in own.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = _overlaid(cast("_Table", below), cast("_Table", value)) if both else value
    return merged


def _draft(raw: Mapping[str, object]) -> Connection:
    """A connection without any check, so that the adapters can look for their own problems in it as well."""
    mappings = _table(raw, "mappings")
    lenient: dict[str, Any] = {name: _table(mappings, name) for name in Mappings.model_fields}
    timing: dict[str, Any] = {name: part for name, part in _table(raw, "timing").items() if part}
    return Connection.model_construct(
        name=str(raw["name"]),
        platform=str(raw.get("platform", "")),
        erp=str(raw.get("erp", "")),
        ledger=str(raw.get("ledger", "")),
        platform_settings=_table(raw, "platform_settings"),
        erp_settings=_table(raw, "erp_settings"),
        mappings=Mappings.model_construct(**lenient),
        policy=_policy(raw),
        timing=Timing.model_construct(**timing),
    )


def _policy(raw: Mapping[str, object]) -> Policy:
    """The policy where it is right by itself, else the usual one."""
    try:
        return Policy.model_validate(_table(raw, "policy"))
    except ValidationError:
        return Policy()


def _table(source: Mapping[str, object], name: str) -> dict[str, object]:
    part = source.get(name)
    return dict(part) if isinstance(part, Mapping) else {}


def _sentences(error: ValidationError, raw: Mapping[str, object]) -> list[str]:
    problems = [text for detail in error.errors() for text in _sentence(detail)]
    return problems + _gaps(_table(raw, "mappings"))


def _gaps(mappings: Mapping[str, object]) -> list[str]:
    """What the tables that are there lack. pydantic leaves this out as soon as any other mapping is wrong."""
    actions = _table(mappings, "stock_actions")
    if not actions:
        return []
    missing = [word for word in Disposition if word.scanned and word not in actions]
    problems = [f"mappings: stock_actions has no entry for {word}." for word in missing]
    try:
        Mappings.model_validate(_ANY_WORDS | {name: _table(mappings, name) for name in _PLACES})
    except ValidationError as error:
        whole = [detail for detail in error.errors() if not detail["loc"]]
        problems += [f"mappings{text}" for detail in whole for text in _sentence(detail)]
    return problems


def _sentence(detail: ErrorDetails) -> list[str]:
    where = ".".join(str(part) for part in detail["loc"] if part != "[key]")
    kind, value = detail["type"], detail["input"]
    if kind in _WORDS:
        return [f"{where} {_WORDS[kind]}"]
    if kind == "value_error":
        return [f"{where}: {part}." for part in detail["msg"].removeprefix("Value error, ").split("; ")]
    if kind == "time_delta_parsing":
        return [f'{where} is {value!r}, which is no duration; write "30d", "12h", "15m" or "3s".']
    plain = isinstance(value, str | int | float | bool) and detail["loc"][0] not in _SETTINGS
    shown = f" {value!r}" if plain else ""  # a settings table may hold a secret by mistake
    return [f"{where}{shown} is wrong: {detail['msg'][:1].lower()}{detail['msg'][1:]}."]


def _shared_books(connections: Sequence[Connection]) -> list[str]:
    """Connections with one ledger share its ERP, order slots and queue: they must agree about them."""
    first: dict[str, Connection] = {}
    problems: list[str] = []
    for connection in connections:
        other = first.setdefault(connection.books, connection)
        pairs = {
            "erp": (connection.erp, other.erp),
            f"the settings of {connection.erp}": (connection.erp_settings, other.erp_settings),
            "policy.rate_per_second": (connection.policy.rate_per_second, other.policy.rate_per_second),
            "policy.concurrency": (connection.policy.concurrency, other.policy.concurrency),
            "timing": (connection.timing, other.timing),
        }
        problems += [
            f"Connection {connection.name}: shares the ledger {connection.books!r} with {other.name} "
            f"but differs in {what}; make them equal or use another ledger."
            for what, (mine, theirs) in pairs.items()
            if mine != theirs
        ]
    return problems
