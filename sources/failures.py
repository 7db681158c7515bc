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


def opening_failed(error: av.error.FFmpegError, shown_url: str) -> SourceError:
    """The reason why a stream could not be opened; keeps FFmpeg's words but never its copy of the address."""
    fallback: SourceReason = "no video stream" if isinstance(error, _NOT_A_STREAM) else "unreachable"
    return SourceError(_reason(error, fallback), shown_url, _words(error))


def reading_failed(error: av.error.FFmpegError, shown_url: str) -> SourceError:
    """The reason why a stream that was open broke off."""
    return SourceError("timed out" if _is_silence(error) else "broken stream", shown_url, _words(error))


def _reason(error: av.error.FFmpegError, fallback: SourceReason) -> SourceReason:
    by_type = next((reason for kind, reason in _BY_TYPE if isinstance(error, kind)), None)
    return by_type or _BY_ERRNO.get(error.errno, fallback)


def _is_silence(error: av.error.FFmpegError) -> bool:
    return isinstance(error, av.error.TimeoutError | av.error.ExitError)


def _words(error: av.error.FFmpegError) -> str:
    # "Immediate exit requested" is how FFmpeg puts our own time limit: it would only confuse.
    return "no answer in time" if isinstance(error, av.error.ExitError) else error.strerror or ""
