"""The database's own refusals: triggers as data, for both databases.

A migration installs the guards of the tables that it makes; the service does not start where
one is missing, disabled or altered. A feature adds its guards here, to `GUARDS`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from app.db.confirmed import UNFOUNDED, UNSTATED


@dataclass(frozen=True, kw_only=True)
class Guard:
    """What one table refuses.

    Attributes:
        name: the PostgreSQL trigger and its function.
        table: with which it comes; as a rule the one that it watches.
        when: `BEFORE UPDATE OR DELETE ON event FOR EACH ROW`, as PostgreSQL words it.
        body: PL/pgSQL, from BEGIN to END.
        sqlite: the SQLite triggers that refuse the same, by name.
    """

    name: str
    table: str
    when: str
    body: str
    sqlite: Mapping[str, str] = field(default_factory=dict)

    @property
    def watched(self) -> str:
        """The table whose trigger it is in PostgreSQL."""
        return self.when.split(" ON ")[1].split()[0]


def append_only(table: str, *keys: Sequence[str], unless: str = "") -> tuple[Guard, ...]:
    """Refuse every change, removal and overwriting of a row; only new rows are taken.

    Args:
        keys: the columns of each key of the table. `INSERT OR REPLACE` of SQLite removes the
            rows with the same key without any DELETE trigger, so it is refused by key.
        unless: when a row may go all the same; a condition over OLD, for both databases.
    """
    refusal = f"history is only added to: {table} refuses"
    allowed = f"IF TG_OP = 'DELETE' THEN IF {unless} THEN RETURN OLD; END IF; END IF; "
    return (
        Guard(
            name=f"{table}_append_only",
            table=table,
            when=f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW",
            body=f"BEGIN {allowed if unless else ''}{_raise(f'{refusal} %', 'TG_OP')} END",
            sqlite=_named(
                _sqlite(f"{table}_no_update", f"UPDATE ON {table}", f"{refusal} UPDATE"),
                _sqlite(
                    f"{table}_no_delete",
                    f"DELETE ON {table}",
                    f"{refusal} DELETE",
                    f"NOT ({unless})" if unless else "1",
                ),
                no_replace(table, *keys),
            ),
        ),
        no_truncate(table),
    )


def stays(table: str, refusal: str, *keys: Sequence[str]) -> tuple[Guard, ...]:
    """Refuse that a row is removed, or overwritten by a new one of the same key.

    Args:
        keys: the columns of each key of the table.
    """
    return (
        Guard(
            name=f"{table}_stays",
            table=table,
            when=f"BEFORE DELETE ON {table} FOR EACH ROW",
            body=f"BEGIN {_raise(refusal)} END",
            sqlite=_named(
                _sqlite(f"{table}_stays", f"DELETE ON {table}", refusal),
                no_replace(table, *keys),
            ),
        ),
        no_truncate(table),
    )


def no_truncate(table: str) -> Guard:
    """Refuse TRUNCATE, which passes by every trigger on rows."""
    return Guard(
        name=f"{table}_no_truncate",
        table=table,
        when=f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
        body=f"BEGIN {_raise(f'history is only added to: {table} refuses TRUNCATE')} END",
    )


def no_replace(table: str, *keys: Sequence[str]) -> tuple[str, str]:
    """Refuse to insert what has the key of a row that exists (SQLite)."""
    same = " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")" for key in keys
    )
    return _sqlite(
        f"{table}_no_replace",
        f"INSERT ON {table}",
        f"history is only added to: {table} has this row already",
        condition=f"EXISTS (SELECT 1 FROM {table} WHERE {same})",
    )


def _sqlite(name: str, what: str, message: str, condition: str = "1") -> tuple[str, str]:
    # SQLite before 3.39 knows IS DISTINCT FROM by another name.
    when = condition.replace("IS NOT DISTINCT FROM", "IS").replace("IS DISTINCT FROM", "IS NOT")
    return name, (
        f"CREATE TRIGGER {name} BEFORE {what} FOR EACH ROW WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def _named(*triggers: tuple[str, str]) -> dict[str, str]:
    return dict(triggers)


def _raise(message: str, *arguments: str) -> str:
    values = "".join(f", {argument}" for argument in arguments)
    return f"RAISE EXCEPTION '{message}'{values} USING ERRCODE = 'integrity_constraint_violation';"


def check(table: str, name: str, what: str, wrong: str, message: str) -> Guard:
    """Refuse a row for which `wrong` holds; the same condition for both databases.

    Args:
        what: INSERT or UPDATE.
        wrong: a condition over NEW (and OLD) in the SQL that both databases share.
    """
    return Guard(
        name=name,
        table=table,
        when=f"BEFORE {what} ON {table} FOR EACH ROW",
        body=f"BEGIN IF {wrong} THEN {_raise(message)} END IF; RETURN NEW; END",
        sqlite=_named(_sqlite(name, f"{what} ON {table}", message, wrong)),
    )


def check_added(table: str, name: str, right: str, message: str) -> Guard:
    """Refuse added rows without the row that `right` looks for; once for each statement.

    Args:
        right: what follows `SELECT 1`, over a row called `added`.
    """
    return Guard(
        name=name,
        table=table,
        when=f"AFTER INSERT ON {table} REFERENCING NEW TABLE AS added_rows FOR EACH STATEMENT",
        body=(
            "BEGIN IF EXISTS (SELECT 1 FROM added_rows AS added "
            f"WHERE NOT EXISTS (SELECT 1 {right})) "
            f"THEN {_raise(message)} END IF; RETURN NULL; END"
        ),
        sqlite=_named(
            _sqlite(
                name,
                f"INSERT ON {table}",
                message,
                f"NOT EXISTS (SELECT 1 {right.replace('added.', 'NEW.')})",
            )
        ),
    )


def _erased(event: str, field: str) -> str:
    """Say that a redaction named a field; `event` and `field` are expressions of SQL."""
    return (
        "EXISTS (SELECT 1 FROM event_redacted WHERE "
        f"event_redacted.event_id = {event} AND event_redacted.field = {field})"
    )


def _erased_aspect(name: str, event: str) -> str:
    """Say that a redaction named the aspect of an event that bears the event's own id."""
    return _erased(event, f"'aspect/{name}:' || CAST({event} AS TEXT)")


