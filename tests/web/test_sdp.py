import pytest

from sinks.web import sdp

HOST = "a=candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host"
HIDDEN = "a=candidate:2 1 udp 2113937151 4f3c0f9e-89b1.local 50001 typ host generation 0"
V6 = "a=candidate:3 1 udp 2130706431 2001:db8::7 50002 typ host"


def test_hidden_candidates_and_the_end_of_candidates_go() -> None:
    offer = "\r\n".join(["v=0", HIDDEN, HOST, "a=end-of-candidates", "a=mid:0", ""])
    assert sdp.without_hidden_candidates(offer) == "\r\n".join(["v=0", HOST, "a=mid:0", ""])


@pytest.mark.parametrize(
    ("line", "addresses", "added"),
    [
        pytest.param(HOST, ["203.0.113.9"], [HOST.replace("192.0.2.7", "203.0.113.9")], id="one more for an address"),
        pytest.param(HOST, ["192.0.2.7"], [], id="an address that is there already"),
        pytest.param(HOST, ["2001:db8::9"], [], id="another IP version"),
        pytest.param(V6, ["2001:db8::9"], [V6.replace("2001:db8::7", "2001:db8::9")], id="IPv6"),
        pytest.param("a=mid:0", ["203.0.113.9"], [], id="not a candidate"),
    ],
)
def test_advertised_addresses_stand_beside_our_own(line: str, addresses: list[str], added: list[str]) -> None:
    assert sdp.with_advertised_addresses(f"{line}\r\n", addresses).splitlines() == [line, *added]


def test_a_fragment_gives_its_usable_candidates_with_their_section() -> None:
    tcp = "a=candidate:9 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active"
    fragment = "\r\n".join(["a=ice-ufrag:abcd", "m=video 9 X 0", "a=mid:1", HIDDEN, tcp, HOST])
    [candidate] = sdp.candidates_of(fragment)
    assert (candidate.ip, candidate.port, candidate.sdpMid) == ("192.0.2.7", 50000, "1")
    assert sdp.username_fragment(fragment) == "abcd"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("a=candidate:1 1 udp 5 192.0.2.7", id="too short"),
        pytest.param("a=candidate:1 1 udp x 192.0.2.7 5 typ host", id="no number"),
        pytest.param("a=candidate:1 1 udp 5 evil.example 5 typ host", id="a name to look up"),
    ],
)
def test_a_malformed_candidate_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        sdp.candidates_of(line)
