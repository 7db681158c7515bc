"""H.265 over WebRTC, which aiortc does not know: its place in an offer, and its RTP payloads (RFC 7798).

Touches what aiortc keeps to itself: its table of codecs, and how a sender finds what packs for one.
"""

import math
from collections.abc import Iterator
from typing import Any, cast

import av
from aiortc import codecs, rtcrtpsender
from aiortc.codecs.base import Encoder
from aiortc.rtcrtpparameters import ParametersDict, RTCRtcpFeedback, RTCRtpCodecParameters

from pipeline.core.annexb import nal_units

NAME = "H265"
PAYLOAD_BYTES = 1200
"""With all headers below the least that a path on the internet carries."""
_MIME = f"video/{NAME}"
_PAYLOAD_TYPE = 120
_HEADER_BYTES = 2
_FRAGMENT = 49
_FIRST, _LAST = 0x80, 0x40


class Packing(Encoder):
    """What a sender asks for payloads; encodes nothing."""

    def encode(self, frame: Any, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        raise TypeError("H.265 is passed on as it comes, and never encoded for a viewer")

    def pack(self, packet: Any) -> tuple[list[bytes], int]:
        """The payloads of one access unit (Annex B), and its time in 1/90000 s."""
        data = bytes(cast("av.Packet[Any]", packet))
        return [payload for unit in nal_units(data) for payload in payloads(unit)], packet.pts


def payloads(unit: bytes) -> Iterator[bytes]:
    """One NAL unit as it is, or in fragments of nearly the same size (RFC 7798, 4.4.1 and 4.4.3)."""
    if len(unit) <= PAYLOAD_BYTES:
        yield unit
        return
    kind = unit[0] >> 1 & 0x3F
    header = bytes([unit[0] & 0x81 | _FRAGMENT << 1, unit[1]])
    body = memoryview(unit)[_HEADER_BYTES:]
    count = math.ceil(len(body) / (PAYLOAD_BYTES - _HEADER_BYTES - 1))
    size = math.ceil(len(body) / count)
    for index in range(count):
        place = (_FIRST if index == 0 else 0) | (_LAST if index == count - 1 else 0)
        yield b"".join((header, bytes([place | kind]), body[index * size : (index + 1) * size]))


def _register() -> None:
    """aiortc then finds H.265 in offers; what is sent to whom, the viewer's preferences say."""
    feedback = [RTCRtcpFeedback("nack"), RTCRtcpFeedback("nack", "pli"), RTCRtcpFeedback("goog-remb")]
    main: ParametersDict = {"level-id": "93", "profile-id": "1", "tier-flag": "0", "tx-mode": "SRST"}
    codecs.CODECS["video"] += [
        RTCRtpCodecParameters(_MIME, 90_000, payloadType=_PAYLOAD_TYPE, rtcpFeedback=feedback, parameters=main),
        RTCRtpCodecParameters("video/rtx", 90_000, payloadType=_PAYLOAD_TYPE + 1, parameters={"apt": _PAYLOAD_TYPE}),
    ]
    others = codecs.get_encoder

    def get_encoder(codec: RTCRtpCodecParameters) -> Encoder:
        return Packing() if codec.mimeType == _MIME else others(codec)

    setattr(rtcrtpsender, "get_encoder", get_encoder)  # noqa: B010 - its name for what it imports


_register()
