"""The system and its web server, from start to the signal that ends them."""

import asyncio
import signal
from collections import OrderedDict
from collections.abc import Callable

from pipeline.app.log_memory import LogMemory
from pipeline.app.system import System
from pipeline.app.web import web
from pipeline.app.written import WrittenConfig
from pipeline.config import Config
from pipeline.core.event import Event
from pipeline.store.export import one_line
from pipeline.version import __version__

_REMEMBERED = 4096
"""An event that is over is told again when its picture or its clip is there."""


async def serve(config: Config, say: Callable[[str], None], written: WrittenConfig | None = None) -> None:
    """Runs until SIGINT or SIGTERM; `written` is the file that `config` comes from.

    `say` gets the address to open, then a line for each event. Raises FramewatchError where it cannot start,
    and ModelError when the analysis turns out to be impossible as configured.
    """
    with LogMemory() as log:
        await _serve(config, say, log, written)


async def _serve(config: Config, say: Callable[[str], None], log: LogMemory, written: WrittenConfig | None) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    system = System(config, log_level=config.logging.level.upper())
    pages = web(system, log, written)
    await pages.start()
    try:
        await system.start()
        silence = system.events.subscribe(Teller(say))
        say(f"Framewatch {__version__}: open {pages.url} (Ctrl-C ends it)")
        await _until_over(stopped, system)
        silence()
    finally:
        await asyncio.gather(pages.stop(), system.stop())


async def _until_over(stopped: asyncio.Event, system: System) -> None:
    system.failed.add_done_callback(lambda _: stopped.set())
    await stopped.wait()
    if system.failed.done():
        raise system.failed.result()


class Teller:
    """Says each event once: an object when it comes, what lasts also when it is over; the rest is for the page."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said: OrderedDict[tuple[str, str], None] = OrderedDict()

    def __call__(self, event: Event) -> None:
        key = event.id, event.state
        if event.state == "update" or (event.type == "object" and event.state == "end") or key in self._said:
            return
        self._said[key] = None
        if len(self._said) > _REMEMBERED:
            self._said.popitem(last=False)
        self._say(one_line(event))
