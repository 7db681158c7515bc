"""What encodes H.264 here: a device where there is one that does, else x264."""

import logging
from collections.abc import Mapping
from fractions import Fraction

import av
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext

from pipeline.core.decoding import HwAccel
from pipeline.core.packet import StreamInfo

log = logging.getLogger(__name__)

TICKS = Fraction(1, 90_000)
X264 = "libx264"
_DEVICES: Mapping[HwAccel, tuple[str, ...]] = {
    "auto": ("h264_nvenc", "h264_qsv"),
    "cuda": ("h264_nvenc",),
    "qsv": ("h264_qsv",),
    "none": (),
}
_FORMATS = {"h264_qsv": "nv12"}
_OPTIONS: Mapping[str, Mapping[str, str]] = {
    X264: {
        "preset": "superfast",
        "tune": "zerolatency",
        "forced-idr": "1",
        "x264-params": "scenecut=0:keyint=infinite",
    },
    "h264_nvenc": {
        "preset": "p3",
        "tune": "ull",
        "rc": "vbr",
        "delay": "0",
        "zerolatency": "1",
        "forced-idr": "1",
        "no-scenecut": "1",
    },
    "h264_qsv": {"preset": "veryfast", "async_depth": "1", "forced_idr": "1", "low_delay_brc": "1"},
}
_QUALITY = {X264: "crf", "h264_nvenc": "cq"}
"""What an encoder calls a constant quality; one that is not here has `most_kbps` alone."""
_given_up: set[str] = set()
_has_worked: set[str] = set()


def opened(info: StreamInfo, wanted: HwAccel, *, quality: int, most_kbps: int | None) -> VideoCodecContext:
    """The first of the wanted devices that opens. One that never did is not tried again in this process."""
    for name in _DEVICES[wanted]:
        if name in _given_up:
            continue
        context = _context(name, info, quality, most_kbps)
        try:
            context.open()
        except FFmpegError as error:  # no such device, or no more sessions on it
            if name not in _has_worked:
                give_up(name, str(error.strerror))
            continue
        if name not in _has_worked:
            log.info("%s encodes", name)
        _has_worked.add(name)
        return context
    context = _context(X264, info, quality, most_kbps)
    context.open()
    return context


def give_up(name: str, reason: str) -> None:
    """From now on others encode; told once. x264 is never given up."""
    if name == X264 or name in _given_up:
        return
    _given_up.add(name)
    log.log(logging.WARNING if name in _has_worked else logging.DEBUG, "%s encodes nothing: %s", name, reason)


def _context(name: str, info: StreamInfo, quality: int, most_kbps: int | None) -> VideoCodecContext:
    context = av.CodecContext.create(name, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height = info.width, info.height
    context.pix_fmt = _FORMATS.get(name, "yuv420p")
    context.time_base = TICKS
    context.framerate = Fraction(info.fps or 25).limit_denominator(1001)
    context.thread_count = 1
    context.max_b_frames = 0
    # The times decide when a key frame is due, for cameras whose rate is not what they say.
    context.gop_size = 100_000
    context.options = dict(_OPTIONS[name])
    if name in _QUALITY:
        context.options |= {_QUALITY[name]: str(quality)}
    if most_kbps is not None:
        context.options |= {"maxrate": f"{most_kbps}k", "bufsize": f"{most_kbps}k"}
        context.options |= {} if name == X264 else {"b": f"{most_kbps}k"}
    return context
