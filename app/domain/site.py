"""Words for sites."""

from enum import StrEnum


class SiteKind(StrEnum):
    """What a site is in an evacuation."""

    BESIEGED_SITE = "besieged_site"
    ASSEMBLY_POINT = "assembly_point"
    CHECKPOINT = "checkpoint"
    TRANSIT = "transit"
    RECEPTION = "reception"
    HOSPITAL = "hospital"
    CROSSING = "crossing"
    HANDOVER = "handover"


class SiteStatus(StrEnum):
    """Whether a site takes people."""

    PLANNED = "planned"
    STANDBY = "standby"
    OPEN = "open"
    FULL = "full"
    CLOSED = "closed"
    DESTROYED = "destroyed"
