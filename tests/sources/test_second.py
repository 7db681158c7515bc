import pytest

from sources.second import second_addresses

HOST = "rtsp://admin:101@10.0.0.101:554"


@pytest.mark.parametrize(
    ("path", "second"),
    [
        pytest.param("/Streaming/Channels/101", "/Streaming/Channels/102", id="Hikvision"),
        pytest.param("/Streaming/channels/401?a=b", "/Streaming/channels/402?a=b", id="Hikvision, a recorder's"),
        pytest.param("/h264/ch1/main/av_stream", "/h264/ch1/sub/av_stream", id="Hikvision, older"),
        pytest.param("/cam/realmonitor?channel=1&subtype=0", "/cam/realmonitor?channel=1&subtype=1", id="Dahua"),
        pytest.param("/h264Preview_01_main", "/h264Preview_01_sub", id="Reolink"),
        pytest.param("/h265Preview_01_main", "/h264Preview_01_sub", id="Reolink, H.265"),
        pytest.param("/Preview_01_main", "/Preview_01_sub", id="Reolink, newer"),
        pytest.param("/stream1", "/stream2", id="TP-Link"),
        pytest.param("/media/video1", "/media/video2", id="Uniview"),
        pytest.param("/unicast/c1/s0/live", "/unicast/c1/s1/live", id="Uniview, a recorder's"),
        pytest.param("/videoMain", "/videoSub", id="Foscam"),
        pytest.param("/?inst=1", "/?inst=2", id="Bosch"),
        pytest.param("/live1s1.sdp", "/live1s2.sdp", id="Vivotek"),
        pytest.param("/live.sdp", "/live2.sdp", id="Vivotek, older"),
        pytest.param("/profile1/media.smp", "/profile2/media.smp", id="Hanwha"),
        pytest.param("/axis-media/media.amp", "/axis-media/media.amp?resolution=640x360", id="Axis"),
        pytest.param(
            "/axis-media/media.amp?a=b", "/axis-media/media.amp?a=b&resolution=640x360", id="Axis, with a query"
        ),
        pytest.param("/11", "/12", id="HiSilicon"),
        pytest.param("/live/main", "/live/sub", id="anybody's"),
    ],
)
def test_where_makers_put_it(path: str, second: str) -> None:
    assert second_addresses(HOST + path)[0] == HOST + second


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("rtsp://10.0.0.101/", id="nothing known"),
        pytest.param("rtsp://10.0.0.101", id="no path"),
        pytest.param("rtsp://main:stream1@10.0.0.5/x", id="only the password looks like it"),
        pytest.param("rtsp://10.0.0.5/Streaming/Channels/102", id="it is the small one"),
        pytest.param("rtsp://10.0.0.5/stream1?password=x", id="a password in the query"),
        pytest.param("http://10.0.0.5/stream1", id="no RTSP"),
    ],
)
def test_where_none_is_looked_for(address: str) -> None:
    assert second_addresses(address) == []
