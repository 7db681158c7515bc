"""What the System page tells: versions, how everything does, how full the disk is, what was logged."""

import asyncio
import platform
import shutil
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from pipeline import registry
from pipeline.app.log_memory import LogMemory
from pipeline.app.system import System
from pipeline.app.written import WrittenConfig
from pipeline.config import CameraConfig, Config, StageConfig
from pipeline.core.about import DiskStatus, LogLevel, LogLine, ModelUse, StoreStatus, SystemStatus
from pipeline.core.errors import Problem
from pipeline.core.status import CameraStatus, ModelStatus
from pipeline.store.store import StoreError
from pipeline.version import __version__

_LIBRARIES = (
    *("av", "aiortc", "openvino", "torch", "onnxruntime", "onnxruntime-gpu", "tensorrt"),
    *("opencv-python", "opencv-python-headless", "ultralytics"),
)
_MEASURED_FOR_S = 30.0


class About:
    """Made when the system is, and asked on its event loop."""

    def __init__(self, system: System, log: LogMemory, written: WrittenConfig | None) -> None:
        """`written` is None where no file was read."""
        self._system = system
        self._log = log
        self._written = written
        self._began = system.clock.monotonic()
        self._libraries = dict(_installed())
        self._models_of: dict[str, dict[str, str]] = {}
        self._models_of_config: Config | None = None
        self._measuring = asyncio.Lock()
        self._measured: tuple[DiskStatus | None, StoreStatus | None] = (None, None)
        self._measured_at: float | None = None

    async def status(self) -> SystemStatus:
        disk, store = await self._measure()
        if disk is not None:
            disk = replace(disk, trouble=self._system.room.trouble)
        cameras = self._system.cameras()
        return SystemStatus(
            version=__version__,
            python=platform.python_version(),
            libraries=self._libraries,
            uptime_s=round(self._system.clock.monotonic() - self._began, 1),
            analysis=self._system.analysis(),
            models=[self._use(model, cameras) for model in self._system.models()],
            cameras=cameras,
            disk=disk,
            store=store,
        )

    def log(self, lines: int, level: LogLevel) -> Sequence[LogLine]:
        return self._log.last(lines, level)

    @property
    def config_path(self) -> str | None:
        return None if self._written is None else str(self._written.path.absolute())

    def config_problems(self) -> Sequence[Problem]:
        return () if self._written is None else self._written.problems()

    def _use(self, model: ModelStatus, cameras: Sequence[CameraStatus]) -> ModelUse:
        """A camera that has not been analysed yet has no cost."""
        costs = {
            camera.name: [cost for stage, cost in camera.cost_ms.items() if self._runs(camera.name, stage, model.name)]
            for camera in cameras
        }
        return ModelUse(model.name, model.runs, {name: round(sum(each), 2) for name, each in costs.items() if each})

    def _runs(self, camera: str, stage: str, model: str) -> bool:
        if self._models_of_config is not self._system.config:
            self._models_of_config = config = self._system.config
            self._models_of = {name: _models_of(each) for name, each in config.cameras.items()}
        return self._models_of[camera].get(stage) == model

    async def _measure(self) -> tuple[DiskStatus | None, StoreStatus | None]:
        """To look at every file takes its time and changes little."""
        async with self._measuring:
            now = self._system.clock.monotonic()
            if self._measured_at is None or now - self._measured_at > _MEASURED_FOR_S:
                self._measured = await asyncio.to_thread(lambda: (disk_of(self._system.media.root), self._store()))
                self._measured_at = now
            return self._measured

    def _store(self) -> StoreStatus | None:
        try:
            return self._system.store.status()
        except StoreError:
            return None


def disk_of(folder: Path) -> DiskStatus | None:
    try:
        usage = shutil.disk_usage(folder)
        return DiskStatus(str(folder.absolute()), sum(_sizes(folder)), usage.free, usage.total)
    except OSError:
        return None


def _sizes(folder: Path) -> Iterator[int]:
    for path in folder.rglob("*"):
        try:
            yield path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:  # deleted meanwhile
            continue


def _installed() -> Iterator[tuple[str, str]]:
    for name in _LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _models_of(camera: CameraConfig) -> dict[str, str]:
    return {stage.name: model for stage in camera.stages if (model := _model_of(stage))}


def _model_of(stage: StageConfig) -> str | None:
    """The model that a stage names, or names by default."""
    options: Any = registry.load("stages", stage.type).Options.model_validate(dict(stage.options))
    return getattr(options, "model", None)
