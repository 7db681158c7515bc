"""What people switched while the system ran, kept in the store."""

import asyncio
from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from pipeline.alerts.alert_tables import alert_settings
from pipeline.store.store import EventStore


class Settings:
    """Names and texts; for one event loop's thread. Raises StoreError."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    async def read(self) -> Mapping[str, str]:
        def question(connection: Connection) -> dict[str, str]:
            rows = connection.execute(select(alert_settings.c.name, alert_settings.c.value))
            return {row.name: row.value for row in rows}

        return await asyncio.to_thread(self._store.ask, question)

    async def write(self, name: str, value: str | None) -> None:
        """None forgets it."""

        def change(connection: Connection) -> None:
            connection.execute(delete(alert_settings).where(alert_settings.c.name == name))
            if value is not None:
                connection.execute(insert(alert_settings), {"name": name, "value": value})

        await asyncio.wrap_future(self._store.edit(change))
