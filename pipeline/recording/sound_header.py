"""What an MP4's header says of its sound (ISO/IEC 14496-12 and 14496-14)."""

import struct
from collections.abc import Iterator

from pipeline.core.packet import SoundInfo
from pipeline.recording.boxes import box, full_box, inside

_ENABLED_AND_SHOWN = 3
_UNITY = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
_UNDETERMINED = 0x55C4
"""The language `und`."""
_IN_THIS_FILE = 1
_AAC, _AUDIO_STREAM = 0x40, 0x15
_STREAM, _DECODER, _CONFIG, _SYNC = 3, 4, 5, 6
"""Tags of descriptors (ISO/IEC 14496-1, 7.2.2.1)."""
_MOST_RATE = 2**16 - 1


def with_sound(head: bytes, sound: SoundInfo, track: int) -> bytes:
    """`ftyp` and `moov` of a file of one track, with a second one, `track`, on a clock of its samples a second."""
    return b"".join(
        box(kind, *_with_track(content, sound, track)) if kind == b"moov" else box(kind, content)
        for kind, content in inside(head)
    )


def _with_track(moov: bytes, sound: SoundInfo, track: int) -> Iterator[bytes]:
    for kind, content in inside(moov):
        if kind == b"mvhd":
            yield box(kind, content[:-4], struct.pack(">I", track + 1))
        elif kind == b"mvex":
            yield box(kind, content, full_box(b"trex", 0, struct.pack(">5I", track, 1, 0, 0, 0)))
        else:
            yield box(kind, content)
        if kind == b"trak":
            yield _track(sound, track)


def _track(sound: SoundInfo, track: int) -> bytes:
    about = struct.pack(">5I", 0, 0, track, 0, 0) + bytes(8) + struct.pack(">HHHH", 0, 1, 1 << 8, 0)
    return box(
        b"trak",
        full_box(b"tkhd", _ENABLED_AND_SHOWN, about, _UNITY, bytes(8)),
        box(
            b"mdia",
            full_box(b"mdhd", 0, struct.pack(">4I2H", 0, 0, sound.rate, 0, _UNDETERMINED, 0)),
            full_box(b"hdlr", 0, bytes(4), b"soun", bytes(12), b"Sound\0"),
            box(b"minf", full_box(b"smhd", 0, bytes(4)), _data(), _samples(sound)),
        ),
    )


def _data() -> bytes:
    return box(b"dinf", full_box(b"dref", 0, struct.pack(">I", 1), full_box(b"url ", _IN_THIS_FILE)))


def _samples(sound: SoundInfo) -> bytes:
    """None here: they stand in the fragments."""
    rate = sound.rate if sound.rate <= _MOST_RATE else 0
    entry = bytes(6) + struct.pack(">H8xHHHHI", 1, sound.channels, 16, 0, 0, rate << 16)
    return box(
        b"stbl",
        full_box(b"stsd", 0, struct.pack(">I", 1), box(b"mp4a", entry, full_box(b"esds", 0, _descriptors(sound)))),
        *(full_box(kind, 0, bytes(4)) for kind in (b"stts", b"stsc", b"stco")),
        full_box(b"stsz", 0, bytes(8)),
    )


def _descriptors(sound: SoundInfo) -> bytes:
    decoder = struct.pack(">BB3xII", _AAC, _AUDIO_STREAM, 0, 0) + _descriptor(_CONFIG, sound.config)
    return _descriptor(_STREAM, struct.pack(">HB", 0, 0) + _descriptor(_DECODER, decoder) + _descriptor(_SYNC, b"\2"))


def _descriptor(tag: int, content: bytes) -> bytes:
    """Its length in four bytes of seven bits each."""
    length = len(content)
    sized = [length >> 7 * place & 0x7F | (0x80 if place else 0) for place in (3, 2, 1, 0)]
    return bytes([tag, *sized]) + content
