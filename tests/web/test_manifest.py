"""What a phone needs to put the page on its home screen."""

import json
import re

import cv2
import pytest

from sinks.web.page import STATIC

MANIFEST = json.loads((STATIC / "manifest.webmanifest").read_text("utf-8"))


@pytest.mark.parametrize("icon", MANIFEST["icons"], ids=lambda icon: f"{icon['sizes']} {icon.get('purpose', 'any')}")
def test_icons_are_there_and_as_large_as_they_say(icon: dict[str, str]) -> None:
    file = STATIC / icon["src"].removeprefix("/static/")
    if icon["type"] == "image/svg+xml":
        assert "viewBox" in file.read_text("utf-8")
        return
    picture = cv2.imread(str(file))
    assert picture is not None
    assert f"{picture.shape[1]}x{picture.shape[0]}" == icon["sizes"]


def test_the_page_names_it() -> None:
    page = (STATIC / "index.html").read_text("utf-8")
    assert '<link rel="manifest" href="/static/manifest.webmanifest">' in page
    for path in re.findall(r'<link rel="(?:apple-touch-)?icon" href="/static/([^"]+)"', page):
        assert (STATIC / path).is_file()


def test_it_opens_as_a_window_of_its_own() -> None:
    assert (MANIFEST["start_url"], MANIFEST["display"]) == ("/", "standalone")
    assert {icon["sizes"] for icon in MANIFEST["icons"]} >= {"192x192", "512x512"}
