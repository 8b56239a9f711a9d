"""What the application's role may do in PostgreSQL; it owns nothing and migrates nothing."""

from sqlalchemy import Connection, text

from app.db.guards import GUARDS

_PRESENT_STATE = "SELECT, INSERT, UPDATE"
_ADDED_TO = "SELECT, INSERT"
_ERASABLE = "SELECT, INSERT, DELETE"
_DERIVED = "SELECT, INSERT, UPDATE, DELETE"
_RIGHTS = {
    "principal_operation": _ADDED_TO,
    "alembic_version": "SELECT",
    "event_value": _ERASABLE,
    "position": _ERASABLE,
    "attestation": _ERASABLE,
    "counted_confirmation": _ERASABLE,
    "counted_revision": _ERASABLE,
    "succession": _ERASABLE,
    "status_change": _ERASABLE,
    "corridor_site": _DERIVED,
    "disclosed_shape": _DERIVED,
    "disclosed_sketch": _ADDED_TO,
    "disclosed_feature": _DERIVED,
    "disclosed_bar": _DERIVED,
    "disclosed_version": _ADDED_TO,
    "disclosed_boundary": _ERASABLE,
    "log_outbox": "SELECT, INSERT, DELETE",
}


def grant(connection: Connection, role: str) -> None:
    """Give `role` what it needs on each table of the schema, and take from it what it does not.

    History can be read and added to; only the present state can be changed. Nothing is deleted but
    what is derived and can be made again, and what a redaction names, which guards see to: what
    ends is told so by its row.
    """
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
    connection.execute(text(f"REVOKE ALL ON SCHEMA {schema} FROM {quoted}"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}"))
    for table in _tables(connection):
        name = connection.dialect.identifier_preparer.quote(table)
        connection.execute(text(f"REVOKE ALL ON {name} FROM {quoted}"))
        connection.execute(text(f"GRANT {rights(table)} ON {name} TO {quoted}"))


def rights(table: str) -> str:
    """Name what the application may do with `table`."""
    if table in _RIGHTS:
        return _RIGHTS[table]
    added_to = any(guard.name == f"{table}_append_only" for guard in GUARDS)
    return _ADDED_TO if added_to else _PRESENT_STATE


def _tables(connection: Connection) -> list[str]:
    """Name the tables that this role owns; those of extensions are not its own to give."""
    return list(
        connection.scalars(
            text(
                "SELECT c.relname FROM pg_class c "
                "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') "
                "AND pg_has_role(c.relowner, 'USAGE') AND NOT EXISTS (SELECT 1 FROM pg_depend d "
                "WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e') "
                "ORDER BY c.relname"
            )
        )
    )
