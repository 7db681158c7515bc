"""The base of every plugin's options and of every section of the configuration."""

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """Unknown keys are errors; values do not change after they were checked; docstrings of fields reach the schema."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, use_attribute_docstrings=True)
