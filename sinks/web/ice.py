"""STUN and TURN servers, as WHEP tells players of them."""

from collections.abc import Iterator, Sequence

from aiortc import RTCIceServer


def links(servers: Sequence[RTCIceServer]) -> Iterator[str]:
    """Values of `Link` headers, one for each address (draft-ietf-wish-whep, 4.6)."""
    for server in servers:
        for url in [server.urls] if isinstance(server.urls, str) else server.urls:
            parts = [f"<{url}>", 'rel="ice-server"']
            if server.username is not None and server.credential is not None:
                parts += [
                    f"username={_quoted(server.username)}",
                    f"credential={_quoted(server.credential)}",
                    'credential-type="password"',
                ]
            yield "; ".join(parts)


def _quoted(text: str) -> str:
    """A quoted string (RFC 9110, 5.6.4)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
