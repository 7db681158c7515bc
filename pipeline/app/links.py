"""Where the links in alerts lead, by the configuration."""

from pipeline.alerts.alert_maker import LinkTo
from pipeline.config.sections import Server
from pipeline.core.clock import Clock
from pipeline.core.links import EventLinks


def event_links(server: Server, clock: Clock) -> EventLinks | None:
    """None where everybody must log in, or nobody need."""
    if server.auth.token is None or not server.links.days:
        return None
    return EventLinks(server.auth.token.get_secret_value(), days=server.links.days, clock=clock)


def link_to_event(external_url: str | None, links: EventLinks | None) -> LinkTo:
    """To the page of that one event, or to it in the dashboard; nowhere without an address that people see."""
    if external_url is None:
        return lambda _event_id: None
    if links is None:
        return lambda event_id: f"{external_url}/?event={event_id}"
    return lambda event_id: f"{external_url}{links.path(event_id)}"
