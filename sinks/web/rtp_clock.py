"""What aiortc does not tell about a sender: its RTP clock, and that the viewer lost the picture.

The only module that touches names which aiortc keeps private.
"""

from collections.abc import Callable

from aiortc import RTCRtpSender


def rtp_timestamp(sender: RTCRtpSender) -> int:
    """The RTP timestamp of the packet sent last, 32 bits; less that packet's pts it is constant for the sender's life.

    Zero before the first packet. A packet has been sent when the sender asks its track for the next one.
    """
    timestamp: int = getattr(sender, "_RTCRtpSender__rtp_timestamp")  # noqa: B009 - private, hence mangled
    return timestamp


def on_picture_loss(sender: RTCRtpSender, restart: Callable[[], None]) -> None:
    """Calls `restart` when the viewer cannot decode on and asks for a key frame (PLI or FIR).

    aiortc would note that for an encoder; packets that are passed through have none.
    """
    if not hasattr(sender, "_send_keyframe"):
        raise AttributeError("this aiortc has no RTCRtpSender._send_keyframe")
    setattr(sender, "_send_keyframe", restart)  # noqa: B010 - a method of aiortc's, replaced on this one sender
