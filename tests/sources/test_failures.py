import errno

import av
import pytest

from pipeline.core.errors import SourceError, SourceReason
from sources.failures import opening_failed, reading_failed

SECRET_URL = "rtsp://admin:secret@10.0.0.5/main"
SHOWN_URL = "rtsp://10.0.0.5/main"


def ffmpeg_error(kind: type[Exception] | int) -> av.error.FFmpegError:
    """As FFmpeg raises it: with the address it was given."""
    if isinstance(kind, int):
        return av.error.OSError(kind, "Some words", SECRET_URL)
    error = kind(1, "Some words", SECRET_URL)
    assert isinstance(error, av.error.FFmpegError)
    return error


OPENING: list[tuple[type[Exception] | int, SourceReason]] = [
    (av.error.HTTPUnauthorizedError, "unauthorised"),
    (av.error.HTTPForbiddenError, "unauthorised"),
    (av.error.PermissionError, "unauthorised"),
    (av.error.HTTPNotFoundError, "not found"),
    (av.error.FileNotFoundError, "not found"),
    (av.error.IsADirectoryError, "not found"),
    (av.error.HTTPTooManyRequestsError, "device busy"),
    (av.error.HTTPServerError, "unreachable"),
    (av.error.HTTPOtherClientError, "unreachable"),
    (av.error.ConnectionRefusedError, "unreachable"),
    (av.error.ConnectionResetError, "unreachable"),
    (av.error.TimeoutError, "timed out"),
    (av.error.ExitError, "timed out"),
    (av.error.InvalidDataError, "no video stream"),
    (av.error.DecoderNotFoundError, "unsupported codec"),
    (errno.EHOSTUNREACH, "unreachable"),
    (errno.EIO, "unreachable"),
    (errno.EBUSY, "device busy"),
    (errno.ENODEV, "not found"),
]


@pytest.mark.parametrize(("kind", "reason"), OPENING, ids=[f"{kind}" for kind, _ in OPENING])
def test_why_a_stream_does_not_open(kind: type[Exception] | int, reason: SourceReason) -> None:
    assert opened(ffmpeg_error(kind), "http://10.0.0.5/main").reason == reason


@pytest.mark.parametrize(
    ("kind", "url", "reason"),
    [
        (av.error.ExitError, SHOWN_URL, "timed out"),
        (av.error.TimeoutError, SHOWN_URL, "timed out"),
        (av.error.InvalidDataError, SHOWN_URL, "broken stream"),
        (errno.ECONNRESET, SHOWN_URL, "ended"),
        (errno.EIO, SHOWN_URL, "ended"),
        (errno.EIO, "/media/old disk/clip.mp4", "broken stream"),
    ],
)
def test_why_a_stream_breaks_off(kind: type[Exception] | int, url: str, reason: SourceReason) -> None:
    assert reading_failed(ffmpeg_error(kind), url).reason == reason


def test_the_password_in_ffmpegs_error_is_not_repeated() -> None:
    error = opened(ffmpeg_error(av.error.HTTPUnauthorizedError), SHOWN_URL)
    assert str(error) == f"{SHOWN_URL}: unauthorised (Some words)"


def test_whatever_ffmpeg_says_after_the_time_limit_it_timed_out() -> None:
    error = opened(ffmpeg_error(av.error.InvalidDataError), SHOWN_URL, took_s=3.1)
    assert (error.reason, error.detail) == ("timed out", "no answer within 3 s")


def test_a_server_that_is_no_camera() -> None:
    error = opened(ffmpeg_error(av.error.InvalidDataError), SHOWN_URL)
    assert (error.reason, error.detail) == ("unreachable", "what answers there does not speak RTSP")


def opened(error: av.error.FFmpegError, shown_url: str, took_s: float = 0.1) -> SourceError:
    return opening_failed(error, shown_url, took_s=took_s, timeout_s=3.0)
