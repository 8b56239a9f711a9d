"""An agreement in force with open corridors, made through the services, each step a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from app.access.caller import find_caller
from app.access.write import Write
from app.agreements.held import Held, hold
from app.agreements.schemas.agreement import AgreementIn
from app.agreements.schemas.position import PositionIn
from app.agreements.schemas.status import StatusChangeIn
from app.agreements.schemas.terms import TermsIn
from app.agreements.schemas.window import WindowIn
from app.agreements.services import moving, proposing, settling, stating
from app.corridors import held as corridors
from app.corridors.schemas.corridor import NewCorridor
from app.corridors.schemas.status import CorridorStatusChangeIn
from app.corridors.services import drawing
from app.corridors.services import moving as along
from app.db.session import writing
from app.demo.organisations import ICRC, MOD, UKRAINE
from app.domain.agreement.terms import TermKey
from app.following import put_together
from app.http.versions import etag
from app.sites import service as sites
from app.sites.schemas import NewSite
from tests.faults.world import World

SPEAKERS = {
    MOD: "coordinator-russian-mod",
    UKRAINE: "coordinator-ukraine",
    ICRC: "coordinator-icrc",
}
"""Who must confirm, and by which token it speaks."""
OCHA_DESK = "coordinator-ocha"
LINE = [[37.5413, 47.0951], [37.3119, 47.0563], [35.7084, 47.2555], [35.1171, 47.8517]]


@dataclass(frozen=True, kw_only=True)
class Passage:
    """An agreement, and its corridors, all of them open."""

    agreement: UUID
    corridors: Sequence[UUID]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Whoever writes: the services in the name of one token, as routes call them."""

    engine: Engine
    world: World

    def propose(self, title: str) -> UUID:
        """Propose an agreement."""
        with writing(self.engine) as db:
            body = AgreementIn.model_validate(self.world.proposal(title))
            return proposing.propose(self._write(db), body).recorded.id

    def state(self, agreement: UUID, position: dict[str, Any], *, who: str) -> None:
        """State a position."""
        with writing(self.engine) as db:
            held = hold(agreement, self._write(db, who))
            stating.state_position(held, PositionIn.model_validate(position))

    def confirm(self, agreement: UUID) -> None:
        """Let everybody who must confirm the terms as they are."""
        with writing(self.engine) as db:
            revision = hold(agreement, self._write(db)).present.revision
        for organisation, who in SPEAKERS.items():
            said = {
                "organisation": organisation,
                "position": "confirmed",
                "revision": revision.number,
                "terms_hash": revision.terms_hash,
                "form": "letter",
            }
            self.state(agreement, said, who=who)

    def settle(self, agreement: UUID) -> None:
        """Agree all terms, and a window that is open now."""
        terms: dict[str, Any] = {
            key.value: {"state": "agreed", "text": f"As to {key.value}"} for key in TermKey
        }
        terms["destinations_and_free_choice"]["details"] = {"voluntary": True}
        now = datetime.now(UTC)
        window = {
            "starts_at": (now - timedelta(hours=1)).isoformat(),
            "ends_at": (now + timedelta(hours=12)).isoformat(),
        }
        with writing(self.engine) as db:
            held = self._hold(db, agreement)
            body = TermsIn.model_validate({"terms": terms})
            settling.put_terms(held, body.terms, body)
        with writing(self.engine) as db:
            settling.add_window(self._hold(db, agreement), WindowIn.model_validate(window))

    def to(self, agreement: UUID, status: str, **more: Any) -> None:
        """Move the agreement."""
        body = StatusChangeIn.model_validate(
            {"to": status, "reason": "as_the_record_shows", **more}
        )
        with writing(self.engine) as db:
            moving.change_status(self._hold(db, agreement), body)

    def site(self) -> UUID:
        """Put a place on record."""
        place = {"type": "Point", "coordinates": LINE[0]}
        body = {"operation": self.world.operation, "kind": "besieged_site", "geometry": place}
        with writing(self.engine) as db:
            made = sites.create(
                self._write(db), NewSite.model_validate({"name": "Azovstal", **body})
            )
        return made.id

    def draw(self, body: dict[str, Any]) -> UUID:
        """Draw a corridor."""
        with writing(self.engine) as db:
            return drawing.create(self._write(db), NewCorridor.model_validate(body)).id

    def along(self, corridor: UUID, status: str) -> None:
        """Move a corridor."""
        body = CorridorStatusChangeIn.model_validate({"to": status, "reason": "as_agreed"})
        with writing(self.engine) as db:
            version = corridors.hold(corridor, self._write(db)).version
            held = corridors.hold(corridor, self._write(db, if_match=etag(version)))
            along.change_status(held, body)

    def _hold(self, db: Any, agreement: UUID) -> Held:
        version = hold(agreement, self._write(db)).version
        return hold(agreement, self._write(db, if_match=etag(version)))

    def _write(self, db: Any, who: str = OCHA_DESK, *, if_match: str | None = None) -> Write:
        caller = find_caller(db, self.world.tokens[who])
        assert caller is not None
        return Write(db=db, caller=caller, if_match=if_match)


def given_passage(engine: Engine, world: World, *, corridors: int, geometry: Any = None) -> Passage:
    """Take an agreement into force with so many corridors, and open them all."""
    put_together()
    desk = Desk(engine=engine, world=world)
    agreement = desk.propose("Azovstal")
    for organisation in (MOD, UKRAINE):
        said = {
            "organisation": organisation,
            "position": "in_principle",
            "sources": [world.source],
        }
        desk.state(agreement, said, who=SPEAKERS[organisation])
    desk.to(agreement, "agreed_in_principle")
    desk.settle(agreement)
    ends = {"from_site": str(desk.site()), "to_site": str(desk.site())}
    body = {
        "agreement": str(agreement),
        "name": "Mariupol to Zaporizhzhia",
        "geometry": geometry or {"type": "LineString", "coordinates": LINE},
        **ends,
    }
    drawn = [desk.draw(body) for _ in range(corridors)]
    for corridor in drawn:
        desk.along(corridor, "planned")
    desk.confirm(agreement)
    desk.to(agreement, "confirmed")
    for corridor in drawn:
        desk.along(corridor, "agreed")
    now = datetime.now(UTC).isoformat()
    desk.to(agreement, "in_force", ceasefire_effective_at=now, sources=[world.source])
    for corridor in drawn:
        desk.along(corridor, "open")
    return Passage(agreement=agreement, corridors=drawn)
