"""Why a detection did not count, in words and figures."""

import pytest

from pipeline.core.refusal import Limit, Refusal


@pytest.mark.parametrize(
    ("limit", "got", "wanted", "why"),
    [
        ("min_score", 0.46, 0.5, "score 0.46 below 0.5 (min_score)"),
        ("min_score", 0.499, 0.5, "score 0.499 below 0.5 (min_score)"),
        ("min_area", 0.00321, 0.004, "area 0.0032 below 0.004 (min_area)"),
        ("min_area", 780.0, 801.0, "area 780 below 801 (min_area)"),
        ("max_area", 0.301, 0.3, "area 0.301 above 0.3 (max_area)"),
        ("min_ratio", 0.5, 0.6, "width to height 0.50 below 0.6 (min_ratio)"),
        ("max_ratio", 2.25, 2.0, "width to height 2.25 above 2 (max_ratio)"),
        ("mask", 0.0, 0.0, "stood in a mask"),
    ],
)
def test_in_words(limit: Limit, got: float, wanted: float, why: str) -> None:
    assert Refusal("person", 0.46, (0.1, 0.1, 0.2, 0.4), limit, got, wanted).why == why
