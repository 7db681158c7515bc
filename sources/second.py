"""Where makers of cameras put the small stream beside the large one."""

import re
from collections.abc import Iterator

from pipeline.core.address import holds_secret, without_user

_Rule = tuple[str, str]

_RULES: tuple[_Rule, ...] = (
    (r"(?i)(/Streaming/(?:channels|tracks)/\d*)01\b", r"\g<1>02"),  # Hikvision, HiWatch, Annke
    (r"(?i)(/ch\d+/)main(/av_stream)", r"\g<1>sub\2"),  # Hikvision, older
    (r"(?i)([?&]subtype=)0\b", r"\g<1>1"),  # Dahua, Amcrest, Lorex, Imou
    (r"(?i)/h26[45](Preview_\d+)_main\b", r"/h264\1_sub"),  # Reolink: the small one is H.264, whatever the large one is
    (r"(?i)(/Preview_\d+)_main\b", r"\1_sub"),  # Reolink
    (r"(/stream)1\b", r"\g<1>2"),  # TP-Link Tapo, VIGI
    (r"(/media/video)1\b", r"\g<1>2"),  # Uniview
    (r"(/unicast/c\d+/s)0(/live)", r"\g<1>1\2"),  # Uniview
    (r"/videoMain\b", "/videoSub"),  # Foscam
    (r"(?i)([?&]inst=)1\b", r"\g<1>2"),  # Bosch
    (r"(/live\d*s)1(\.sdp)", r"\g<1>2\2"),  # Vivotek
    (r"/live\.sdp\b", "/live2.sdp"),  # Vivotek
    (r"(/profile)1(/media\.smp)", r"\g<1>2\2"),  # Hanwha
    (r"/11\b(?=$|[?/])", "/12"),  # HiSilicon boards
    (r"(?<=[/_-])main\b(?=[^/]*$)", "sub"),
)
_AXIS = re.compile(r"/axis-media/media\.amp\b")
_AXIS_SIZE = "resolution=640x360"
_MOST = 3


def second_addresses(address: str) -> list[str]:
    """What may lead to a smaller stream of the same camera, the likeliest first; user and password are kept.

    Nothing where the address names a user or password in its path or query: it would be told to the page.
    """
    if not address.startswith(("rtsp://", "rtsps://")) or holds_secret(without_user(address)):
        return []
    return list(dict.fromkeys(_candidates(address)))[:_MOST]


def _candidates(address: str) -> Iterator[str]:
    start = len(address) - len(_path(address))
    for pattern, replacement in _RULES:
        path, count = re.subn(pattern, replacement, address[start:], count=1)
        if count:
            yield address[:start] + path
    if _AXIS.search(address[start:]) and "resolution=" not in address:
        yield f"{address}{'&' if '?' in address else '?'}{_AXIS_SIZE}"


def _path(address: str) -> str:
    """With the query; empty where there is none."""
    rest = without_user(address).partition("://")[2]
    return rest[len(re.split(r"[/?]", rest, maxsplit=1)[0]) :]
