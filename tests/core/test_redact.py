"""What opens the door is not shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.redact import redact_secrets, redact_text, redact_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param("rtsp://10.0.0.5:554/main", "rtsp://10.0.0.5:554/main", id="nothing to hide"),
        pytest.param("rtsp://admin:pw@10.0.0.5/main", "rtsp://10.0.0.5/main", id="user and password"),
        pytest.param("http://10.0.0.5/cgi?user=a&pwd=b#c", "http://10.0.0.5/cgi", id="query"),
        pytest.param("rtsp://admin:p@ss@10.0.0.5/main", "rtsp://10.0.0.5/main", id="@ in the password"),
        pytest.param("rtsp://admin:p/ss@10.0.0.5/main", "rtsp://10.0.0.5/main", id="/ in the password"),
        pytest.param("rtsp://admin:p#s?s@10.0.0.5/main", "rtsp://10.0.0.5/main", id="# and ? in the password"),
        pytest.param("rtsp://admin:pw@[::1]/main", "rtsp://[::1]/main", id="IPv6"),
        pytest.param("rtsp://admin:pw@[bad/main", "rtsp://[bad/main", id="no address at all"),
        pytest.param("sqlite:///data/framewatch.db", "sqlite:///data/framewatch.db", id="no host"),
        pytest.param("/dev/video0", "/dev/video0", id="device"),
        pytest.param("films/a@b?.mp4", "films/a@b?.mp4", id="path"),
    ],
)
def test_an_address_is_shown_without_credentials(url: str, shown: str) -> None:
    assert redact_url(url) == shown


@given(st.text(min_size=1).map(lambda text: f"<{text}>"))
def test_no_password_is_ever_shown(password: str) -> None:
    assert password not in redact_url(f"rtsp://admin:{password}@10.0.0.5/main")


@given(st.text())
def test_any_text_is_taken_and_shown_once_it_stays(text: str) -> None:
    assert redact_url(redact_url(text)) == redact_url(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("camera yard: online, h264", "camera yard: online, h264", id="no address"),
        pytest.param("mail me@example.org", "mail me@example.org", id="an @ without an address"),
        pytest.param("at rtsp://a:pw@10.0.0.5/main: timed out", "at rtsp://10.0.0.5/main: timed out", id="in a line"),
        pytest.param("'http://h/x?token=pw' (401)", "'http://h/x' (401)", id="query, quoted"),
        pytest.param("rtsp://a:p w@h/x is off", "rtsp://h/x is off", id="blank in the password"),
        pytest.param("rtsp://a:://@h/x is off", "rtsp://h/x is off", id="another address in the password"),
        pytest.param("rtsp://h/x?a=b, http://i/y?c=d", "rtsp://h/x http://i/y", id="two"),
        pytest.param("rtsp://h/x\nby a@b", "rtsp://h/x\nby a@b", id="an @ on another line"),
    ],
)
def test_a_text_is_shown_without_credentials(text: str, shown: str) -> None:
    assert redact_text(text) == shown


@given(st.text(st.characters(exclude_characters="\n"), min_size=1).map(lambda text: f"<{text}>"))
def test_no_password_is_ever_shown_in_a_text(password: str) -> None:
    assert password not in redact_text(f"cannot open rtsp://admin:{password}@10.0.0.5/main today")


@pytest.mark.parametrize(
    ("text", "secrets", "shown"),
    [
        pytest.param("https://hook.example/T0/B1: answered 404", ["https://hook.example/T0/B1"],
                     "https://hook.example/…: answered 404", id="a path that opens the door"),
        pytest.param("http://me:pass@host/x?key=1: refused", ["http://me:pass@host/x?key=1"],
                     "http://host/… refused", id="an address with all there can be"),
        pytest.param("http://host:80: refused", ["http://host:80"], "http://host:80: refused", id="only a host"),
        pytest.param("401: abcdef is no token", ["Bearer abcdef"], "401: … is no token", id="a word of a header"),
        pytest.param("wrong password hunter2", ["hunter2"], "wrong password …", id="a password"),
        pytest.param("an error", ["an"], "an error", id="too short to tell from other words"),
        pytest.param("rtsp://a:b@c/d is away", [], "rtsp://c/d is away", id="other addresses"),
    ],
)  # fmt: skip
def test_secrets_are_taken_out_of_a_text(text: str, secrets: list[str], shown: str) -> None:
    assert redact_secrets(text, secrets) == shown
