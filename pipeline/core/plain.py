"""What plugins hand over, made of plain values."""

from typing import Any, TypeVar

import msgspec
import numpy as np

T = TypeVar("T")


def plain(value: Any, kind: type[T]) -> T:
    """A copy of `value` as the wire would bring it: of the types that `kind` says, numpy's numbers as Python's.

    Raises TypeError, which says where in `value` something else is.
    """
    try:
        return msgspec.msgpack.decode(_ENCODER.encode(value), type=kind)
    except (msgspec.MsgspecError, TypeError, OverflowError) as error:
        raise TypeError(f"no plain {kind.__name__}: {error}") from error


def _number(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is no plain value")


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_number)
