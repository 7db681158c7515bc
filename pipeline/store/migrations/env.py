"""Carried out by Alembic for every command, on the connection that `pipeline.store.migration` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
