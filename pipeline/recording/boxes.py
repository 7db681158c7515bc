"""What MP4 files are made of (ISO/IEC 14496-12, 4.2)."""

import struct
from collections.abc import Iterator

HEAD = struct.Struct(">I4s")
"""Length and kind."""


def box(kind: bytes, *content: bytes) -> bytes:
    inside = b"".join(content)
    return HEAD.pack(HEAD.size + len(inside), kind) + inside


def full_box(kind: bytes, flags: int, *content: bytes, version: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def inside(boxes: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each, of the last as much as there is; nothing more where something else begins."""
    at = 0
    while at + HEAD.size <= len(boxes):
        length, kind = HEAD.unpack_from(boxes, at)
        if length < HEAD.size:
            return
        yield kind, boxes[at + HEAD.size : at + length]
        at += length
