"""How an exception says which units it is about, so that the decision ends the exposure of just these (N11)."""

from collections.abc import Mapping

_UNITS = "units."


def unit_figures(units: Mapping[str, int]) -> dict[str, str]:
    """Line id → units, as figures of a problem."""
    return {f"{_UNITS}{line_id}": str(count) for line_id, count in units.items()}


def units_in(figures: Mapping[str, object]) -> dict[str, int]:
    """Line id → units that the figures of an exception name; empty when it names none."""
    return {name.removeprefix(_UNITS): int(str(count)) for name, count in figures.items() if name.startswith(_UNITS)}
