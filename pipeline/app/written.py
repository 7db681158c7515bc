"""The configuration's file, as it is now and as it would be taken at the next start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.config import load
from pipeline.core.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True)
class WrittenConfig:
    """A file, and what the command line says instead of it."""

    path: Path
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def problems(self) -> Sequence[Problem]:
        """Reads it again, and may take a while; nothing where it is fine."""
        try:
            load(self.path, overrides=self.overrides)
        except ConfigError as error:
            return error.problems
        return ()
