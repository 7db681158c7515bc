"""One colour for each label, the same in every picture, process and page."""

from colorsys import hls_to_rgb
from functools import cache

from pipeline.core.context import Colour

_HUES = 24


@cache
def colour_of(label: str) -> Colour:
    """Light enough for dark text on it. The page computes the same (FNV-1a of the label picks a hue)."""
    digest = 2166136261
    for character in label:
        digest = ((digest ^ ord(character)) * 16777619) & 0xFFFFFFFF
    red, green, blue = hls_to_rgb((digest % _HUES) / _HUES, 0.62, 0.9)
    return round(red * 255), round(green * 255), round(blue * 255)
