"""Alembic counts from here on; the number of before tells older programs that the store is too new for them."""

from alembic import op

revision = "v4_alembic"
down_revision = "v3_edits"


def upgrade() -> None:
    op.execute("UPDATE store_state SET schema_version = 4")
