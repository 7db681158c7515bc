"""Compressed video as it travels through the media plane and across its border."""

from typing import Literal

import msgspec

Codec = Literal["h264", "hevc"]


SOUND_SAMPLES = 1024
"""In every SoundPacket."""


class SoundInfo(msgspec.Struct, frozen=True):
    """Sound in its one form behind a source: AAC-LC, of one channel or two.

    `config` is its AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1), `rate` are samples a second.
    """

    config: bytes
    rate: int
    channels: int


class StreamInfo(msgspec.Struct, frozen=True):
    """What is known of a stream once it is open.

    `extradata` holds the parameter sets in Annex B form (may be empty: they are also in band).
    `fps` is the nominal rate, None where the stream does not say. `audio` is the codec's name. `encoded_from`
    is the codec that the camera sent, where the source had to encode. `sound` is what is heard, where somebody listens.
    """

    codec: Codec
    width: int
    height: int
    fps: float | None = None
    extradata: bytes = b""
    has_b_frames: bool = False
    audio: str | None = None
    encoded_from: str | None = None
    sound: SoundInfo | None = None

    @property
    def plays_in_browsers(self) -> bool:
        """Whether every browser takes its packets over WebRTC as they are."""
        return self.codec == "h264" and not self.has_b_frames

    @property
    def plays_in_some_browsers(self) -> bool:
        """Whether those that decode H.265 take its packets over WebRTC as they are."""
        return self.codec == "hevc" and not self.has_b_frames


class Packet(msgspec.Struct, frozen=True):
    """One access unit: Annex B, parameter sets in band before every key frame.

    `pts_90k` and `dts_90k` count 1/90000 s and go on over reconnects and loops. `captured_at` is UTC in
    seconds: when the camera took the picture, as well as that is known. A source sets it to the
    time of reading; capture anchors it to the stream's own clock. `camera_time` is the same moment on the
    camera's own clock, by its RTCP sender reports: that clock may be years off, but it is one for all streams of
    the camera. None where it sends none.
    """

    data: bytes
    pts_90k: int
    dts_90k: int
    keyframe: bool
    captured_at: float
    camera_time: float | None = None


class SoundPacket(msgspec.Struct, frozen=True):
    """One raw access unit of AAC; `pts_90k` is on the clock of the pictures that it was heard with."""

    data: bytes
    pts_90k: int