_POSITION_ERASED = _erased_aspect("position", "OLD.position_id")
_STATUS_ERASED = "OLD.change_id", "'aspect/status'"
_HOLDER_ERASED = (
    "EXISTS (SELECT 1 FROM event_redacted JOIN event ON event.id = event_redacted.event_id "
    "WHERE event.subject_id = NEW.id AND event_redacted.field = 'aspect/holder')"
)

_NEWEST = (
    "FROM event AS newest JOIN subject ON subject.id = newest.subject_id "
    "AND subject.version = newest.sequence "
)

GUARDS: tuple[Guard, ...] = (
    check(
        "subject",
        "subject_begins",
        "INSERT",
        "NEW.version <> 1 OR NEW.created_at <> NEW.recorded_at",
        "a subject begins with version 1",
    ),
    check(
        "subject",
        "subject_goes_on",
        "UPDATE",
        "NEW.version <> OLD.version + 1 OR NEW.recorded_at < OLD.recorded_at "
        "OR NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.created_at <> OLD.created_at "
        "OR NEW.operation_id IS DISTINCT FROM OLD.operation_id",
        "a subject goes forward by one version and one event; nothing else of it changes",
    ),
    *stays("subject", "a subject with a history stays", ["id"]),
    *append_only("event", ["id"], ["subject_id", "sequence"], ["rowid"]),
    check(
        "event",
        "event_follows",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM subject WHERE subject.id = NEW.subject_id "
        "AND subject.version = NEW.sequence AND subject.recorded_at = NEW.recorded_at "
        "AND subject.kind = NEW.subject_kind "
        "AND subject.operation_id IS NOT DISTINCT FROM NEW.operation_id)",
        "an event is the newest version of its subject",
    ),
    *append_only("event_aspect", ["event_id", "aspect"]),
    check_added(
        "event_aspect",
        "event_aspect_is_of_event",
        f"{_NEWEST} WHERE newest.id = added.event_id AND newest.subject_id = added.subject_id "
        "AND newest.sequence = added.sequence AND newest.effective_at = added.effective_at "
        "AND newest.recorded_at = added.recorded_at",
        "an aspect is recorded with its event, as the newest version",
    ),
    *append_only("event_value", ["event_id", "field"], unless=_erased("OLD.event_id", "OLD.field")),
    check_added(
        "event_value",
        "event_value_is_of_event",
        f"{_NEWEST} WHERE newest.id = added.event_id",
        "a value is recorded with its event, as the newest version",
    ),
    *append_only("event_replaced", ["event_id", "aspect", "by_event_id"]),
    check_added(
        "event_replaced",
        "event_replaced_is_of_event",
        f"{_NEWEST} JOIN event AS earlier ON earlier.subject_id = newest.subject_id "
        "AND earlier.sequence < newest.sequence WHERE newest.id = added.by_event_id "
        "AND newest.recorded_at = added.recorded_at AND newest.sequence = added.sequence "
        "AND earlier.id = added.event_id",
        "a replacement names an earlier event of the same subject",
    ),
    *append_only("event_redacted", ["event_id", "field"]),
    check_added(
        "event_redacted",
        "event_redacted_is_of_event",
        f"{_NEWEST} JOIN event AS earlier ON earlier.subject_id = newest.subject_id "
        "AND earlier.sequence < newest.sequence AND earlier.kind <> 'redacted' "
        "JOIN event_aspect AS named ON named.event_id = newest.id "
        "AND named.aspect = 'redaction:' || CAST(earlier.id AS TEXT) "
        "WHERE newest.id = added.by_event_id AND newest.kind = 'redacted' "
        "AND earlier.id = added.event_id",
        "a redaction is an event that names an earlier event of the same subject",
    ),
    *append_only("idempotency_key", ["principal_id", "key"]),
    *append_only("log_entry", ["leaf_index"], ["event_id"]),
    *append_only("log_node", ["level", "node_index"]),
    *append_only("log_checkpoint", ["size", "signed_at"]),
    *append_only("log_cosignature", ["size", "key_name", "key_id"]),
    Guard(
        name="event_enters_log",
        table="log_outbox",
        when="AFTER INSERT ON event FOR EACH ROW",
        body="BEGIN INSERT INTO log_outbox (event_id) VALUES (NEW.id); RETURN NULL; END",
    ),
    *stays("principal", "a token stays; revoke it", ["id"], ["token_hash"], ["rowid"]),
    check(
        "principal",
        "principal_is_only_revoked",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.token_hash <> OLD.token_hash OR NEW.role <> OLD.role "
        "OR NEW.organisation_id <> OLD.organisation_id "
        f"OR (NEW.holder <> OLD.holder AND NOT (NEW.holder = '' AND {_HOLDER_ERASED})) "
        "OR NEW.audience IS DISTINCT FROM OLD.audience OR (OLD.revoked_at IS NOT NULL "
        "AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)",
        "a token can be revoked, once; nothing else of it changes",
    ),
    *append_only("position", ["id"], unless=_erased_aspect("position", "OLD.id")),
    *append_only(
        "attestation",
        ["id"],
        unless=f"{_erased_aspect('attestation', 'OLD.id')} OR {_POSITION_ERASED}",
    ),
    *append_only(
        "counted_confirmation",
        ["change_id", "organisation_id"],
        unless=f"{_erased(*_STATUS_ERASED)} OR {_POSITION_ERASED} "
        f"OR {_erased_aspect('attestation', 'OLD.attestation_id')}",
    ),
    *append_only("counted_revision", ["change_id", "revision"], unless=_erased(*_STATUS_ERASED)),
    *append_only("succession", ["change_id"], unless=_erased(*_STATUS_ERASED)),
    *append_only("status_change", ["id"], unless=_erased("OLD.id", "'aspect/status'")),
    check(
        "status_change",
        "status_change_is_borne_out",
        "INSERT",
        UNFOUNDED,
        "confirmed is not borne out by the confirmations that were counted",
    ),
    *stays(
        "party",
        "a party stays; end its part by until",
        ["agreement_id", "organisation_id", "role", "since"],
    ),
    check(
        "party",
        "party_only_ends",
        "UPDATE",
        "NEW.agreement_id <> OLD.agreement_id OR NEW.organisation_id <> OLD.organisation_id "
        "OR NEW.role <> OLD.role OR NEW.since <> OLD.since "
        # One that ended as it began never was: it may come back at that very instant.
        "OR (OLD.until <> OLD.since AND NEW.until IS DISTINCT FROM OLD.until)",
        "the part of a party can end, once; nothing else of it changes",
    ),
    *stays("site", "a site stays; close it", ["id"]),
    *stays("corridor", "a corridor stays; close it", ["id"]),
    *stays("agreement", "an agreement stays; withdraw it", ["id"]),
    check(
        "agreement",
        "agreement_begins",
        "INSERT",
        "NEW.status <> 'proposed'",
        "an agreement begins as proposed",
    ),
    check(
        "agreement",
        "agreement_status_is_stated",
        "UPDATE",
        UNSTATED,
        "the status of an agreement follows from a status change on record",
    ),
)


