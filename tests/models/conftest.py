import os
from pathlib import Path

import pytest

from pipeline.core.errors import ModelError
from pipeline.models import weights


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of this test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("FRAMEWATCH_CACHE", str(folder))
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """A folder with models and clips that may or may not be there."""
    beside = Path(__file__).parents[3] / "shared"
    return Path(os.environ.get("FRAMEWATCH_SHARED", beside))


@pytest.fixture(scope="session")
def yolov8n(shared: Path) -> Path:
    """Real weights; fetched into the user's cache where they are not on this machine."""
    here = shared / "models" / weights.DEFAULT
    try:
        return here if here.exists() else weights.resolve(weights.DEFAULT)
    except ModelError as error:
        pytest.skip(f"no real weights: {error}")
