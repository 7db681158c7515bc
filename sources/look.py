"""A first look at an address: what it sends, a picture, and whether the camera has a smaller stream beside it."""

from collections.abc import Callable

import av

from pipeline.core.address import without_user
from pipeline.core.contracts import Source
from pipeline.core.errors import SourceError
from pipeline.core.found import FoundStream, Look
from pipeline.core.packet import StreamInfo
from sources.probe import probe
from sources.second import second_addresses
from sources.still import jpeg

WATCHED_S = 3.0


def look(address: str, source_of: Callable[[str], Source]) -> Look:
    """Blocks for ten seconds or so, at most for half a minute; raises SourceError."""
    pictures: list[bytes] = []

    def on_picture(picture: av.VideoFrame) -> None:
        pictures.append(jpeg(picture))

    report = probe(source_of(address), seconds=WATCHED_S, on_picture=on_picture)
    info = report.info
    return Look(
        codec=info.encoded_from or info.codec,
        width=info.width,
        height=info.height,
        fps=info.fps,
        facts=report.rows(),
        picture=pictures[0] if pictures else None,
        second=_second(address, info, source_of),
    )


def _second(address: str, first: StreamInfo, source_of: Callable[[str], Source]) -> FoundStream | None:
    """The first of the likely ones that answers and is smaller: some cameras answer anything with their large one."""
    for candidate in second_addresses(address):
        info = _opened(source_of(candidate))
        if info and info.width * info.height < first.width * first.height:
            codec = info.encoded_from or info.codec
            return FoundStream(without_user(candidate), "", codec, info.width, info.height, info.fps)
    return None


def _opened(source: Source) -> StreamInfo | None:
    try:
        return source.open()
    except SourceError:  # what is only guessed may be missing
        return None
    finally:
        source.close()
