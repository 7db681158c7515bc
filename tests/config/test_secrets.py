"""`${NAME}` and `!secret name`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.secrets import Secrets, UnknownSecret

ENV = {"USER": "admin", "PASSWORD": "p$${w}", "EMPTY": "", "_A1": "x"}


@pytest.mark.parametrize(
    ("text", "filled", "references"),
    [
        pytest.param("plain", "plain", "", id="nothing to fill"),
        pytest.param("${USER}", "admin", "${USER}", id="the whole value"),
        pytest.param("rtsp://${USER}:${PASSWORD}@h", "rtsp://admin:p$${w}@h", "${USER}, ${PASSWORD}", id="in a text"),
        pytest.param("${USER}${USER}", "adminadmin", "${USER}", id="twice"),
        pytest.param("a${EMPTY}b", "ab", "${EMPTY}", id="set but empty"),
        pytest.param("${_A1}", "x", "${_A1}", id="digits and _"),
        pytest.param("$${USER}", "${USER}", "", id="escaped"),
        pytest.param("$$${USER}", "$${USER}", "", id="escaped after a $"),
        pytest.param("$USER $ 5$ {USER}", "$USER $ 5$ {USER}", "", id="no braces"),
    ],
)
def test_references_are_filled_in(text: str, filled: str, references: str) -> None:
    assert Secrets(ENV).filled(text) == (filled, references)


@pytest.mark.parametrize(
    ("text", "got"),
    [
        pytest.param("a ${NOPE} b", "${NOPE}", id="not set"),
        pytest.param("${USER", '"${USER"', id="not closed"),
        pytest.param("${}", '"${}"', id="no name"),
        pytest.param("${1A}", '"${"', id="a name that begins with a digit"),
        pytest.param("${USER:-me}", '"${USER"', id="the shell's defaults"),
    ],
)
def test_a_reference_that_leads_nowhere_is_a_mistake(text: str, got: str) -> None:
    with pytest.raises(UnknownSecret) as caught:
        Secrets(ENV).filled(text)
    assert caught.value.got == got


@given(st.text(), st.text())
def test_what_comes_out_of_the_environment_is_not_filled_again(value: str, around: str) -> None:
    around = around.replace("$", "")
    assert Secrets({"NAME": value}).filled(f"{around}${{NAME}}{around}") == (f"{around}{value}{around}", "${NAME}")


def test_secrets_have_names() -> None:
    secrets = Secrets({}, {"camera_password": "hunter2"})
    assert secrets.entry("camera_password") == "hunter2"
    with pytest.raises(
        UnknownSecret, match=r"got !secret camra, wanted one of the names in secrets\.yaml: camera_password"
    ):
        secrets.entry("camra")
    with pytest.raises(UnknownSecret, match=r"got !secret camra, wanted a file secrets\.yaml that holds it"):
        Secrets({}).entry("camra")


def test_secrets_are_not_in_the_repr() -> None:
    assert "hunter2" not in repr(Secrets({"A": "hunter2"}, {"b": "hunter2"}))
