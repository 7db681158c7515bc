"""A clip in which each white picture sounds, and what a recording of it has become."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, cast

import av
import numpy as np
from av.audio.stream import AudioStream

from pipeline.core.packet import SoundInfo, SoundPacket
from tests.system.clips import _video_stream

FPS = 25
LENGTH_S = 8
"""In whole units of sound, so that it can go round and round."""
EVERY_S = 2.0
FIRST_S = 0.52
LASTS_S = 0.24
_TONE_HZ = 880
_SIZE = (320, 180)


def flashes(
    path: Path,
    sound: str | None = "aac",
    *,
    rate: int = 16_000,
    channels: int = 1,
    codec: Literal["h264", "hevc"] = "h264",
    b_frames: int = 0,
) -> Path:
    """Eight seconds, black and still but for a quarter of a second in every two; the suffix says in which container."""
    black, white = (np.full((_SIZE[1] * 3 // 2, _SIZE[0]), 128, np.uint8) for _ in range(2))
    black[: _SIZE[1]], white[: _SIZE[1]] = 16, 235
    with av.open(str(path), "w") as output:
        video = _video_stream(output, FPS, _SIZE, codec, FPS, b_frames)
        layout = "mono" if channels == 1 else "stereo"
        heard = cast(AudioStream, output.add_stream(sound, rate=rate, layout=layout)) if sound else None
        for index in range(LENGTH_S * FPS):
            picture = av.VideoFrame.from_ndarray(white if _is_on(index / FPS) else black, format="yuv420p")
            picture.pts, picture.time_base = index, Fraction(1, FPS)
            output.mux(video.encode(picture))
            if heard is not None:
                output.mux(_from_the_beginning(heard.encode(_samples(index, rate, channels))))
        output.mux(video.encode(None))
        if heard is not None:
            output.mux(heard.encode(None))
    return path


def _from_the_beginning(packets: "list[av.Packet[Any]]") -> "list[av.Packet[Any]]":
    """What an encoder puts before it not every reader leaves out."""
    return [packet for packet in packets if (packet.pts or 0) >= 0]


def _is_on(at: float) -> bool:
    return (at - FIRST_S + 1e-6) % EVERY_S < LASTS_S - 1e-6


def _samples(index: int, rate: int, channels: int) -> av.AudioFrame:
    """As long as a picture."""
    count = rate // FPS
    at = (np.arange(count) + index * count) / rate
    on = (at - FIRST_S + 1e-6) % EVERY_S < LASTS_S
    wave = (np.sin(2 * np.pi * _TONE_HZ * at) * on * 12_000).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(
        np.repeat(wave, channels)[None, :], format="s16", layout="mono" if channels == 1 else "stereo"
    )
    frame.sample_rate, frame.pts, frame.time_base = rate, index * count, Fraction(1, rate)
    return frame


@dataclass(frozen=True)
class Seen:
    """When (seconds from the beginning) pictures turn white, and a tone begins."""

    white: list[float]
    tones: list[float]


def seen_and_heard(path: Path) -> Seen:
    with av.open(str(path)) as file:
        white = rises((picture.time or 0.0, brightness(picture)) for picture in file.decode(video=0))
    with av.open(str(path)) as file:
        tones = rises(level for frame in file.decode(audio=0) for level in _levels(frame))
    return Seen(white, tones)


def tones(units: Sequence[SoundPacket], info: SoundInfo) -> list[float]:
    """When each begins, on the clock of the units."""
    decoder = av.CodecContext.create("aac", "r")
    decoder.extradata = info.config
    levels = []
    for unit in units:
        packet = av.Packet(unit.data)
        packet.pts, packet.time_base = unit.pts_90k, Fraction(1, 90_000)
        levels += [level for frame in decoder.decode(packet) for level in _levels(frame)]
    return rises(levels)


def in_step(path: Path, *, joint_s: float = 0.0, within_s: float = 0.06) -> int:
    """How many flashes there are; raises AssertionError where one is without its tone, or a tone without a flash.

    One in the first or last moments of the clip may be cut in two, and one around a joint in it.
    """
    with av.open(str(path)) as file:
        length_s = float((file.duration or 0) / av.time_base)
    seen = seen_and_heard(path)
    cuts = (0.0, joint_s, length_s)
    white, tones = (
        [at for at in times if all(abs(at - cut) > LASTS_S for cut in cuts)] for times in (seen.white, seen.tones)
    )
    assert len(white) == len(tones), seen
    assert all(abs(flash - tone) <= within_s for flash, tone in zip(white, tones, strict=True)), seen
    return len(white)


def brightness(picture: av.VideoFrame) -> float:
    return float(picture.to_ndarray(format="gray").mean())


def _levels(frame: av.AudioFrame) -> list[tuple[float, float]]:
    """Every two milliseconds; as loud as white is bright."""
    step = frame.sample_rate // 500
    wave = np.abs(frame.to_ndarray().astype(float)[0])
    begin = frame.time or 0.0
    return [
        (begin + at / frame.sample_rate, 255 * float(wave[at : at + step].max() > 0.1))
        for at in range(0, len(wave) - step + 1, step)
    ]


def rises(levels: Iterable[tuple[float, float]]) -> list[float]:
    """A tone passes through zero now and then: only after some rest it begins."""
    found, last_loud = [], float("-inf")
    for at, level in levels:
        if level > 128:
            if at - last_loud > 0.1:
                found.append(at)
            last_loud = at
    return found
