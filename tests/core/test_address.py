import pytest

from pipeline.core.address import holds_secret, with_user, without_user


@pytest.mark.parametrize(
    ("address", "bare", "secret"),
    [
        ("rtsp://10.0.0.5/main", "rtsp://10.0.0.5/main", False),
        ("rtsp://admin:pw@10.0.0.5:554/a?b=1", "rtsp://10.0.0.5:554/a?b=1", True),
        ("rtsp://admin@10.0.0.5", "rtsp://10.0.0.5", True),
        ("rtsp://a%40b:p%3Aw@host/x", "rtsp://host/x", True),
        ("rtsp://host/cam?user=admin&password=pw", "rtsp://host/cam?user=admin&password=pw", True),
        ("rtsp://host/user=admin_password=x_channel=1", "rtsp://host/user=admin_password=x_channel=1", True),
        ("rtsp://admin:p/w@host/x", "rtsp://admin:p/w@host/x", True),
        ("demo", "demo", False),
    ],
)
def test_users_in_addresses(address: str, bare: str, secret: bool) -> None:
    assert without_user(address) == bare
    assert holds_secret(address) is secret


def test_a_user_of_its_own() -> None:
    assert with_user("rtsp://host/x", "a@b", "p:/w") == "rtsp://a%40b:p%3A%2Fw@host/x"
    assert with_user("rtsp://old:pw@host/x", "new", "") == "rtsp://new:@host/x"
    assert with_user("rtsp://old:pw@host/x", "", "ignored") == "rtsp://old:pw@host/x"
