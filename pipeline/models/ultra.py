"""The one place that imports ultralytics, with everything off that it would do by itself."""

import os
from functools import cache
from threading import Lock
from typing import Any

from pipeline.models.cache import cache_dir
from pipeline.models.intel import tell_nobody

_QUIET = {
    "YOLO_AUTOINSTALL": "false",  # it would pip install what it misses
    "YOLO_OFFLINE": "true",  # it would look whether it is online, for updates and analytics
    "YOLO_VERBOSE": "false",
}
_importing = Lock()


def ultralytics() -> Any:
    """The module, imported on the first call; takes seconds, for it brings torch."""
    with _importing:
        return _import()


@cache
def _import() -> Any:
    os.environ.update(_QUIET)
    tell_nobody()
    os.environ.setdefault("YOLO_CONFIG_DIR", str(cache_dir() / "ultralytics"))  # the user's settings stay the user's
    import ultralytics

    if ultralytics.settings["sync"]:
        ultralytics.settings.update(sync=False)
    return ultralytics
