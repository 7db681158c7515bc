"""What was found out about cameras before they are cameras of the configuration."""

import msgspec


class FoundStream(msgspec.Struct, frozen=True):
    """One stream of a camera; `address` is without user and password. None and empty where it was not told."""

    address: str
    name: str = ""
    codec: str = ""
    width: int | None = None
    height: int | None = None
    fps: float | None = None


class FoundCamera(msgspec.Struct, frozen=True):
    """A device that answered. `service` is where it is asked for its streams; what it did not tell is empty."""

    host: str
    service: str
    name: str = ""
    maker: str = ""
    model: str = ""


class FoundStreams(msgspec.Struct, frozen=True):
    """Of one device, the largest first."""

    maker: str
    model: str
    streams: list[FoundStream]


class Look(msgspec.Struct, frozen=True):
    """What an address really sends. `facts` are (what, finding) in words; `picture` is a JPEG, null where none came."""

    codec: str
    width: int
    height: int
    fps: float | None
    facts: list[tuple[str, str]]
    picture: bytes | None
    second: FoundStream | None
    """A smaller stream of the same camera that answered, to analyse in place of the large one."""
