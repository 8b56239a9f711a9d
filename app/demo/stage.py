"""Who acts in the case, and how: each step takes the way that a request takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.access.write import Write
from app.agreements.held import Done, Held, hold
from app.agreements.schemas.agreement import AgreementIn
from app.agreements.schemas.position import AttestationIn, PositionIn
from app.agreements.schemas.status import StatusChangeIn
from app.agreements.schemas.terms import TermsIn
from app.agreements.schemas.window import WindowIn, WindowPatch
from app.agreements.services import moving, proposing, settling, stating
from app.contacts import service as contacts
from app.contacts.schemas import NewContact
from app.corridors import held as corridors
from app.corridors.schemas.corridor import NewCorridor
from app.corridors.schemas.status import CorridorStatusChangeIn
from app.corridors.services import drawing
from app.corridors.services import moving as moving_corridors
from app.http.versions import etag
from app.ledger import store as ledger
from app.organisations import service as organisations
from app.sites import service as sites
from app.sites.schemas import NewSite

Body = Mapping[str, Any]


@dataclass(kw_only=True)
class Stage:
    """One transaction in which the case is replayed.

    Attributes:
        callers: by the name of their token.
        sources: ids of what has been recorded as evidence, by the names of `evidence.SOURCES`.
        sites: ids of the places that have been recorded, by the names of `places.SITES`.
    """

    db: Session
    callers: Mapping[str, Caller]
    sources: dict[str, UUID] = field(default_factory=dict)
    sites: dict[str, UUID] = field(default_factory=dict)

    def write(self, who: str, *, version: int | None = None) -> Write:
        """Return a write of one caller, on the version that it has just read."""
        if_match = etag(version) if version is not None else None
        return Write(db=self.db, caller=self.callers[who], if_match=if_match)

    def _held(self, who: str, agreement: UUID) -> Held:
        state = ledger.lock(self.db, agreement)
        return hold(agreement, self.write(who, version=state.version if state else None))

    def _body(self, body: Body) -> dict[str, Any]:
        """Put the ids of sources where a step names them."""
        named = body.get("sources", [])
        return {**body, "sources": [self.sources[name] for name in named]}

    def propose(self, who: str, body: Body) -> UUID:
        """Propose an agreement."""
        made = proposing.propose(self.write(who), AgreementIn.model_validate(self._body(body)))
        return made.recorded.id

    def state(self, who: str, agreement: UUID, body: Body) -> UUID:
        """State a position."""
        wish = PositionIn.model_validate(self._body(body))
        return stating.state_position(self._held(who, agreement), wish).event.fact.id

    def confirm(self, who: str, agreement: UUID, organisation: str, *, at: str) -> UUID:
        """State the confirmation that a later event lets infer; nobody knows in which form."""
        revision = self._held(who, agreement).present.revision
        own = organisations.resolve(self.db, organisation) == self.callers[who].organisation
        return self.state(
            who,
            agreement,
            {
                "organisation": organisation,
                "position": "confirmed",
                "revision": revision.number,
                "terms_hash": revision.terms_hash,
                "form": "not_known",
                "stated_at": at,
                "relayed_by": None if own else str(self.callers[who].organisation),
                "sources": ["un-29-april"],
                "basis": "inferred",
            },
        )

    def attest(self, who: str, agreement: UUID, position: UUID) -> None:
        """Attest a position."""
        held = self._held(who, agreement)
        found = next(p for p in held.present.positions if p.id == position)
        stating.attest(held, found, AttestationIn.model_validate({"basis": "inferred"}))

    def talk(self, who: str, agreement: UUID, body: Body) -> UUID:
        """Put talks on record."""
        write = self.write(who)
        operation = self._held(who, agreement).recorded.operation
        wish = NewContact.model_validate(body)
        return contacts.create(write, agreement=agreement, operation=operation, body=wish).id

    def settle(self, who: str, agreement: UUID, body: Body) -> Done:
        """Set terms."""
        wish = TermsIn.model_validate(self._body(body))
        return settling.put_terms(self._held(who, agreement), wish.terms, wish)

    def window(self, who: str, agreement: UUID, body: Body) -> UUID:
        """Add a window."""
        wish = WindowIn.model_validate(self._body(body))
        return settling.add_window(self._held(who, agreement), wish)[1]

    def report_window(self, who: str, agreement: UUID, window: UUID, body: Body) -> None:
        """Report what became of a window."""
        wish = WindowPatch.model_validate(self._body(body))
        settling.patch_window(self._held(who, agreement), window, wish)

    def move(self, who: str, agreement: UUID, body: Body) -> None:
        """Change a status."""
        wish = StatusChangeIn.model_validate(self._body(body))
        moving.change_status(self._held(who, agreement), wish)

    def site(self, who: str, body: Body) -> UUID:
        """Put a site on record."""
        return sites.create(self.write(who), NewSite.model_validate(self._body(body))).id

    def corridor(self, who: str, body: Body) -> UUID:
        """Draw a corridor between sites that have been recorded."""
        named: dict[str, Any] = {name: self.sites[body[name]] for name in ("from_site", "to_site")}
        named["waypoints"] = [self.sites[name] for name in body.get("waypoints", [])]
        return drawing.create(
            self.write(who), NewCorridor.model_validate({**self._body(body), **named})
        ).id

    def move_corridor(self, who: str, corridor: UUID, body: Body) -> None:
        """Change the status of a corridor."""
        held = corridors.lock(self.write(who), corridor)
        if held is None:
            raise LookupError("a corridor of the case is not known to whoever moves it")
        held = replace(held, write=self.write(who, version=held.version))
        wish = CorridorStatusChangeIn.model_validate(self._body(body))
        moving_corridors.change_status(held, wish)
