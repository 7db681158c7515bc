"""AAC-LC as cameras send it, and made of whatever else they send (ISO/IEC 14496-3)."""

from fractions import Fraction

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream

from pipeline.core.packet import SoundInfo

RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)
"""Samples a second, by the number that a configuration has for them."""
_LOW_COMPLEXITY = 2
_LEAST_RATE, _MOST_RATE = 16_000, 48_000
"""What is encoded is made so: below, a frame lasts longer than sound may be beside its picture."""
_BITS_PER_SAMPLE = 2
_MOST_BITRATE = 128_000
_SYNC = 0xFFF
_HEADER_BYTES, _CHECKED_HEADER_BYTES = 7, 9


def copied(stream: AudioStream) -> SoundInfo | None:
    """What a stream is where its packets can stay as they are; None where they must be decoded."""
    context = stream.codec_context
    if context.name != "aac":
        return None
    if context.extradata:
        return _info(bytes(context.extradata))
    if context.profile == "LC" and context.sample_rate in RATES and context.channels in (1, 2):
        return _info(_config(context.sample_rate, context.channels))
    return None


def bare(unit: bytes) -> bytes:
    """Without the header that streams without a configuration have before each unit (ADTS)."""
    if len(unit) < _HEADER_BYTES or int.from_bytes(unit[:2], "big") >> 4 != _SYNC or unit[1] & 6:
        return unit
    return unit[_HEADER_BYTES if unit[1] & 1 else _CHECKED_HEADER_BYTES :]


def encoder(rate: int, channels: int) -> tuple[AudioCodecContext, SoundInfo]:
    """For sound of that rate and so many channels; takes frames of any kind. Raises FFmpegError."""
    context = av.CodecContext.create("aac", "w")
    made_rate = rate if rate in RATES and _LEAST_RATE <= rate <= _MOST_RATE else _nearest(rate)
    context.sample_rate, context.time_base = made_rate, Fraction(1, made_rate)
    context.layout, context.format = ("mono" if channels == 1 else "stereo"), "fltp"
    context.bit_rate = min(_MOST_BITRATE, _BITS_PER_SAMPLE * made_rate * min(channels, 2))
    context.open()
    return context, SoundInfo(bytes(context.extradata or b""), made_rate, min(channels, 2))


def _nearest(rate: int) -> int:
    return _LEAST_RATE if rate < _LEAST_RATE else _MOST_RATE


def _info(config: bytes) -> SoundInfo | None:
    """None where it is more than AAC-LC with 1024 samples a frame and one channel or two."""
    if len(config) < 2:
        return None
    bits = int.from_bytes(config[:2], "big")
    kind, rate, channels, is_short = bits >> 11, bits >> 7 & 15, bits >> 3 & 15, bits >> 2 & 1
    if kind != _LOW_COMPLEXITY or rate >= len(RATES) or channels not in (1, 2) or is_short:
        return None
    return SoundInfo(config, RATES[rate], channels)


def _config(rate: int, channels: int) -> bytes:
    return (_LOW_COMPLEXITY << 11 | RATES.index(rate) << 7 | channels << 3).to_bytes(2, "big")
