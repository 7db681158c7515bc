"""The sections that belong to the system itself; `configs/reference.yaml` explains every key."""

import re
from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, IPvAnyAddress, SecretStr, field_validator, model_validator

from pipeline.core.options import Options, misplaced

Role = Literal["detect", "record", "live"]
ROLES: tuple[Role, ...] = ("detect", "record", "live")


_Urls = str | tuple[str, ...]


def _as_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Auth(Options):
    """Who may use the API and the page."""

    mode: Literal["none", "token"] = "none"
    token: Annotated[SecretStr, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _mode_fits_token(self) -> "Auth":
        if self.mode == "token" and self.token is None:
            raise misplaced("token", "nothing", "a token, as mode is token")
        if self.mode == "none" and self.token is not None:
            raise misplaced("mode", "none", "token, as a token is given")
        return self


class IceServer(Options):
    """A STUN or TURN server; keys are those of a browser's RTCIceServer."""

    urls: Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_as_many, json_schema_input_type=_Urls)]
    username: str | None = None
    credential: SecretStr | None = None

    @field_validator("urls")
    @classmethod
    def _are_addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            if not re.fullmatch(r"(stuns?|turns?):[^/?\s]+(\?transport=(udp|tcp))?", url):
                raise ValueError(f"{url}: stun:host:port or turn:host:port?transport=udp")
        return urls

    @model_validator(mode="after")
    def _relays_know_who_asks(self) -> "IceServer":
        if any(url.startswith("turn") for url in self.urls) and not (self.username and self.credential):
            raise misplaced(
                "credential", "nothing", "username and credential, as a TURN server relays for those it knows"
            )
        return self


class WebRtc(Options):
    """How viewers reach the live video."""

    max_viewers: Annotated[int, Field(ge=1, le=1000)] = 32
    """Of all cameras together; one too many is refused, and told so."""
    advertised_ips: tuple[IPvAnyAddress, ...] = ()
    """Addresses of this machine that it does not know itself: a router's, a container host's."""
    ice_servers: tuple[IceServer, ...] = ()
    """For viewers beyond a router: asked by this server and by every page and player."""


class Links(Options):
    """The links in alerts, where there is a token and an external_url: they open one event without a login."""

    days: Annotated[float, Field(ge=0, le=3650)] = 7.0
    """For how long; 0: they ask for a login."""


class Server(Options):
    """The web server. It is open to this machine alone unless it asks for a token."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 takes a free one."""
    external_url: str | None = None
    """The address that people see, for links in alerts."""
    links: Links = Links()
    auth: Auth = Auth()
    webrtc: WebRtc = WebRtc()

    @field_validator("external_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("an address that begins with http:// or https://")
        return value and value.rstrip("/")

    @model_validator(mode="after")
    def _others_need_a_token(self) -> "Server":
        if self.auth.mode == "none" and not is_loopback(self.host):
            wanted = "127.0.0.1, or a token for everybody else: auth: {mode: token, token: …}"
            raise misplaced("host", f'"{self.host}"', wanted)
        return self


class Store(Options):
    """Where events and their pictures are kept."""

    url: SecretStr = SecretStr("sqlite:///data/framewatch.db")
    """SQLAlchemy's way of naming a database."""
    media: Annotated[str, Field(min_length=1)] = "data/media"
    max_media: Annotated[float, Field(gt=0)] | None = None
    """Gigabytes that all media take, at most; the oldest go first."""
    min_free: Annotated[float, Field(ge=0)] = 1.0
    """Gigabytes of the media's disk that are left free: below that the oldest go, whatever their days."""

    @field_validator("url")
    @classmethod
    def _names_a_database(cls, value: SecretStr) -> SecretStr:
        if not re.match(r"sqlite(\+\w+)?:///.|postgresql\+psycopg://.*/.", value.get_secret_value()):
            raise ValueError("sqlite:///path/to/file or postgresql+psycopg://user:password@host/database")
        return value


class Live(Options):
    """How the live picture of a camera is shown."""

    view: Literal["overlay", "burned"] = "overlay"
    sync: Literal["low_latency", "exact"] = "low_latency"
    height: Annotated[int, Field(ge=90, le=4320)] | None = None
    """Height of the burned view; None keeps the camera's."""
    fps: Annotated[float, Field(ge=1, le=120)] = 25.0
    """Frames a second of the burned view, at most."""
    bitrate: Annotated[int, Field(ge=100, le=100_000)] = 2000
    """Kilobits a second of the burned view, at most."""


class Logging(Options):
    level: Literal["debug", "info", "warning", "error"] = "info"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on that address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
