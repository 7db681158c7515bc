"""One file of a recording while it is written."""

import os
from collections.abc import Sequence
from contextlib import suppress

from pipeline.core.footage import Kind, Segment
from pipeline.core.ids import new_id
from pipeline.recording import mp4
from pipeline.recording.gop import Gop
from pipeline.recording.shelf import Shelf
from pipeline.recording.sound import SoundTrack, Unit


class SegmentFile:
    """Takes whole groups of pictures that follow one another; used by one thread. Methods raise OSError.

    What was appended is whole in the file when `append` returns; where that fails the file is as it was before.
    """

    def __init__(self, shelf: Shelf, camera: str, first: Gop) -> None:
        self.started_at = first.started_at
        self.ended_at = first.started_at
        self.next_90k = first.begin_90k
        self.kinds: frozenset[Kind] = frozenset()
        self.id = new_id(first.started_at)
        self._shelf = shelf
        self._camera = camera
        self._codec = first.info.codec
        self._parameter_sets = first.parameter_sets
        self._begin_90k = first.begin_90k
        self._sound = SoundTrack(first.info.sound) if first.info.sound else None
        self._fragments = 0
        self._bytes = 0
        self._is_torn = False
        head = mp4.header(self._codec, first.packets[0].data, first.info.sound)
        self._path = shelf.unfinished(self.id, camera)
        self._file = shelf.open_file(self._path)
        try:
            self._write(head)
        except OSError:
            self.discard()
            raise

    @property
    def length_s(self) -> float:
        return (self.next_90k - self._begin_90k) / mp4.TICKS_PER_S

    def goes_on_with(self, gop: Gop) -> bool:
        sound = self._sound.info if self._sound else None
        is_alike = gop.parameter_sets == self._parameter_sets and gop.info.sound == sound
        return is_alike and gop.begin_90k == self.next_90k

    def append(self, gop: Gop, kinds: frozenset[Kind]) -> int:
        """Returns how many bytes that took."""
        sound = self._sound_of(gop)
        written = mp4.fragment(self._codec, self._fragments + 1, self._begin_90k, gop.packets, gop.end_90k, sound)
        self._write(written)
        self._fragments += 1
        self.next_90k, self.ended_at = gop.end_90k, gop.ended_at
        self.kinds |= kinds
        return len(written)

    def _sound_of(self, gop: Gop) -> Sequence[Unit]:
        if self._sound is None:
            return ()
        units = [Unit(packet.data, self._samples(packet.pts_90k)) for packet in gop.sound]
        return self._sound.lay(units, self._samples(gop.end_90k))

    def _samples(self, at_90k: int) -> int:
        assert self._sound
        return round((at_90k - self._begin_90k) * self._sound.info.rate / mp4.TICKS_PER_S)

    def finish(self) -> Segment | None:
        """On the disk for good when this returns; None where nothing whole is in it."""
        if self._is_torn or not self._fragments:
            self.discard()
            return None
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            path = self._shelf.finish(self._path)
        except OSError:
            self.discard()
            raise
        return Segment(self.id, self._camera, self.started_at, self.ended_at, path, self._bytes, self.kinds)

    def discard(self) -> None:
        with suppress(OSError):  # it is given up because the disk fails: the next start sweeps what is left
            self._file.close()
            self._path.unlink(missing_ok=True)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            self._tear_off()
            raise
        self._bytes += len(data)

    def _tear_off(self) -> None:
        try:
            self._file.truncate(self._bytes)
            self._file.seek(self._bytes)
        except OSError:
            self._is_torn = True
