"""Which revision of the schema this release needs, and which one a database has.

Looked up at every start and every few seconds after it, so without the tool that migrates.
"""

from sqlalchemy import Connection, inspect, text

HEAD = "0012"
"""The newest migration; a test compares it with `migrations/versions`."""


def current_revision(connection: Connection) -> str | None:
    """Give the revision that the database has; None where it has never been migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found
