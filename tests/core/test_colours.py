from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.colours import colour_of


@given(st.text())
def test_every_label_has_a_colour_that_dark_text_can_be_read_on(label: str) -> None:
    colour = colour_of(label)
    assert all(0 <= part <= 255 for part in colour)
    assert max(colour) > 200
    assert colour_of(label) == colour


def test_the_usual_labels_can_be_told_apart() -> None:
    assert len({colour_of(label) for label in ("person", "car", "truck", "bicycle", "bus", "cat")}) >= 5


def test_colours_do_not_change_from_release_to_release() -> None:
    assert colour_of("person") == (71, 245, 71)
