"""The store on a PostgreSQL server, by psycopg 3."""

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from pipeline.events.schema import StoreError

_LOCK = 0x6672616D65  # "frame": an advisory lock's number, which is the whole database's
_HEARD_WITHIN = {
    "application_name": "framewatch",
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
"""libpq's parameters: a server that has gone without a word is noticed. The URL may say other ones."""

_OTHER_WAYS = ("enable_hashjoin", "enable_mergejoin", "enable_bitmapscan", "enable_sort", "enable_seqscan", "jit")
_IN_ORDER = text(
    "SELECT set_config('max_parallel_workers_per_gather', '0', true), "
    + ", ".join(f"set_config('{way}', 'off', true)" for way in _OTHER_WAYS)
)


class PostgreSQL:
    def __init__(self, url: URL) -> None:
        """Raises StoreError where the driver is missing, or where a host cannot be one."""
        if "@" in (url.host or ""):
            raise StoreError('store.url: got a host with "@" in it, wanted a password in which "@" is written as "%40"')
        self.place = URL.create("postgresql", host=url.host, port=url.port, database=url.database).render_as_string()
        defaults = {name: value for name, value in _HEARD_WITHIN.items() if name not in url.query}
        try:
            self.engine = create_engine(url.update_query_dict(defaults), pool_pre_ping=True, max_overflow=32)
        except ModuleNotFoundError as error:
            raise StoreError(f"{self.place}: {error.name} is missing; pip install 'framewatch[postgresql]'") from error

    def make_room(self) -> None:
        """The database is the server's owner's."""

    def is_there(self) -> bool:
        return True

    def lock(self, connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})

    def read_in_order(self, connection: Connection) -> None:
        """Its planner takes a few rows for none where two columns say the same, and then reads and sorts them all."""
        connection.execute(_IN_ORDER)

    def size_bytes(self, connection: Connection) -> int:
        """The whole database's."""
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())

    def is_away(self, error: DBAPIError) -> bool:
        """What the server or the network is at fault for: restarts, too many connections, a full disk, deadlocks."""
        return error.connection_invalidated or isinstance(error, OperationalError)
