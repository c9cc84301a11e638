"""Turns validation errors into sentences that say which setting is wrong and what to do about it."""

from collections.abc import Callable

from pydantic import ValidationError


class ConfigurationError(Exception):
    """The process cannot start as it is configured. `problems` is the full list, one sentence each."""

    def __init__(self, title: str, problems: list[str]) -> None:
        self.title = title
        self.problems = problems
        super().__init__("\n".join([f"{title}:", *(f"  - {problem}" for problem in problems)]))


def dotted(path: tuple[int | str, ...]) -> str:
    """The place in a configuration file: ``("connections", 0, "erp")`` → ``connections[0].erp``."""
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def sentences(
    error: ValidationError,
    place: Callable[[tuple[int | str, ...]], str] = dotted,
    fix: Callable[[tuple[int | str, ...]], str] = lambda _: "",
) -> list[str]:
    """One sentence per problem, each place once.

    `place` names the setting (default: a dotted path), `fix` says what belongs there.
    Values are not repeated: they may be secrets.
    """
    found: dict[str, str] = {}
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        where = place(item["loc"])
        text = item["msg"].removeprefix("Value error, ").rstrip(".")
        if item["type"] == "missing":
            text = "is missing"
        elif item["type"] == "extra_forbidden":
            text = "is not a setting; is it misspelt?"
        else:
            text = f"is wrong: {text[:1].lower()}{text[1:]}"
        hint = fix(item["loc"])
        found.setdefault(where, " ".join(filter(None, [where, f"{text}.", hint])).strip())
    return list(found.values())
