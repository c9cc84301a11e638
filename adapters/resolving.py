"""An adapter's settings as a connection writes them: ``<field>_env`` names the variable that holds a field."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

S = TypeVar("S", bound=BaseModel)
FROM_ENV = "_env"


def resolve_settings(
    raw: Mapping[str, object], environ: Mapping[str, str] | None, model: type[S]
) -> tuple[S | None, list[str]]:
    """An adapter's settings, with each ``<field>_env`` of the configuration filled from the environment.

    The settings, or None and the problems: sentences that begin with the key and never quote a value. Without
    `environ`, what is to come from it is no problem.
    """
    values, open_fields, problems = _filled(raw, environ, model)
    try:
        settings = model.model_validate(values)
    except ValidationError as trouble:
        return None, problems + _value_problems(trouble, open_fields)
    return (None, problems) if problems else (settings, [])


def known_values(
    raw: Mapping[str, object], environ: Mapping[str, str] | None, model: type[BaseModel]
) -> dict[str, object]:
    """What can be had of the settings, unchecked: whoever needs only part of them can look at it without the rest."""
    return _filled(raw, environ, model)[0]


def _filled(
    raw: Mapping[str, object], environ: Mapping[str, str] | None, model: type[BaseModel]
) -> tuple[dict[str, object], set[str], list[str]]:
    """The values, the fields whose value is not here, and what is wrong with the variables that are named."""
    values: dict[str, object] = {}
    open_fields: set[str] = set()
    problems: list[str] = []
    for key, value in raw.items():
        field = key.removesuffix(FROM_ENV)
        if field == key or field not in model.model_fields:
            values[key] = value
        elif problem := _variable_problem(key, value, raw, environ):
            problems.append(problem)
            open_fields.add(field)
        elif environ is None:
            open_fields.add(field)
        else:
            values[field] = environ[str(value)]
    return values, open_fields, problems


def _variable_problem(key: str, variable: object, raw: Mapping[str, object], environ: Mapping[str, str] | None) -> str:
    """What is wrong with one ``<field>_env``; empty when nothing is."""
    field = key.removesuffix(FROM_ENV)
    if field in raw:
        return f"{key} and {field} are both given; keep one."
    if not isinstance(variable, str) or not variable:
        return f"{key} must be the name of an environment variable."
    if environ is not None and not environ.get(variable):
        return f"{key} names {variable}, which is not set in the environment."
    return ""


def _value_problems(trouble: ValidationError, open_fields: set[str]) -> list[str]:
    """pydantic's messages without the input, except those about fields whose value is not here."""
    errors = trouble.errors(include_url=False, include_context=False, include_input=False)
    return [
        f"{'.'.join(str(step) for step in error['loc']) or 'The whole'}: {error['msg']}."
        for error in errors
        if not (error["loc"] and error["loc"][0] in open_fields)
    ]
