"""How a camera's packets become pictures; the same model that the YAML is read into."""

from typing import Literal

from pipeline.core.options import Options

HwAccel = Literal["auto", "cuda", "qsv", "none"]


class Decoding(Options):
    """The keys `decode` and `hwaccel`, which stand in a camera or for all of them."""

    decode: Literal["full", "keyframes"] = "full"
    """`keyframes`: while nothing happens only key frames are decoded.

    When one differs from those before, or packets grow suddenly, what came since the last quiet key frame is decoded
    after all and analysed in order, so events begin when they began; they are told up to one group of pictures
    (the distance of two key frames) later. What comes and goes between two key frames may be missed. A camera
    whose key frames are more than ten seconds apart is decoded fully, and so are files at `pace: max`.
    """
    hwaccel: HwAccel = "auto"
    """What decodes, and what encodes the views: `auto` takes a device that is there and works, else the processor."""
