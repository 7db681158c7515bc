"""The models of a configuration, each loaded once."""

from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any, Protocol, cast

from pydantic import ValidationError

from pipeline.core.contracts import Ability, Classifier, Detector
from pipeline.core.errors import ModelError

Spec = tuple[str, dict[str, Any]]
"""A model's type and its options."""


class Model(Protocol):
    """What the pool needs of a model beside its face to the stages: `detect`, `classify` or both."""

    @property
    def description(self) -> str: ...

    def load(self) -> None: ...

    def close(self) -> None: ...


class ModelPool:
    """Builds a model when somebody first asks for it; everybody gets the same one. For any thread."""

    def __init__(self, specs: Mapping[str, Spec], plugin: Callable[[str, str], Any]) -> None:
        self._specs = dict(specs)
        self._plugin = plugin
        self._models: dict[str, Model] = {}
        self._locks = {name: Lock() for name in specs}

    def add(self, specs: Mapping[str, Spec]) -> None:
        """Names that are new; what is known stays as it is."""
        for name in specs.keys() - self._specs.keys():
            self._locks[name] = Lock()
            self._specs[name] = specs[name]

    def detector(self, name: str) -> Detector:
        """Blocks while it loads; raises ModelError, PluginError for an unknown type."""
        return cast(Detector, self._loaded(name, can="detect"))

    def classifier(self, name: str) -> Classifier:
        """Blocks while it loads; raises ModelError, PluginError for an unknown type."""
        return cast(Classifier, self._loaded(name, can="classify"))

    def preload(self, names: Iterable[str] | None = None) -> None:
        """Loads now what would be loaded at the first frame; all of them unless `names` says which."""
        for name in self._specs if names is None else names:
            self._loaded(name)

    def describe(self) -> dict[str, str]:
        """What runs each loaded model, by name; while others are being loaded, too."""
        return {name: model.description for name, model in dict(self._models).items()}

    def close(self) -> None:
        for name in list(self._models):
            self._models.pop(name).close()

    def _loaded(self, name: str, *, can: Ability | None = None) -> Model:
        if name not in self._specs:
            known = ", ".join(sorted(self._specs)) or "none"
            raise ModelError(f"no model is called {name!r}; models in the configuration: {known}")
        with self._locks[name]:
            if name not in self._models:
                self._models[name] = self._load(name)
            model = self._models[name]
        if can and not hasattr(model, can):
            raise ModelError(f"model {name!r} is of type {self._specs[name][0]!r}, which does not {can}")
        return model

    def _load(self, name: str) -> Model:
        type_, options = self._specs[name]
        model_class = self._plugin("models", type_)
        try:
            checked = model_class.Options(**options)
        except ValidationError as error:
            raise ModelError(f"model {name!r}: {_said(error)}") from error
        model = cast(Model, model_class(checked))
        try:
            model.load()
        except ModelError as error:
            model.close()
            raise ModelError(f"model {name!r}: {error}") from error
        return model


def _said(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'options'}: {one['msg']}" for one in error.errors())
