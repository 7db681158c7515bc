"""Every message survives the border between the planes, whatever its fields hold."""

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.core import messages
from pipeline.core.messages import Down, FrameResult, PacketIn, Up
from pipeline.core.objects import TrackedObject
from pipeline.core.packet import Packet

DOWN: tuple[type[msgspec.Struct], ...] = get_args(Down)
UP: tuple[type[msgspec.Struct], ...] = get_args(Up)

PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=10),
    bytes: st.binary(max_size=20),
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False),
    NoneType: st.none(),
    Any: st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=5) | st.lists(st.text(max_size=3)),
}


def anything(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type."""
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return st.builds(kind, **{field.name: anything(field.type) for field in msgspec.structs.fields(kind)})
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(parts)
    if origin in (Union, UnionType):
        return st.one_of([anything(part) for part in parts])
    if origin is list:
        return st.lists(anything(parts[0]), max_size=3)
    if origin is tuple:
        return st.tuples(*[anything(part) for part in parts])
    if origin is dict:
        return st.dictionaries(anything(parts[0]), anything(parts[1]), max_size=3)
    raise TypeError(f"no values for {kind}")


def test_every_message_crosses_in_one_direction() -> None:
    tagged = {
        kind
        for kind in vars(messages).values()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__struct_config__.tag
    }
    assert tagged == {*DOWN, *UP}
    assert not set(DOWN) & set(UP)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
@pytest.mark.parametrize(
    ("kind", "border"),
    [pytest.param(kind, Down, id=kind.__name__) for kind in DOWN]
    + [pytest.param(kind, Up, id=kind.__name__) for kind in UP],
)
def test_a_message_arrives_as_it_left(kind: type[msgspec.Struct], border: Any, data: st.DataObject) -> None:
    message = data.draw(anything(kind))
    arrived = msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=border)
    assert type(arrived) is kind
    assert arrived == message


@pytest.mark.parametrize("value", ["red", 0.5, True, False], ids=repr)
def test_an_attribute_keeps_its_kind(value: str | float | bool) -> None:
    object_ = TrackedObject("1", "car", 0.9, (0.0, 0.0, 1.0, 1.0), 0.0, attributes={"x": value})
    sent = FrameResult("lobby", 1, 0, 0.0, 0.0, [object_], [])
    arrived = msgspec.msgpack.decode(msgspec.msgpack.encode(sent), type=FrameResult)
    assert type(arrived.objects[0].attributes["x"]) is type(value)


def test_a_packet_costs_little_more_than_its_data() -> None:
    data = bytes(100_000)
    assert len(msgspec.msgpack.encode(PacketIn("lobby", Packet(data, 2**40, 2**40, False, 1.7e9)))) < len(data) + 150


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(msgspec.msgpack.encode({"type": "Nonsense"}), id="an unknown message"),
        pytest.param(msgspec.msgpack.encode({"type": "PacketIn", "camera": 5}), id="a field of the wrong type"),
    ],
)
def test_what_is_no_message_is_refused(wire: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        msgspec.msgpack.decode(wire, type=Down)
