"""Alembic runs this: the migrations on the connection that `store.migrating` gives, in its transaction."""

from alembic import context

from deploybot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
