"""An event as the store keeps it: one JSON document."""

from datetime import UTC, datetime

import msgspec

from pipeline.core.event import Event, moment

_decoder = msgspec.json.Decoder(Event)


def to_document(event: Event) -> str:
    """Raises ValueError for an event that could not be read again.

    JSON has no NaN and no infinity (they become null), and a time must be one that a calendar has. One such row
    would stand in the way of every list that it is part of.
    """
    try:
        document = msgspec.json.encode(event)
        _decoder.decode(document)
        for at in (event.started_at, moment(event)):
            datetime.fromtimestamp(at, UTC)
    except (TypeError, ValueError, OverflowError, OSError, RecursionError, msgspec.ValidationError) as error:
        raise ValueError(f"event {event.id!r} ({event.type}) cannot be kept: {error}") from error
    return document.decode()


def of_document(document: str) -> Event:
    return _decoder.decode(document)
