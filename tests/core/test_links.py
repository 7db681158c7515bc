import pytest

from pipeline.core.clock import ManualClock
from pipeline.core.links import BadLinkError, EventLinks, ExpiredLinkError

WEEK_S = 7 * 86_400
CLOCK = ManualClock()
LINKS = EventLinks("a token nobody guesses", days=7, clock=CLOCK)


def signed(event_id: str, links: EventLinks = LINKS) -> str:
    return links.path(event_id).removeprefix("/e/")


@pytest.mark.parametrize("event_id", ["018bcfe5680-1a2b3c4d", "a/b?c#d.e", "Tür"])
def test_it_leads_to_its_event(event_id: str) -> None:
    link = signed(event_id)
    assert link.isascii() and "/" not in link and "?" not in link
    assert LINKS.read(link) == (event_id, CLOCK.time() + WEEK_S)


def test_it_is_good_for_as_long_as_it_says() -> None:
    clock = ManualClock()
    links = EventLinks("token", days=7, clock=clock)
    link = signed("a", links)
    clock.advance(WEEK_S)
    assert links.read(link).event_id == "a"
    clock.advance(1)
    with pytest.raises(ExpiredLinkError):
        links.read(link)


LINK = signed("a")
CHANGED = {
    "nothing": "",
    "no signature": LINK.split(".")[0],
    "another event": ".".join([signed("b").split(".")[0], *LINK.split(".")[1:]]),
    "another time": ".".join([LINK.split(".")[0], "aaaaaa", LINK.split(".")[2]]),
    "cut off": LINK[:-1],
    "another token's": signed("a", EventLinks("another token", days=7, clock=CLOCK)),
    "no ASCII": f"ü{LINK}",
    "not of this world": "\udc80",
}


@pytest.mark.parametrize("link", CHANGED.values(), ids=CHANGED)
def test_whatever_was_changed_opens_nothing(link: str) -> None:
    with pytest.raises(BadLinkError):
        LINKS.read(link)
