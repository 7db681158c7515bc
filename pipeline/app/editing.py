"""What the page changes in the configuration: written to its file, and at once taken over by what runs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from pipeline.app.written import WrittenConfig
from pipeline.config import Config, edit
from pipeline.config.concealed import concealed, entries_snippet
from pipeline.config.edit import Areas
from pipeline.core.audit import AuditAction
from pipeline.core.errors import ConfigError, Problem


class ConfigEditor:
    """A ConfigWriter. One change after the other; used on one event loop."""

    def __init__(
        self,
        written: WrittenConfig | None,
        apply: Callable[[Config], Awaitable[None]],
        note: Callable[[AuditAction, Sequence[str]], Awaitable[None]],
    ) -> None:
        """`apply` makes what runs follow a configuration; `written` is None where there is no file.

        `note` writes down what was changed, and of which camera.
        """
        self._written = written
        self._apply = apply
        self._note = note
        self._changing = asyncio.Lock()

    @property
    def not_writable(self) -> str:
        if self._written is None:
            return "Framewatch was started without a configuration file"
        return self._written.not_writable

    def areas(self, camera: str) -> tuple[Areas, Areas]:
        return ({}, {}) if self._written is None else self._written.areas(camera)

    async def set_areas(self, camera: str, zones: Areas, lines: Areas) -> None:
        await self._change(lambda file: file.change(lambda text: edit.with_areas(text, camera, zones, lines)))
        await self._note("config.areas", [camera])

    def areas_snippet(self, camera: str, zones: Areas, lines: Areas) -> str:
        return edit.areas_snippet(camera, zones, lines)

    async def add_camera(self, name: str, camera: Mapping[str, Any]) -> None:
        await self._change(lambda file: file.add_camera(name, camera))
        await self._note("config.camera_added", [name])

    def camera_snippet(self, name: str, camera: Mapping[str, Any]) -> str:
        shown, entries = concealed(name, camera)
        text = edit.camera_snippet(name, shown)
        if not entries:
            return text
        return f"{text}\n# And in secrets.yaml, beside this file:\n{_commented(entries_snippet(entries))}"

    async def _change(self, change: Callable[[WrittenConfig], Config]) -> None:
        if self._written is None:
            got = f"no file to write to ({self.not_writable})"
            raise ConfigError([Problem("configuration", None, "", got, "a start with one: framewatch run FILE")])
        async with self._changing:
            config = await asyncio.to_thread(change, self._written)
            await self._apply(config)


def _commented(text: str) -> str:
    return "".join(f"# {line}\n" for line in text.splitlines())
