"""What figures were taken on."""

import os
import platform
from contextlib import suppress
from pathlib import Path


def machine() -> str:
    model = platform.processor() or platform.machine()
    with suppress(OSError, StopIteration):  # not Linux, or a processor without a name: the short one serves
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return f"{os.cpu_count()} cores of {model}"
