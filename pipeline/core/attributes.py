"""What stages find out of an object beside its label, and what somebody wants it to be."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

AttributeValue = str | float | bool


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str | float | int) else value


Values = Annotated[
    tuple[AttributeValue, ...],
    BeforeValidator(_one_or_many, json_schema_input_type=AttributeValue | tuple[AttributeValue, ...]),
    Field(min_length=1),
]
Wanted = dict[str, Values]
"""Attributes by name, each with the values that will do; written as one value or several."""


def fits(wanted: Mapping[str, Sequence[AttributeValue]], attributes: Mapping[str, AttributeValue]) -> bool:
    """Whether each attribute that is wanted is known, and is one of its values."""
    return all(name in attributes and attributes[name] in values for name, values in wanted.items())


def in_words(attributes: Mapping[str, AttributeValue]) -> str:
    """What a person reads beside the label: texts as they are, what is true by its name. Numbers are for programs."""
    return ", ".join(
        value if isinstance(value, str) else name
        for name, value in attributes.items()
        if isinstance(value, str) or value is True
    )


def as_text(value: AttributeValue) -> str | None:
    """How a value is looked for: texts as they are, `true` and `false`; None for a number, which nobody looks for."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else None
