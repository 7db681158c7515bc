"""What a person is told about the whole installation."""

from typing import Literal

import msgspec

from pipeline.core.status import AnalysisState, CameraStatus

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class AnalysisStatus(msgspec.Struct, frozen=True):
    """The process that looks at the pictures."""

    state: AnalysisState
    reason: str = ""
    restarts: int = 0
    """Times that it was started again since the start."""


class ModelUse(msgspec.Struct, frozen=True):
    """A model, what runs it, and what a frame costs in the stages that name it."""

    name: str
    runs: str = ""
    """As in ModelStatus; empty while nothing runs it."""
    cost_ms: dict[str, float] = {}
    """Mean of late by camera, with what a frame waited for the model."""


class DiskStatus(msgspec.Struct, frozen=True):
    """Where media lie, and how much room is left on that file system; measured every half minute at most."""

    media: str
    media_bytes: int
    free_bytes: int
    total_bytes: int
    trouble: str = ""
    """That there is too little room, and nothing left to remove; empty where that is not so."""


class StoreStatus(msgspec.Struct, frozen=True):
    schema_version: str
    """The last step that its tables have behind them."""
    events: int
    bytes: int
    """With its journal; of a server the whole database."""


class SystemStatus(msgspec.Struct, frozen=True):
    version: str
    python: str
    libraries: dict[str, str]
    """Versions of those that are installed, by the name of the distribution."""
    uptime_s: float
    analysis: AnalysisStatus
    models: list[ModelUse]
    cameras: list[CameraStatus]
    disk: DiskStatus | None
    """Null where the folder cannot be read."""
    store: StoreStatus | None
    """Null where the store cannot be read."""


class LogLine(msgspec.Struct, frozen=True):
    """`at` is seconds since 1970; addresses in `message` are without credentials."""

    at: float
    level: str
    logger: str
    message: str
