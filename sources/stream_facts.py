"""What a container says of its streams, where it says it."""

from fractions import Fraction

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

_PLAUSIBLE_FPS = (0.1, 240.0)


def nominal_fps(stream: VideoStream) -> float | None:
    """Frames a second as announced or guessed from the first few; None where it is nonsense."""
    rate = stream.guessed_rate or stream.average_rate
    low, high = _PLAUSIBLE_FPS
    return round(float(rate), 3) if rate and low <= rate <= high else None


def audio_stream(container: InputContainer) -> AudioStream | None:
    """The first that can be decoded."""
    return next((stream for stream in container.streams.audio if stream.codec_context), None)


def audio_codec(container: InputContainer) -> str | None:
    stream = audio_stream(container)
    return stream.codec_context.name if stream else None


def to_90k(ticks: int | None, time_base: Fraction | None) -> int | None:
    if ticks is None or time_base is None:
        return None
    of, by = time_base.numerator * 90_000, time_base.denominator
    return ticks if of == by else round(ticks * of / by)  # Fractions cost as much as the rest of a packet's way
