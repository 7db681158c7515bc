"""Cameras on the local network that speak ONVIF: who is there, and which streams they have."""

import asyncio
import time
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
from onveef import OnvifAuthError, OnvifClient, OnvifError, OnvifFaultError, OnvifTimeoutError
from onveef.wsdiscovery import DiscoveredDevice, discover_async

from pipeline.core.address import without_user
from pipeline.core.errors import SourceError
from pipeline.core.found import FoundCamera, FoundStream, FoundStreams
from pipeline.core.redact import redact_url

SEARCH_S = 3.0
_ANSWER_WITHIN_S = 3.0
_ALL_WITHIN_S = 15.0
_MOST_CAMERAS = 256
_MOST_STREAMS = 16
_CODECS = {"H264": "h264", "H265": "hevc", "JPEG": "mjpeg", "MPEG4": "mpeg4"}


def discover(seconds: float = SEARCH_S, interface: str | None = None) -> list[FoundCamera]:
    """Asks all networks of this machine, or that of one of its addresses, and listens for so many seconds; blocks."""
    answers = asyncio.run(discover_async(timeout_s=seconds, interface_ip=interface))
    cameras = {camera.service: camera for answer in answers if (camera := _camera(answer))}
    return sorted(cameras.values(), key=lambda camera: (camera.host, camera.service))[:_MOST_CAMERAS]


def streams(service: str, user: str = "", password: str = "") -> FoundStreams:
    """What a device says it sends; the password goes over the wire as a digest only. Raises SourceError.

    A camera's certificate is its own work, and is not checked.
    """
    service, until = without_user(service), time.monotonic() + _ALL_WITHIN_S
    limits = httpx.Client(timeout=_ANSWER_WITHIN_S, verify=False, trust_env=False, follow_redirects=False)
    with (
        limits,
        OnvifClient(
            service, username=user, password=password, http_auth="digest", retries=0, http_client=limits
        ) as camera,
    ):
        try:
            about = _about(camera)
            found = [
                stream
                for profile in camera.get_profiles()[:_MOST_STREAMS]
                if time.monotonic() < until and (stream := _stream(camera, profile))
            ]
        except OnvifError as error:
            raise _failure(error, service, signed=bool(user)) from None
    if not found:
        raise SourceError("no video stream", redact_url(service), "the device has none that can be had over RTSP")
    distinct = {stream.address: stream for stream in found}
    largest_first = sorted(distinct.values(), key=lambda stream: -(stream.width or 0) * (stream.height or 0))
    return FoundStreams(about.get("Manufacturer", ""), about.get("Model", ""), largest_first)


def _camera(device: DiscoveredDevice) -> FoundCamera | None:
    services = [url for url in device.xaddrs if _host(url)]
    if not services:
        return None
    service = next((url for url in services if ":" not in _host(url)), services[0])  # IPv4 where there is a choice
    return FoundCamera(_host(service), service, name=unquote(device.name), model=unquote(device.hardware))


def _host(url: str) -> str:
    """Empty where it is no address on the web."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "" if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _about(camera: OnvifClient) -> dict[str, str]:
    try:
        return camera.get_device_information()
    except OnvifFaultError:  # nobody needs to know its maker to see it
        return {}


def _stream(camera: OnvifClient, profile: dict[str, Any]) -> FoundStream | None:
    encoder = profile.get("video_encoder")
    if not encoder:
        return None
    try:
        address = camera.get_stream_uri(profile_token=profile["token"])
    except OnvifFaultError:  # a profile that is there, but not to be had
        return None
    if not address.startswith(("rtsp://", "rtsps://")):
        return None
    codec = _CODECS.get(encoder["encoding"].upper(), encoder["encoding"].lower())
    size = encoder.get("width"), encoder.get("height")
    return FoundStream(without_user(address), profile["name"], codec, *size, encoder.get("fps_limit"))


def _failure(error: OnvifError, service: str, *, signed: bool) -> SourceError:
    shown = redact_url(service)
    if isinstance(error, OnvifAuthError):
        return SourceError("unauthorised", shown, "" if signed else "it wants a user and password")
    if isinstance(error, OnvifTimeoutError):
        return SourceError("timed out", shown, f"no answer within {_ANSWER_WITHIN_S:g} s")
    return SourceError("unreachable", shown, "what answers there does not speak ONVIF as it should")
