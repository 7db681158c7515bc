"""Why a camera cannot be seen, and what its owner can do."""

from collections.abc import Mapping

from pipeline.core.errors import SourceError, SourceReason

_ADVICE: Mapping[SourceReason, str] = {
    "unreachable": "Nothing answers at this address and port. Is the camera on, and RTSP switched on in it?",
    "unauthorised": "User or password are wrong. Many cameras have accounts of their own for RTSP and ONVIF.",
    "not found": "The camera answers, but has nothing at this path; its manual says the right one.",
    "no video stream": "Something answers, but it sends no video.",
    "unsupported codec": "It sends video that cannot be read. Choose H.264 or H.265 in the camera's settings.",
    "device busy": "The camera serves enough others already. Close another viewer of it.",
    "ended": "The camera hung up. It may serve enough others already.",
    "broken stream": "What it sends is broken. Is the network to it good enough?",
    "timed out": "No answer in time. Are address and port right, and does a firewall stand between?",
}


def what_to_do(error: SourceError) -> str:
    detail = f" ({error.detail})" if error.detail else ""
    return f"{error.reason}{detail}. {_ADVICE[error.reason]}"
