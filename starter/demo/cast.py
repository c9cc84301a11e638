"""Who plays what: each scenario on the connection of its pairing, or why it is not played there."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from domain.connection import Connection
from starter.demo.abilities import TAX_IN_PRICES, abilities_of
from starter.demo.goods import LOCATION
from starter.demo.pairing import Pairing, Setting
from starter.demo.play import Play
from starter.demo.report import NotPlayed
from starter.demo.scenario import Course, Expected, Otherwise, Scenario
from starter.demo.scenarios import scenarios_of
from starter.demo.system import System
from starter.demo.watch import Watch

_FIRST_ORDER = 2040001


@dataclass
class Performance:
    """One scenario while it is played. `failure` is why it could not go on; `played`: only its end is to come.

    expected: with the depots of the connection
    note: why it is played otherwise than elsewhere
    """

    scenario: Scenario
    pairing: Pairing
    play: Play
    course: Course
    expected: Expected
    note: str = ""
    begun: bool = False
    played: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False
    failure: str = ""

    @property
    def verdict(self) -> str:
        """For the board; empty while it goes on."""
        if self.failure:
            return f"FAILED: {self.failure}"
        return f"ended as {self.expected.status}" if self.over else ""

    @property
    def title(self) -> str:
        """For the board."""
        return f"{self.scenario.name} on {self.play.connection}"


@dataclass
class Cast:
    """Everything that is played, in its order, and what cannot be."""

    performances: list[Performance] = field(default_factory=list)
    not_played: list[NotPlayed] = field(default_factory=list)

    def of(self, scenarios: Sequence[Scenario], pairing: Pairing) -> list[Performance]:
        """The performances of some scenarios of a pairing."""
        return [one for one in self.performances if one.pairing is pairing and one.scenario in scenarios]


def cast(system: System, watch: Watch, pairings: Sequence[Pairing]) -> Cast:
    """Every scenario of the pairings, each with an order number of its own."""
    made = Cast()
    for number, (pairing, scenario) in enumerate(_wanted(pairings), _FIRST_ORDER):
        able = system.connections[pairing.connections[Setting.MAIN]]
        instead = _instead(scenario, able)
        if instead and instead.expected is None:
            why = _said(instead, able)
            made.not_played.append(NotPlayed(connection=able.name, scenario=scenario.name, why=why))
            continue
        connection = system.connections[pairing.connections[scenario.setting]]
        play = Play(system, watch, connection.name, str(number))
        course, expected, note = scenario.play, scenario.expected, ""
        if instead and instead.expected:
            course, expected, note = instead.play or course, instead.expected, _said(instead, able)
        if TAX_IN_PRICES not in abilities_of(connection):
            expected = expected.without_tax()
        expected = expected.at(connection.mappings.locations[LOCATION])
        made.performances.append(Performance(scenario, pairing, play, course, expected, note))
    return made


def _wanted(pairings: Sequence[Pairing]) -> Iterator[tuple[Pairing, Scenario]]:
    return ((pairing, scenario) for pairing in pairings for scenario in scenarios_of(pairing))


def _instead(scenario: Scenario, connection: Connection) -> Otherwise | None:
    """What happens for the first ability that the pair lacks; None: as always."""
    able = abilities_of(connection)
    return next((instead for word, instead in scenario.otherwise.items() if word not in able), None)


def _said(instead: Otherwise, connection: Connection) -> str:
    return instead.why.format(erp=connection.erp, platform=connection.platform)
