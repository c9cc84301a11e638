"""What an address of the queue asks for, and the address again."""

from datetime import timedelta

from fastapi import Request

from console.forms import Form
from console.paging import address_of, bad_address
from console.parts import ConsoleParts
from console.session import visitor_of
from domain.accounts import AccountRole
from domain.catalogue import CATALOGUE
from domain.exceptions import ExceptionCode, Owner
from domain.model import Value
from guides.words import team_title
from store.queue_records import QueueFilter
from store.records import ExceptionState

#: The word of an address for all teams, or all states.
ALL = "all"
AGES = {"1h": "an hour", "4h": "4 hours", "1d": "a day", "3d": "3 days", "7d": "a week", "30d": "a month"}
STATES = {"": "Open", "resolved": "Decided", "cleared": "Gone by themselves", ALL: "All"}
_HOURS = {"h": 1, "d": 24}
_NAMES = ("owner", "connection", "code", "level", "age", "state", "second", "group", "id")
_LONGEST = 200


class FilterBar(Value, arbitrary_types_allowed=True):
    """What the form of the filters shows: value and text of every choice, and what was chosen."""

    chosen: dict[str, str]
    owners: list[tuple[str, str]]
    connections: list[tuple[str, str]]
    codes: list[tuple[str, str]]
    ages: list[tuple[str, str]]
    states: list[tuple[str, str]]
    form: Form


class Asked:
    """The filters of one request.

    filters: for the store; words: as they stood in the address, with the owner that was taken
    """

    def __init__(self, request: Request) -> None:
        words = {name: request.query_params.get(name, "").strip() for name in _NAMES}
        if any(len(word) > _LONGEST for word in words.values()):
            raise bad_address()
        narrowed = any(words[name] for name in ("code", "group", "id"))
        if not words["owner"] and not narrowed:
            words["owner"] = own_team(visitor_of(request).roles)
        self.words = words
        self.filters = _filters(words)

    def address(self, path: str, **changed: str) -> str:
        """The address of these filters, with some of them changed."""
        return address_of(path, self.words, **changed)

    def bar(self, parts: ConsoleParts) -> FilterBar:
        """The form, as it was sent."""
        own = self.words["connection"]
        codes = sorted((entry.title, code.value) for code, entry in CATALOGUE.items())
        return FilterBar(
            chosen=self.words,
            owners=[(ALL, "All teams"), *((owner.value, team_title(owner)) for owner in Owner)],
            connections=[(name, name) for name in sorted({*parts.connections, *([own] if own else [])})],
            codes=[(code, title) for title, code in codes],
            ages=[(word, f"more than {text}") for word, text in AGES.items()],
            states=[(word, text) for word, text in STATES.items() if word],
            form=Form(),
        )


def own_team(roles: frozenset[AccountRole]) -> str:
    """The team whose exceptions a person looks at first: their own, or all where they have none, or several."""
    teams = [role.value for role in roles if role.value in {owner.value for owner in Owner}]
    return teams[0] if len(teams) == 1 else ALL


def _filters(words: dict[str, str]) -> QueueFilter:
    owner, code, state, level, age = (words[name] for name in ("owner", "code", "state", "level", "age"))
    if age not in {"", *AGES} or state not in STATES or level not in {"", "1", "2"}:
        raise bad_address()
    try:
        return QueueFilter(
            state=None if state == ALL else ExceptionState(state or ExceptionState.OPEN),
            owner=Owner(owner) if owner not in ("", ALL) else None,
            code=ExceptionCode(code) if code else None,
            connection=words["connection"] or None,
            cause=words["group"] or None,
            level=int(level) if level else None,
            min_age=timedelta(hours=int(age[:-1]) * _HOURS[age[-1]]) if age else None,
            proposed=True if words["second"] else None,
            any_id=words["id"],
        )
    except ValueError:
        raise bad_address() from None
