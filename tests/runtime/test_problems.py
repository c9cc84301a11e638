"""Validation errors become sentences that name the place and never repeat the value."""

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from runtime.problems import ConfigurationError, dotted, sentences


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: int
    word: str = "ok"

    @field_validator("word")
    @classmethod
    def _short(cls, value: str) -> str:
        if len(value) > 3:
            raise ValueError("Words have three letters")
        return value


class Outer(BaseModel):
    parts: list[Inner]
    name: str


def problems(data: object) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(data)
    return sentences(caught.value)


def test_every_problem_is_a_sentence_with_its_place() -> None:
    assert problems({"parts": [{"size": 1}, {"size": "x", "wrod": 1, "word": "secret"}]}) == [
        "parts[1].size is wrong: input should be a valid integer, unable to parse string as an integer.",
        "parts[1].word is wrong: words have three letters.",
        "parts[1].wrod is not a setting; is it misspelt?.",
        "name is missing.",
    ]


def test_values_are_not_repeated() -> None:
    assert "secret" not in " ".join(problems({"parts": [{"size": "secret", "word": "secret"}], "name": 1}))


def test_dotted_paths() -> None:
    assert dotted(("connections", 0, "mappings", "tax_codes")) == "connections[0].mappings.tax_codes"


def test_the_error_reads_as_a_list() -> None:
    error = ConfigurationError("The file is wrong", ["one.", "two."])
    assert str(error) == "The file is wrong:\n  - one.\n  - two."
