import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from pipeline.core.detections import Detections
from pipeline.core.errors import ModelError, PluginError
from pipeline.core.frame import Frame
from pipeline.core.options import Options as BaseOptions
from pipeline.models.pool import ModelPool


class Blank:
    """A model that sees nothing; counts how often one is loaded."""

    class Options(BaseOptions):
        weights: str = "blank"

    loads = 0

    def __init__(self, options: Options) -> None:
        self.weights = options.weights
        self.labels: Mapping[int, str] = {0: "person"}
        self.closed = False

    @property
    def description(self) -> str:
        return f"{self.weights} nowhere"

    def load(self) -> None:
        type(self).loads += 1
        if self.weights == "missing":
            raise ModelError("weights 'missing' are not on this machine")

    async def detect(self, frame: Frame, *, min_score: float) -> Detections:
        return Detections.empty(self.labels)

    def close(self) -> None:
        self.closed = True


def plugin(kind: str, type: str) -> Any:
    if (kind, type) != ("models", "blank"):
        raise PluginError(f"no type {type!r} in {kind}; there are blank")
    return Blank


@pytest.fixture
def pool() -> ModelPool:
    Blank.loads = 0
    specs: dict[str, tuple[str, dict[str, Any]]] = {
        "general": ("blank", {}),
        "night": ("blank", {"weights": "night"}),
        "gone": ("blank", {"weights": "missing"}),
        "odd": ("blank", {"wieghts": "x", "weights": 3}),
        "strange": ("caffe", {}),
    }
    return ModelPool(specs, plugin)


def test_everybody_gets_the_same_model(pool: ModelPool) -> None:
    assert pool.detector("general") is pool.detector("general")
    assert pool.detector("night") is not pool.detector("general")
    assert Blank.loads == 2


def test_a_model_is_asked_only_for_what_it_does(pool: ModelPool) -> None:
    with pytest.raises(ModelError, match=r"model 'general' is of type 'blank', which does not classify"):
        pool.classifier("general")


def test_many_who_ask_at_once_load_it_once(pool: ModelPool) -> None:
    together = Barrier(4)

    def ask() -> object:
        together.wait(10)
        return pool.detector("general")

    with ThreadPoolExecutor(4) as threads:
        models = {future.result() for future in [threads.submit(ask) for _ in range(4)]}
    assert len(models) == 1
    assert Blank.loads == 1


def test_nothing_is_loaded_before_it_is_asked_for(pool: ModelPool) -> None:
    assert pool.describe() == {}
    pool.preload(["night"])
    assert pool.describe() == {"night": "night nowhere"}


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        pytest.param(
            "colour",
            ModelError,
            "no model is called 'colour'; models in the configuration: general, gone, night, odd, strange",
            id="a name that nobody configured",
        ),
        pytest.param("gone", ModelError, "model 'gone': weights 'missing' are not on this machine", id="no weights"),
        pytest.param(
            "odd",
            ModelError,
            "model 'odd': weights: Input should be a valid string; wieghts: Extra inputs are not permitted",
            id="wrong options",
        ),
        pytest.param("strange", PluginError, "no type 'caffe' in models; there are blank", id="an unknown type"),
    ],
)
def test_a_model_that_cannot_be_had_says_why(pool: ModelPool, name: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as failure:
        pool.detector(name)
    assert str(failure.value) == said


def test_a_model_that_failed_to_load_is_tried_again(pool: ModelPool) -> None:
    for _ in range(2):
        with pytest.raises(ModelError):
            pool.detector("gone")
    assert Blank.loads == 2


def test_closing_closes_what_was_loaded(pool: ModelPool) -> None:
    model = pool.detector("general")
    assert isinstance(model, Blank)
    pool.close()
    assert model.closed
    assert pool.describe() == {}


def test_the_models_face_works(pool: ModelPool) -> None:
    import numpy as np

    frame = Frame.from_bgr(np.zeros((8, 8, 3), np.uint8))
    assert len(asyncio.run(pool.detector("general").detect(frame, min_score=0.5))) == 0
