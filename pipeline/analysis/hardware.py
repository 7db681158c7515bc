"""Decoders that a device runs, where there is one that works."""

import logging
from collections.abc import Iterable
from functools import cache
from typing import cast

import av
from av.codec.context import ThreadType
from av.codec.hwaccel import HWAccel, hwdevices_available
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext

from pipeline.core.decoding import HwAccel
from pipeline.core.packet import Codec, StreamInfo
from pipeline.models.ultra import ultralytics

log = logging.getLogger(__name__)

PROCESSOR = "software"
_DEVICES = ("cuda", "qsv")
_CODECS = {"qsv": "{}_qsv"}
"""Intel's decoders have names of their own; NVIDIA's is a way of the usual ones."""
_kept: list[VideoCodecContext] = []
"""One decoder of each device that works, for with the last one its context would go."""


class Hardware:
    """Makes the decoders of one camera: on a device as long as that works, then on the processor.

    `auto` takes the first device that works here. Which one it is, is found out once for a process. For one thread.
    """

    def __init__(self, camera: str, wanted: HwAccel) -> None:
        self._camera = camera
        self._wanted = wanted
        self._given_up = ""

    @property
    def device(self) -> str | None:
        """What decodes; None for the processor."""
        if self._given_up or self._wanted == "none":
            return None
        if self._wanted == "auto":
            return next((device for device in _DEVICES if not trouble_with(device)), None)
        return self._wanted

    @property
    def description(self) -> str:
        """`cuda`, `software`, or why it is not what was asked for."""
        if self._given_up:
            return f"{PROCESSOR} ({self._given_up})"
        return self.device or PROCESSOR

    def context(self, info: StreamInfo, *, rough: bool = False) -> VideoCodecContext:
        """A decoder that is not open yet; `rough` leaves out the filter that hides the edges of blocks."""
        device = self.device
        if device is not None:
            try:
                return _prepared(_on_device(device, info.codec, stays=device == "cuda" and _torch_is_there()), info)
            except FFmpegError as error:
                self.give_up(str(error.strerror))
        context = _prepared(VideoCodecContext.create(info.codec, "r"), info)
        if rough:
            context.options = {"skip_loop_filter": "all"}
        return context

    def give_up(self, reason: str) -> None:
        """From now on the processor decodes this camera; told once."""
        device = self.device
        if device is not None:
            self._given_up = f"{device} failed: {reason}"
            log.warning("%s: decoding on %s, the processor takes over", self._camera, self._given_up)


def claim(wanted: Iterable[HwAccel]) -> None:
    """Before a model is loaded: FFmpeg shares CUDA's one context only where nobody else has begun it.

    It wants that context to sleep while it waits, not to spin, and refuses one that is at work already and does not.
    """
    if not {"auto", "cuda"}.isdisjoint(wanted) and not trouble_with("cuda"):
        log.info("an NVIDIA device decodes")


@cache
def trouble_with(device: str) -> str:
    """Why nothing can be decoded on that kind of device; empty where it can be tried."""
    if device not in hwdevices_available():
        return "this FFmpeg does not know it"
    try:
        _kept.append(_on_device(device, "h264"))
    except FFmpegError as error:
        return str(error.strerror)
    return ""


def _on_device(device: str, codec: Codec, *, stays: bool = False) -> VideoCodecContext:
    """Pictures that are to stay are not fetched. Raises FFmpegError where there is no such device or decoder."""
    name = _CODECS.get(device, "{}").format(codec)
    # One context of the device for all cameras and the models; each of its own would take hundreds of megabytes.
    options: dict[str, object] = {"primary_ctx": "1"} if device == "cuda" else {}
    accelerated = HWAccel(device, options=options, is_hw_owned=stays)
    context = cast(VideoCodecContext, VideoCodecContext.create(name, "r", hwaccel=accelerated))
    if not context.is_hwaccel:
        raise av.error.NotImplementedError(0, f"no {device} device that decodes {codec}")
    return context


@cache
def _torch_is_there() -> bool:
    """Whether pictures may stay on the device: torch is what scales them there. Else each is fetched at once."""
    ultralytics()  # before torch, for it sets what torch's threads start with
    import torch

    return bool(torch.cuda.is_available())


def _prepared(context: VideoCodecContext, info: StreamInfo) -> VideoCodecContext:
    context.thread_count = 1
    context.thread_type = ThreadType.NONE
    if not info.has_b_frames:
        context.flags |= av.codec.context.Flags.low_delay
    if info.extradata:
        context.extradata = info.extradata
    return context
