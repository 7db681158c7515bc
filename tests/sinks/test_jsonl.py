import json
from pathlib import Path

import pytest

from pipeline.core.errors import DeliveryError
from pipeline.core.event import Alert, Event
from sinks.alerts.jsonl import Jsonl


def alert(name: str) -> Alert:
    event = Event(id=name, type="object", camera="lobby", started_at=1.5, label="Fußgänger")
    return Alert(id=f"key-{name}", rule="night", event=event, snapshot=b"jpeg", url=None)


async def test_one_line_an_alert(tmp_path: Path) -> None:
    path = tmp_path / "out" / "alerts.jsonl"
    sink = Jsonl(Jsonl.Options(path=path))
    await sink.send(alert("a"))
    await sink.send(alert("b"))
    await sink.close()
    first, second = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    assert (first["id"], first["rule"], first["snapshot"], first["event"]["label"]) == (
        "key-a",
        "night",
        None,
        "Fußgänger",
    )
    assert second["event"].keys() == set(Event.__struct_fields__)


async def test_the_file_may_be_moved_away(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    sink = Jsonl(Jsonl.Options(path=path))
    await sink.send(alert("a"))
    path.rename(tmp_path / "alerts.1.jsonl")
    await sink.send(alert("b"))
    assert json.loads(path.read_text("utf-8"))["id"] == "key-b"


async def test_a_path_that_cannot_be_written(tmp_path: Path) -> None:
    sink = Jsonl(Jsonl.Options(path=tmp_path))
    with pytest.raises(DeliveryError, match="Is a directory") as refused:
        await sink.send(alert("a"))
    assert not refused.value.permanent
