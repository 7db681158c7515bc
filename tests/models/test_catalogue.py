from pathlib import Path

import pytest

from pipeline.core.errors import ModelError
from pipeline.models import catalogue


def test_an_empty_cache_lists_what_can_be_fetched(cache: Path) -> None:
    entries = catalogue.listing()
    assert {entry.kind for entry in entries} == {"fetchable"}
    default = entries[0]
    assert (default.name, default.source) == ("yolov8n.pt", "ultralytics' release or the package index")
    assert next(entry.source for entry in entries if entry.name == "yolo11n.pt") == "ultralytics' release"


def test_the_cache_is_listed_first_with_sizes(cache: Path) -> None:
    (cache / "weights").mkdir(parents=True)
    (cache / "weights" / "yolo11n.pt").write_bytes(b"x" * 10)
    (cache / "weights" / ".part-1").mkdir()
    export = cache / "exports" / "yolo11n-abc-640x384-fp32"
    export.mkdir(parents=True)
    (export / "yolo11n.xml").write_bytes(b"x" * 3)
    (export / "yolo11n.bin").write_bytes(b"x" * 4)
    first, second, *others = catalogue.listing()
    assert (first.name, first.kind, first.size_bytes) == ("yolo11n.pt", "weights", 10)
    assert (second.name, second.kind, second.size_bytes) == ("yolo11n-abc-640x384-fp32", "export", 7)
    assert "yolo11n.pt" not in {entry.name for entry in others}


def test_fetching_what_is_here_is_its_path(cache: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.pt"
    mine.touch()
    assert catalogue.fetch(str(mine)) == mine
    with pytest.raises(ModelError):
        catalogue.fetch("no/such.pt")


def test_every_released_name_is_one_that_ultralytics_knows() -> None:
    from pipeline.models.ultra import ultralytics

    ultralytics()
    from ultralytics.utils.downloads import GITHUB_ASSETS_NAMES

    assert set(catalogue.RELEASED) <= GITHUB_ASSETS_NAMES
