"""Words for sources of evidence."""

from enum import StrEnum


class SourceKind(StrEnum):
    """Where evidence comes from."""

    PARTY_STATEMENT = "party_statement"
    UN = "un"
    ICRC = "icrc"
    MEDIA = "media"
    FIELD_REPORT = "field_report"
    SATELLITE = "satellite"


class Reliability(StrEnum):
    """How reliable a source is, from completely (A) to cannot be judged (F).

    Source: the Admiralty code, as in NATO AJP-2.1.
    """

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"