def install(connection: Connection, *tables: str) -> None:
    """Make the guards of `tables`; a guard that exists is made anew."""
    remove(connection, *tables)
    schema = _schema(connection)
    for guard in _of(tables):
        for statement in _ddl(guard, schema):
            connection.exec_driver_sql(statement.replace("%", "%%") if schema else statement)


def remove(connection: Connection, *tables: str) -> None:
    """Drop the guards of `tables`, before the tables themselves or to make them anew."""
    postgresql = connection.dialect.name == "postgresql"
    for guard in _of(tables):
        if postgresql:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {guard.name}() CASCADE")
        for trigger in () if postgresql else guard.sqlite:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}")


def _of(tables: Iterable[str]) -> list[Guard]:
    wanted = set(tables)
    if unknown := wanted - {guard.table for guard in GUARDS}:
        raise ValueError(f"no guards are known for {sorted(unknown)}")
    return [guard for guard in GUARDS if guard.table in wanted]


def _schema(connection: Connection) -> str | None:
    """Give the schema of PostgreSQL that the tables are in; None on SQLite."""
    if connection.dialect.name != "postgresql":
        return None
    name = connection.scalar(text("SELECT quote_ident(current_schema())"))
    return str(name)


def _ddl(guard: Guard, schema: str | None) -> Sequence[str]:
    if schema is None:
        return list(guard.sqlite.values())
    constraint = "CONSTRAINT " if "DEFERRABLE" in guard.when else ""
    return [
        # The search path is fixed, so that no temporary table can stand in for a real one.
        f"CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = {schema}, pg_temp AS $guard${guard.body}$guard$",
        f"CREATE {constraint}TRIGGER {guard.name} {guard.when} EXECUTE FUNCTION {guard.name}()",
        f"ALTER TABLE {guard.watched} ENABLE ALWAYS TRIGGER {guard.name}",
    ]


