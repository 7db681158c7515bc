"""Video files, played like a camera or read as fast as they are taken."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from pipeline.core import options
from pipeline.core.clock import Clock, SystemClock
from pipeline.core.errors import SourceError
from pipeline.core.packet import Packet, SoundPacket, StreamInfo
from sources.pace import at_their_time
from sources.reader import Reader


class File:
    """Any file that FFmpeg reads; codecs other than H.264 and H.265 are encoded once."""

    class Options(options.Options):
        path: SecretStr
        pace: Literal["realtime", "max"] = "realtime"
        """`realtime` hands packets out when they are due, `max` when they are taken."""
        loop: bool = False
        """Begins again at the end; times go on without a gap."""

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self.realtime = options.pace == "realtime"
        self._loop = options.loop
        self._clock = clock or SystemClock()
        self._reader = Reader(_address(options.path.get_secret_value()), self._clock)

    def listen(self, heard: Callable[[SoundPacket], None]) -> None:
        self._reader.listen(heard)

    def open(self) -> StreamInfo:
        return self._reader.open()

    def packets(self) -> Iterator[Packet]:
        if self.realtime:
            return at_their_time(self._rounds(), self._clock, self._reader.closed)
        return self._rounds()

    def close(self) -> None:
        self._reader.close()

    def _rounds(self) -> Iterator[Packet]:
        yield from self._reader.packets()
        while self._loop and self._reader.next_90k and self._opened_again():
            yield from self._reader.packets()

    def _opened_again(self) -> bool:
        try:
            self._reader.open()
        except SourceError:
            if not self._reader.closed.is_set():
                raise
        return not self._reader.closed.is_set()


def _address(path: str) -> str:
    """Absolute, because FFmpeg would take `front:door.mp4` for an address."""
    return path if "://" in path else str(Path(path).expanduser().absolute())
