"""Pictures of the pages for the docs, taken by the tests that look at them.

FRAMEWATCH_SCREENSHOTS=docs/screenshots python -m pytest tests/system/test_pages.py
"""

import os
from pathlib import Path

import cv2
import numpy as np
from playwright.async_api import Page

FOLDER = os.environ.get("FRAMEWATCH_SCREENSHOTS", "")
MOST_BYTES = 150_000
_PHONE_PX = 760


async def photograph(page: Page, name: str) -> None:
    """Writes `NAME-desktop.webp` or `NAME-phone.webp`, after the window's width; nothing where no folder is named."""
    if not FOLDER:
        return
    folder = Path(FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    narrow = await page.evaluate("innerWidth") <= _PHONE_PX
    await page.mouse.move(0, 0)  # nothing looks as if somebody pointed at it
    png = await page.screenshot(scale="css")
    (folder / f"{name}-{'phone' if narrow else 'desktop'}.webp").write_bytes(small(png))


def small(png: bytes) -> bytes:
    """The best WebP that is no larger than MOST_BYTES."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    for quality in range(90, 0, -10):
        webp = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
        if len(webp) <= MOST_BYTES:
            return bytes(webp)
    raise ValueError(f"no WebP of this picture has {MOST_BYTES} bytes or fewer")