def missing_guards(connection: Connection) -> list[str]:
    """Name the guards that the database lacks, or holds disabled or with another text."""
    if connection.dialect.name == "postgresql":
        return _missing_postgresql(connection)
    return _missing_sqlite(connection)


def _missing_sqlite(connection: Connection) -> list[str]:
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    found = {row.name: row.sql for row in rows}
    wanted = {name: ddl for guard in GUARDS for name, ddl in guard.sqlite.items()}
    return sorted(name for name, ddl in wanted.items() if found.get(name) != ddl)


def _missing_postgresql(connection: Connection) -> list[str]:
    rows = connection.execute(
        text(
            "SELECT t.tgname, c.relname, p.prosrc, t.tgtype FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE c.relnamespace = current_schema()::regnamespace "
            "AND NOT t.tgisinternal AND t.tgenabled = 'A' "
            "AND t.tgqual IS NULL AND t.tgattr::text = ''"
        )
    )
    found = {tuple(row) for row in rows}
    return sorted(
        guard.name
        for guard in GUARDS
        if (guard.name, guard.watched, guard.body, _tgtype(guard)) not in found
    )


def _tgtype(guard: Guard) -> int:
    """Give the bits by which PostgreSQL keeps when a trigger runs (`pg_trigger.tgtype`)."""
    words = guard.when.split(" ON ")[0].split()
    bits = {"BEFORE": 2, "INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
    return sum(bits.get(word, 0) for word in words) + ("FOR EACH ROW" in guard.when)


def unsafe_settings(connection: Connection) -> list[str]:
    """Name the settings of the database under which an acknowledged change may be lost."""
    if connection.dialect.name == "postgresql":
        names = ("fsync", "full_page_writes", "synchronous_commit")
        settings = ", ".join(f"current_setting('{name}')" for name in names)
        values = connection.execute(text(f"SELECT {settings}")).one()
        return [name for name, value in zip(names, values, strict=True) if value == "off"]
    synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    return [] if synchronous >= 2 else ["synchronous"]
