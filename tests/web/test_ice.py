from aiortc import RTCIceServer

from sinks.web.ice import links


def test_each_address_has_a_link() -> None:
    servers = [
        RTCIceServer(["stun:a.example:3478"]),
        RTCIceServer(["turn:b.example?transport=udp", "turns:b.example"], 'o"neil', "back\\slash"),
    ]
    account = 'username="o\\"neil"; credential="back\\\\slash"; credential-type="password"'
    assert list(links(servers)) == [
        '<stun:a.example:3478>; rel="ice-server"',
        f'<turn:b.example?transport=udp>; rel="ice-server"; {account}',
        f'<turns:b.example>; rel="ice-server"; {account}',
    ]
