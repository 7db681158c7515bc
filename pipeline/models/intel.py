"""The one place that imports OpenVINO and NNCF, with the analytics off that they send on import."""

import sys
from logging import ERROR, getLogger
from typing import Any

from pipeline.core.errors import MissingExtraError

_NOBODY: Any = None
"""In place of a module it makes importing it fail, and then both use their own stub."""


def openvino() -> Any:
    """The module; raises ImportError where it is not installed."""
    tell_nobody()
    import openvino

    return openvino


def nncf() -> Any:
    """The module; takes seconds, for it brings torch. Raises MissingExtraError."""
    tell_nobody()
    getLogger("torch.utils.cpp_extension").setLevel(ERROR)  # it misses a compiler for CUDA that nobody asked for
    try:
        import nncf
    except ImportError as error:
        raise MissingExtraError("nncf", "optimize") from error
    return nncf


def tell_nobody() -> None:
    """To be called before anything imports OpenVINO, as ultralytics' exporter does."""
    sys.modules.setdefault("openvino_telemetry", _NOBODY)
