"""What Alembic runs: the revisions asked for, over the connection that `store.schema` hands it."""

from alembic import context

from los_adapters.store.columns import metadata

_connection = context.config.attributes.get("connection")
_dialect = context.config.attributes.get("dialect")

context.configure(
    connection=_connection,
    dialect_name=_dialect,
    target_metadata=metadata,
    as_sql=_connection is None,
    literal_binds=_connection is None,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
