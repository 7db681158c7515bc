"""What FFmpeg says, in words that a person can act on."""

import errno

import av
import av.error

from pipeline.core.errors import SourceError, SourceReason

_BY_TYPE: tuple[tuple[type[Exception], SourceReason], ...] = (
    (av.error.HTTPUnauthorizedError, "unauthorised"),
    (av.error.HTTPForbiddenError, "unauthorised"),
    (av.error.PermissionError, "unauthorised"),
    (av.error.HTTPNotFoundError, "not found"),
    (av.error.FileNotFoundError, "not found"),
    (av.error.IsADirectoryError, "not found"),
    (av.error.HTTPTooManyRequestsError, "device busy"),
    (av.error.HTTPError, "unreachable"),
    (av.error.HTTPClientError, "unreachable"),
    (av.error.ConnectionRefusedError, "unreachable"),
    (av.error.TimeoutError, "timed out"),
    # FFmpeg's answer when its interrupt callback, which keeps our time limits, stops it.
    (av.error.ExitError, "timed out"),
    (av.error.DecoderNotFoundError, "unsupported codec"),
    (av.error.PatchWelcomeError, "unsupported codec"),
)
_BY_ERRNO: dict[int | None, SourceReason] = {
    errno.EBUSY: "device busy",
    errno.ENODEV: "not found",
    errno.ENXIO: "not found",
}
_NOT_A_STREAM = (av.error.InvalidDataError, av.error.DemuxerNotFoundError, av.error.EOFError)
_CUT_OFF = frozenset({errno.EIO, errno.EPIPE, errno.ECONNRESET, errno.ECONNABORTED})


def opening_failed(error: av.error.FFmpegError, shown_url: str, *, took_s: float, timeout_s: float) -> SourceError:
    """The reason why a stream could not be opened; keeps FFmpeg's words but never its copy of the address."""
    if took_s >= timeout_s:
        # FFmpeg's RTSP says something else when our time limit ends its wait for an answer.
        return SourceError("timed out", shown_url, f"no answer within {timeout_s:g} s")
    if isinstance(error, _NOT_A_STREAM) and shown_url.startswith("rtsp"):
        return SourceError("unreachable", shown_url, "what answers there does not speak RTSP")
    return SourceError(_opening_reason(error), shown_url, error.strerror or "")


def reading_failed(error: av.error.FFmpegError, shown_url: str) -> SourceError:
    """The reason why a stream that was open broke off."""
    return SourceError(_reading_reason(error, shown_url), shown_url, error.strerror or "")


def _opening_reason(error: av.error.FFmpegError) -> SourceReason:
    by_type = next((reason for kind, reason in _BY_TYPE if isinstance(error, kind)), None)
    fallback: SourceReason = "no video stream" if isinstance(error, _NOT_A_STREAM) else "unreachable"
    return by_type or _BY_ERRNO.get(error.errno, fallback)


def _reading_reason(error: av.error.FFmpegError, shown_url: str) -> SourceReason:
    if isinstance(error, av.error.TimeoutError | av.error.ExitError):
        return "timed out"
    # The same number means a bad disk for a file, and a server that hung up for an address.
    return "ended" if error.errno in _CUT_OFF and "://" in shown_url else "broken stream"
