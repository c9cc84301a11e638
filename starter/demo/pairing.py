"""Which platform is played with which ERP, and on which connections."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from starter.demo.trouble import DemoError


class Setting(StrEnum):
    """What a connection of a pairing is for."""

    MAIN = "main"
    FAST = "fast"  # short deadlines
    CAREFUL = "careful"  # a replacement leaves only when the old goods are accepted
    GRADED = "graded"  # what comes back is graded by the platform's own users


@dataclass(frozen=True)
class Pairing:
    """One platform with one ERP.

    connections: setting → name of the connection; those of the example file are played as they stand there
    whole: every scenario is played, not only the few that show the pair
    alone: it was asked for by name, and nothing else is played
    """

    platform: str
    erp: str
    connections: Mapping[Setting, str] = field(default_factory=dict)
    whole: bool = False
    alone: bool = False

    @property
    def name(self) -> str:
        """As people ask for it: ``centra-returngo``."""
        return f"{self.erp}-{self.platform}"

    @property
    def measured(self) -> bool:
        """Whether it is the pair that the budgets of Temporal actions are about."""
        return self.whole and (self.platform, self.erp) == ("reveni", "prima")

    def in_full(self) -> Self:
        """Every scenario on connections of its own, made from the example's connections of platform and ERP."""
        settings = [setting for setting in Setting if setting is not Setting.GRADED or self.platform == "returngo"]
        names = {setting: self.name if setting is Setting.MAIN else f"{self.name}-{setting}" for setting in settings}
        return type(self)(self.platform, self.erp, names, whole=True, alone=True)


#: The pairings of the example file, which the demo shows side by side.
SHOWN = (
    Pairing(
        "reveni", "prima", {Setting.MAIN: "uk", Setting.FAST: "uk-fast", Setting.CAREFUL: "uk-careful"}, whole=True
    ),
    Pairing("returngo", "prima", {Setting.MAIN: "uk-outlet"}),
    Pairing("reveni", "centra", {Setting.MAIN: "de-centra"}),
    Pairing("reveni", "bluecherry", {Setting.MAIN: "us-bluecherry"}),
    Pairing("reveni", "patchworks", {Setting.MAIN: "nl-patchworks"}),
)
#: Every platform with every ERP.
ALL = tuple(
    Pairing(platform, erp)
    for erp in ("prima", "centra", "bluecherry", "patchworks")
    for platform in ("reveni", "returngo")
)
NAMES = tuple(pairing.name for pairing in ALL)


def pairing_named(name: str) -> Pairing:
    """A pairing, played in full; or one of the example file, by its main connection, as it is shown.

    Raises DemoError when there is none of the name.
    """
    shown = {pairing.connections[Setting.MAIN]: pairing for pairing in SHOWN}
    named = {pairing.name: pairing.in_full() for pairing in ALL} | shown
    if name not in named:
        raise DemoError(f"There is no pairing {name}; there are {', '.join(named)}.")
    return named[name]
