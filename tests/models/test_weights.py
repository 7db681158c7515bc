import hashlib
import logging
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.core.clock import ManualClock
from pipeline.core.errors import ModelError
from pipeline.models import weights
from pipeline.models.ways import Report, WayFailed


def torch_like(content: str) -> bytes:
    """PyTorch files are zip archives."""
    from io import BytesIO

    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.pkl", content)
    return buffer.getvalue()


GOOD = torch_like("weights")


class InMemory:
    """A way that holds its files itself; keeps the contract of the real ones."""

    def __init__(self, name: str, files: dict[str, bytes], refuses: str = "did not answer") -> None:
        self.name = name
        self.asked: list[str] = []
        self._files = files
        self._refuses = refuses

    def offers(self, weights: str) -> bool:
        return weights.endswith(".pt")

    def fetch(self, weights: str, target: Path, report: Report) -> None:
        self.asked.append(weights)
        if weights not in self._files:
            target.write_bytes(b"half")
            raise WayFailed(self._refuses)
        report(1, 2)
        target.write_bytes(self._files[weights])


@contextmanager
def no_bar(title: str) -> Iterator[Report]:
    yield lambda done, total: None


def resolve(name: str, *ways: InMemory) -> Path:
    return weights.resolve(name, ways=ways, progress=no_bar, clock=ManualClock())


def put(cache: Path, name: str, content: bytes) -> Path:
    path = cache / "weights" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def test_a_path_comes_first_and_nobody_is_asked(tmp_path: Path, cache: Path) -> None:
    mine, way = tmp_path / "mine.pt", InMemory("a shop", {"mine.pt": GOOD})
    mine.write_bytes(b"whatever")
    assert resolve(str(mine), way) == mine
    assert way.asked == []


def test_a_folder_is_an_exported_model(tmp_path: Path, cache: Path) -> None:
    assert resolve(str(tmp_path)) == tmp_path


def test_the_cache_comes_second(cache: Path) -> None:
    cached, way = put(cache, "some.pt", GOOD), InMemory("a shop", {"some.pt": GOOD})
    assert resolve("some.pt", way) == cached
    assert way.asked == []


def test_the_first_way_that_has_it_fills_the_cache(cache: Path) -> None:
    first, second, third = InMemory("first", {}), InMemory("second", {"some.pt": GOOD}), InMemory("third", {})
    found = resolve("some.pt", first, second, third)
    assert found == cache / "weights" / "some.pt"
    assert found.read_bytes() == GOOD
    assert (first.asked, second.asked, third.asked) == (["some.pt"], ["some.pt"], [])


def test_a_way_that_fails_is_one_line_in_the_log(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        resolve("some.pt", InMemory("first", {}), InMemory("second", {"some.pt": GOOD}))
    assert caplog.messages == ["some.pt: first: did not answer"]


def test_nothing_half_written_is_left_in_the_cache(cache: Path) -> None:
    with pytest.raises(ModelError):
        resolve("some.pt", InMemory("first", {}))
    assert list((cache / "weights").iterdir()) == []


def test_the_cache_is_made_again_where_the_checksum_is_known_and_differs(
    cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(weights.CHECKSUMS, "known.pt", hashlib.sha256(GOOD).hexdigest())
    cached = put(cache, "known.pt", torch_like("something else"))
    assert resolve("known.pt", InMemory("first", {"known.pt": GOOD})) == cached
    assert cached.read_bytes() == GOOD
    assert "is damaged; it is fetched again" in caplog.text


def test_a_truncated_file_in_the_cache_is_fetched_again(cache: Path) -> None:
    cached = put(cache, "some.pt", GOOD[:20])
    resolve("some.pt", InMemory("first", {"some.pt": GOOD}))
    assert cached.read_bytes() == GOOD


def test_a_way_that_sends_another_file_is_not_believed(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(weights.CHECKSUMS, "known.pt", hashlib.sha256(GOOD).hexdigest())
    liar, honest = InMemory("liar", {"known.pt": torch_like("evil")}), InMemory("honest", {"known.pt": GOOD})
    assert resolve("known.pt", liar, honest).read_bytes() == GOOD


def test_nothing_found_says_what_was_tried_and_what_to_do(cache: Path) -> None:
    with pytest.raises(ModelError) as failure:
        resolve("yolo99z.pt", InMemory("first", {}, "answered 404 Not Found"), InMemory("second", {}))
    assert str(failure.value) == (
        "weights 'yolo99z.pt' are not on this machine and could not be fetched. Tried:\n"
        f"  - the cache: no whole {cache}/weights/yolo99z.pt\n"
        "  - first: answered 404 Not Found\n"
        "  - second: did not answer\n"
        "Put the file there by hand, or give its path: weights: /path/to/yolo99z.pt"
    )


@pytest.mark.parametrize(
    "name", ["models/none.pt", "./none.pt", "/none/none.pt", "~/none-at-all.pt"], ids=["folder", "here", "root", "home"]
)
def test_what_looks_like_a_path_is_never_fetched(name: str, cache: Path) -> None:
    way = InMemory("first", {"none.pt": GOOD})
    with pytest.raises(ModelError, match="no such file or folder"):
        resolve(name, way)
    assert way.asked == []
