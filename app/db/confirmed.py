"""When the database refuses a `confirmed`: in words of SQL that both databases share.

The service decides by its rules; this looks again, at the rows, before a change to
`confirmed` is stored: whose consent is needed, whose was counted, whether each counted
position bears that out, and whether two persons of two organisations stand behind them.
"""

_NEEDED = (
    "FROM party WHERE party.agreement_id = NEW.agreement_id AND party.since <= NEW.effective_at "
    "AND (party.until IS NULL OR party.until > NEW.effective_at) AND party.role"
)

_COUNTED = "FROM counted_confirmation counted WHERE counted.change_id = NEW.id"

_NOT_COUNTED = (
    f"EXISTS (SELECT 1 {_NEEDED} IN ('required_party', 'executor') AND NOT EXISTS "
    f"(SELECT 1 {_COUNTED} AND counted.organisation_id = party.organisation_id))"
)

_TAKEN_OUT = (
    "EXISTS (SELECT 1 FROM event_replaced WHERE event_replaced.event_id = position.id "
    "AND event_replaced.aspect = 'position:' || CAST(position.id AS TEXT))"
)

_NO_CONFIRMATION = (
    "position.agreement_id <> NEW.agreement_id "
    "OR position.organisation_id <> counted.organisation_id "
    "OR position.stance <> 'confirmed' OR position.stated_at > NEW.effective_at "
    "OR position.form IS NULL OR position.form = 'public_statement' "
    "OR position.valid_until <= NEW.effective_at "
    f"OR {_TAKEN_OUT}"
)

_OTHER_TERMS = (
    "NOT coalesce(position.revision = NEW.revision AND position.terms_hash = NEW.terms_hash, FALSE)"
    " AND NOT EXISTS (SELECT 1 FROM counted_revision WHERE counted_revision.change_id = NEW.id "
    "AND counted_revision.revision = position.revision "
    "AND counted_revision.terms_hash = position.terms_hash)"
)

_NOT_ATTESTED = (
    "(position.recorded_by_organisation_id <> position.organisation_id "
    "OR position.basis = 'inferred') AND (attestation.id IS NULL "
    "OR attestation.position_id <> position.id "
    "OR attestation.holder = position.recorded_by_holder "
    "OR attestation.organisation_id = position.recorded_by_organisation_id)"
)

_UNFOUNDED_ONE = (
    "EXISTS (SELECT 1 FROM counted_confirmation counted "
    "JOIN position ON position.id = counted.position_id "
    "LEFT JOIN attestation ON attestation.id = counted.attestation_id "
    f"WHERE counted.change_id = NEW.id "
    f"AND ({_NO_CONFIRMATION} OR ({_OTHER_TERMS}) OR ({_NOT_ATTESTED})))"
)

_PEOPLE = (
    "SELECT position.recorded_by_holder AS holder, "
    "position.recorded_by_organisation_id AS organisation_id "
    "FROM counted_confirmation counted JOIN position ON position.id = counted.position_id "
    "WHERE counted.change_id = NEW.id "
    "UNION SELECT attestation.holder, attestation.organisation_id "
    "FROM counted_confirmation counted "
    "JOIN attestation ON attestation.position_id = counted.position_id "
    "WHERE counted.change_id = NEW.id"
)

_NOT_TWO_OF_TWO = (
    f"NOT EXISTS (SELECT 1 FROM ({_PEOPLE}) AS one JOIN ({_PEOPLE}) AS other "
    "ON other.holder <> one.holder AND other.organisation_id <> one.organisation_id)"
)

UNFOUNDED = (
    "NEW.status = 'confirmed' AND ("
    f"(SELECT count(DISTINCT party.organisation_id) {_NEEDED} = 'required_party') < 2 "
    f"OR NOT EXISTS (SELECT 1 {_NEEDED} = 'executor') "
    f"OR {_NOT_COUNTED} OR {_UNFOUNDED_ONE} OR {_NOT_TWO_OF_TWO})"
)
"""A status change that its counted positions do not bear out; over NEW, a row of status_change."""

_STATED = (
    "SELECT status_change.status FROM status_change JOIN event ON event.id = status_change.id "
    "WHERE status_change.agreement_id = NEW.id AND NOT EXISTS (SELECT 1 FROM event_replaced "
    "WHERE event_replaced.event_id = event.id AND event_replaced.aspect = 'status') "
    "ORDER BY event.effective_at DESC, event.sequence DESC LIMIT 1"
)

UNSTATED = f"NEW.status <> OLD.status AND NEW.status IS DISTINCT FROM ({_STATED})"
"""A status other than that of the latest change in effect; over NEW and OLD, rows of agreement."""
