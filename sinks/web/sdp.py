"""The few lines of session descriptions that matter to a server on a local network."""

import re
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address

from aiortc import RTCIceCandidate
from aiortc.sdp import candidate_from_sdp

_CANDIDATE = "a=candidate:"
_UFRAG = "a=ice-ufrag:"
_PARAMETERS = "a=fmtp:"
_CODEC = re.compile(r"a=rtpmap:(\d+) ([^/]+)/")


def without_hidden_candidates(offer: str) -> str:
    """`offer` without `.local` names, whose look-up costs a second and which the checks make superfluous.

    The browser's own connectivity checks tell its address. "End of candidates" goes as well: with no
    candidate left it would mean that there is nobody to talk to.
    """
    kept = (line for line in offer.splitlines() if not _hidden(line) and line != "a=end-of-candidates")
    return _joined(kept)


def with_advertised_addresses(answer: str, addresses: Sequence[str]) -> str:
    """`answer` with each host candidate repeated for every address under which this machine is seen from outside.

    An address stands in for the host candidates of its own IP version; the port stays.
    """
    return _joined(extended for line in answer.splitlines() for extended in (line, *_advertised(line, addresses)))


def names_codec(description: str, codec: str) -> bool:
    return bool(_payload_types(description, codec))


def with_parameters_of(offer: str, answer: str, codec: str) -> str:
    """`answer` with that codec's parameters as the offer has them: whoever offers a level or profile takes it."""
    types = _payload_types(answer, codec)
    offered = {_described(line): line for line in offer.splitlines()}
    return _joined(
        offered.get(described, line) if (described := _described(line)) in types else line
        for line in answer.splitlines()
    )


def candidates_of(fragment: str) -> list[RTCIceCandidate]:
    """The usable candidates of an `application/trickle-ice-sdpfrag` body; raises ValueError where it is malformed."""
    found = []
    mid = "0"
    for line in fragment.splitlines():
        if line.startswith("a=mid:"):
            mid = line.removeprefix("a=mid:").strip()
        elif line.startswith(_CANDIDATE) and not _hidden(line) and _is_udp(line):
            found.append(_candidate(line, mid))
    return found


def username_fragment(description: str) -> str | None:
    """The first ICE user name fragment; a new one means an ICE restart."""
    for line in description.splitlines():
        if line.startswith(_UFRAG):
            return line.removeprefix(_UFRAG).strip()
    return None


def _payload_types(description: str, codec: str) -> set[str]:
    named = (_CODEC.match(line) for line in description.splitlines())
    return {match[1] for match in named if match and match[2].upper() == codec}


def _described(line: str) -> str | None:
    """The payload type whose parameters the line holds."""
    return line.removeprefix(_PARAMETERS).split(" ")[0] if line.startswith(_PARAMETERS) else None


def _candidate(line: str, mid: str) -> RTCIceCandidate:
    fields = line.split()
    if len(fields) < 8:
        raise ValueError(f"a candidate has at least 8 fields: {line!r}")
    ip_address(fields[4])
    candidate = candidate_from_sdp(line.removeprefix(_CANDIDATE))
    candidate.sdpMid = mid
    return candidate


def _hidden(line: str) -> bool:
    return line.startswith(_CANDIDATE) and ".local " in line


def _is_udp(line: str) -> bool:
    return line.split()[2:3] in (["udp"], ["UDP"])


def _advertised(line: str, addresses: Sequence[str]) -> Iterator[str]:
    if not line.startswith(_CANDIDATE) or " typ host" not in line:
        return
    fields = line.split()
    version = ip_address(fields[4]).version
    for address in addresses:
        if ip_address(address).version == version and address != fields[4]:
            yield " ".join((*fields[:4], address, *fields[5:]))


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\r\n" for line in lines)
