"""Run by Alembic for each upgrade and downgrade, on the connection that `app.db.migrate` gives."""

from alembic import context
from sqlalchemy import Connection, MetaData

from app.db.base import NAMES


def run(connection: Connection) -> None:
    """Run the steps asked for; all of them or none, since both databases can undo DDL."""
    context.configure(
        connection=connection,
        target_metadata=MetaData(naming_convention=NAMES),
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
