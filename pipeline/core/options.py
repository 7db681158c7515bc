"""The base of every plugin's options and of every section of the configuration."""

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Options(BaseModel):
    """Unknown keys are errors, and so are numbers without an end; values do not change after they were checked.

    Docstrings of fields reach the schema.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, use_attribute_docstrings=True, allow_inf_nan=False
    )


def misplaced(key: str, got: str, wanted: str) -> PydanticCustomError:
    """A problem of one key that only shows beside another, for validators of the whole."""
    return PydanticCustomError("misplaced", "{key}: {wanted}", {"key": key, "got": got, "wanted": wanted})
