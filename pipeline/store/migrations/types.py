"""Column types for tables and steps, of every database alike; what stands here never changes."""

from typing import Any

from sqlalchemy import BigInteger, Integer, Text, text

Key = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is compared and ordered by its bytes."""
Seq = BigInteger().with_variant(Integer(), "sqlite")


def partial(condition: str) -> dict[str, Any]:
    """Arguments of an index that has some of the rows only."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
