"""Editing what is no term, no window and no status of an agreement; parties are part of the terms."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from app.access.resource import as_json, warned
from app.agreements.held import Done, Held
from app.agreements.schemas.agreement import AgreementPatch
from app.agreements.services import referring
from app.agreements.services.proposing import area_of, party_list
from app.agreements.services.settling import Settled, require_latest, settle
from app.disclosure.bodies import check_area
from app.domain.agreement.authority import require_may_settle
from app.domain.agreement.proposal import require_proposable
from app.domain.agreement.status import Laterality
from app.domain.errors import Unacceptable
from app.domain.fact import Event
from app.domain.json_value import Json
from app.sources import service as sources

_FIELDS = (
    *("title", "kind", "purpose", "declared_by", "area", "sensitivity", "release_at", "sources"),
)
_REMOVABLE = ("declared_by", "area", "release_at")
_TWO_REASONS = (
    "Parties are part of the terms, and why those change goes on record too; send the area with "
    "the reason of its override in a request of its own."
)
_FROM_RECORDING = ("sensitivity", "release_at")


def edit(held: Held, body: AgreementPatch) -> Done:
    """Change the fields that the patch names; parties are part of the terms."""

    def authority() -> None:
        require_may_settle(held.present, held.organisation)
        referring.require_own(held, body.corrects)

    return held.once(authority=authority, needs_version=True, change=lambda: _edit(held, body))


def _edit(held: Held, body: AgreementPatch) -> Event:
    changed = _changed_fields(held, body)
    if not changed and body.parties is None:
        raise Unacceptable("", "The patch names nothing that could be changed here.")
    at = _effective_at(held, body, changed)
    taken = check_area(held.write.db, held.recorded.operation, area_of(body), body.override)
    if taken.reason and body.parties is not None:
        raise Unacceptable("/override", _TWO_REASONS)
    settled = Settled()
    if body.parties is not None:
        parties = party_list(held.write, body.parties)
        require_proposable(Laterality(held.present.laterality), parties)
        present = held.present
        content = replace(present.content, parties=parties)
        settled = settle(held, content, at)
        require_latest(held, body.corrects, settled.aspects, at)
    set_ = {**changed, **settled.aspects}
    return held.record(
        "edited",
        set_,
        at=at,
        basis=body.basis,
        reason=taken.reason or settled.reason,
        warnings=(*warned(body), *taken.warnings, *settled.warnings),
        replaces=referring.replaced(held, body.corrects, set_),
    )


def _effective_at(held: Held, body: AgreementPatch, changed: dict[str, Any]) -> datetime:
    from_recording = [name for name in _FROM_RECORDING if name in changed]
    if from_recording and body.effective_at is not None:
        raise Unacceptable(
            "/effective_at",
            f"{' and '.join(from_recording)} act from recording. Send them without effective_at.",
        )
    corrects = () if from_recording else body.corrects
    return referring.instant(held, body.effective_at, corrects)


def _changed_fields(held: Held, body: AgreementPatch) -> dict[str, Json]:
    """Return the fields that the patch names, as they will be recorded.

    A changed class clears `release_at` unless the same patch sets it.
    """
    named = [name for name in _FIELDS if name in body.model_fields_set]
    values: dict[str, Json] = {name: _recordable(held, name, body) for name in named}
    if "sensitivity" in values and "release_at" not in values:
        was = held.recorded.fields(held.now)["sensitivity"]
        if values["sensitivity"] != was:
            values["release_at"] = None
    return values


def _recordable(held: Held, name: str, body: AgreementPatch) -> Json:
    value = getattr(body, name)
    if value is None and name not in _REMOVABLE:
        raise Unacceptable(f"/{name}", f"{name} cannot be removed; found null.")
    if name == "declared_by":
        return _declarer(held, value)
    if name in ("area", "release_at"):
        return as_json(value)
    if name == "sources":
        write, operation = held.write, held.recorded.operation
        cited = sources.cited(write.db, write.caller, operation, value)
        return [str(source) for source in cited]
    return str(value)


def _declarer(held: Held, reference: str | None) -> Json:
    found = referring.optional_organisation(held.write.db, reference, "/declared_by")
    if found is not None and held.present.laterality.is_mutual:
        raise Unacceptable("/declared_by", "A mutual agreement is declared by nobody.")
    return str(found) if found else None
