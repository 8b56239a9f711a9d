"""What each audience sees of a corridor: its own fields, and whom of others it may name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.resource import Values
from app.corridors.recorded import status_in
from app.disclosure.columns import CORRIDORS
from app.disclosure.following import Entries
from app.disclosure.places import Recorded as Place
from app.disclosure.places import cell_width_m, classed, evidence
from app.domain.disclosure import Classed, Precision
from app.domain.laterality import Laterality, consent_basis
from app.domain.policy import Audience
from app.ledger import store as ledger
from app.ledger.reading import NOW, winners

COLLECTION = CORRIDORS
_ALL = ("operation", "direction", "mode")
_EXACT = ("name", "mine_clearance")
_NUMBERS = ("width_m", "length_m")
_OPERATIONAL = ("sensitivity", "release_at")
_ENDS = ("from_site", "to_site")


@dataclass(frozen=True, kw_only=True)
class Others:
    """What corridors name besides themselves: how sensitive it is now, and on whose consent it is.

    Attributes:
        rights: class and release of sites, of agreements and of other corridors.
        basis: the consent basis of agreements.
    """

    rights: Mapping[UUID, Classed]
    basis: Mapping[UUID, str] = field(default_factory=dict)

    def sees_place(self, id: str | None, audience: Audience, now: datetime) -> bool:
        """Tell whether an audience may know of a site or corridor."""
        place = self.rights.get(UUID(id)) if id else None
        return place is not None and place.precision(audience, now) is not None

    def sees_agreement(self, id: str, audience: Audience, now: datetime) -> bool:
        """Tell whether an audience may know of an agreement, at least in outline."""
        if audience is Audience.OPERATIONAL:
            return True
        return self.sees_place(id, Audience.PUBLIC, now) and _is_out(self.rights[UUID(id)], now)


def _is_out(agreement: Classed, now: datetime) -> bool:
    return agreement.precision(Audience.PUBLIC, now) is Precision.EXACT


def told(db: Session, entries: Entries, rights: Mapping[UUID, Classed]) -> dict[UUID, Place]:
    """Give corridors from their entries, with the class and release of now of all they name."""
    named = {corridor: _named(found) for corridor, found in entries.items()}
    others = _others(db, {id for ids in named.values() for id in ids})
    return {
        corridor: Place(
            id=corridor,
            entries=found,
            classed=rights[corridor],
            compose=_Composed(others),
            moments=[
                at
                for id in named[corridor]
                if id in others.rights and (at := others.rights[id].release_at) is not None
            ],
        )
        for corridor, found in entries.items()
    }


def _named(entries: Iterable[ledger.Entry]) -> set[UUID]:
    found: set[UUID] = set()
    for entry in entries:
        if entry.aspect in {"agreement", "reciprocal_of", *_ENDS} and entry.value:
            found.add(UUID(cast(str, entry.value)))
        elif entry.aspect == "waypoints":
            found |= {UUID(site) for site in cast(list[str], entry.value or [])}
    return found


def _others(db: Session, ids: set[UUID]) -> Others:
    names = ("sensitivity", "release_at", "laterality")
    found = ledger.entries(db, sorted(ids), NOW, names=names)
    known = {id: entries for id, entries in found.items() if entries}
    held = {id: winners(entries) for id, entries in known.items()}
    return Others(
        rights={id: classed(entries) for id, entries in known.items()},
        basis={
            id: consent_basis(Laterality(cast(str, aspects["laterality"].value))).value
            for id, aspects in held.items()
            if "laterality" in aspects
        },
    )


class _Composed:
    """The properties of corridors."""

    def __init__(self, others: Others) -> None:
        self._others = others

    def __call__(
        self, values: Values, precision: Precision, audience: Audience, now: datetime
    ) -> dict[str, Any]:
        agreement = cast(str, values["agreement"])
        known = self._others.sees_agreement(agreement, audience, now)
        shown: dict[str, Any] = {
            **{name: values[name] for name in _ALL},
            "agreement": agreement if known else None,
            "consent_basis": self._others.basis[UUID(agreement)],
            "status": status_in(cast("dict[str, Any] | None", values["status"])).value,
        }
        if precision is Precision.EXACT:
            shown |= self._exact(values, audience, now)
        else:
            shown["precision_m"] = cell_width_m(precision)
        if audience is Audience.OPERATIONAL:
            shown |= {name: values[name] for name in _OPERATIONAL} | evidence(values)
        return shown

    def _exact(self, values: Values, audience: Audience, now: datetime) -> dict[str, Any]:
        def seen(id: str | None) -> str | None:
            return id if self._others.sees_place(id, audience, now) else None

        waypoints = cast(Sequence[str], values["waypoints"] or [])
        return {
            **{name: values[name] for name in _EXACT},
            **{name: _number(values[name]) for name in _NUMBERS},
            **{name: seen(cast("str | None", values[name])) for name in _ENDS},
            "waypoints": [site for site in waypoints if seen(site)],
            "reciprocal_of": seen(cast("str | None", values["reciprocal_of"])),
        }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
