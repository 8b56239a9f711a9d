"""Settling terms and windows: what the parties are asked to consent to."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid4

from app.agreements import aspects
from app.agreements.held import Done, Held
from app.agreements.schemas.terms import TermIn, TermsIn, TermValue
from app.agreements.schemas.window import WindowIn, WindowPatch
from app.agreements.services import referring
from app.domain.agreement.authority import require_may_settle
from app.domain.agreement.model import Agreement
from app.domain.agreement.revision import TermsDecision, decide_terms
from app.domain.agreement.terms import Content, Term, TermKey
from app.domain.errors import MoveUnknown, OutOfOrder, Unacceptable
from app.domain.fact import Event, Warned
from app.domain.instant import format_instant
from app.domain.json_value import Json
from app.domain.record import canonical
from app.domain.window import NEXT_WINDOW_STATUS, Window, WindowOutcome, WindowStatus
from app.ledger import store as ledger
from app.ledger.reading import NOW
from app.sources import service as sources

_ABOUT_THE_CHANGE = frozenset({"reason", "sources", "corrects", "effective_at", "basis"})

Wish = TermIn | TermsIn | WindowIn | WindowPatch


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What a change of content writes, and what its author must be told."""

    aspects: Mapping[str, Json] = field(default_factory=dict)
    warnings: tuple[Warned, ...] = ()
    reason: str | None = None


def settle(held: Held, content: Content, at: datetime, *, named: Set[str] = frozenset()) -> Settled:
    """Decide what the new content does, and write it as aspects.

    What parties consent to is written only where it changes: an unchanged term at another
    instant would let the terms that are shown differ from the hash that is confirmed.

    Args:
        named: outcomes of windows that the request speaks of; written even where they stay.
    """
    present = held.present
    decision = decide_terms(present, content, at=at)
    all_ = _aspects(replace(content, windows=decision.windows))
    old = _aspects(present.content)
    settable = all_ if decision.revision is not None else _outcomes(all_)
    changed = {n: v for n, v in settable.items() if n in named or not _is_same(old.get(n), v)}
    if decision.revision is not None:
        changed |= dict.fromkeys(old.keys() - all_.keys())
        changed |= aspects.revision(decision.revision)
    if decision.falls_to is not None:
        changed["status"] = {"to": decision.falls_to.value, "automatic": True}
    reason = "terms_changed" if decision.falls_to else None
    return Settled(aspects=changed, warnings=_voided(present, decision), reason=reason)


def _outcomes(values: Mapping[str, Json]) -> dict[str, Json]:
    """Return what the hash does not cover: all that may change where the hash stays."""
    return {name: v for name, v in values.items() if name.startswith("window_outcome:")}


def _is_same(old: Json, new: Json) -> bool:
    """Whether both have the same bytes, as the hash sees them; to Python, true and 1 are equal."""
    return canonical(old) == canonical(new)


def require_latest(
    held: Held, corrects: Sequence[UUID], aspects: Iterable[str], at: datetime
) -> None:
    """Refuse to correct terms that others may have confirmed since, or at another instant.

    Taking an older value out would let the terms of that time differ from the hash of that time.

    Raises:
        OutOfOrder: only the last change of the terms can be corrected, at its own instant.
    """
    covered = {a for a in aspects if a.startswith(("term:", "window:")) or a == "parties"}
    last = held.present.revision.took_effect_at
    for entry in held.recorded.entries:
        is_meant = entry.event in corrects and entry.aspect in covered
        if is_meant and not entry.effective_at == at == last:
            raise OutOfOrder(
                f"Only the last change of the terms can be corrected, at {format_instant(last)}. "
                "Change the terms anew instead."
            )


def _aspects(content: Content) -> dict[str, Json]:
    values: dict[str, Json] = {"parties": aspects.parties(content.parties)}
    for key, term in content.terms.items():
        values[f"term:{key.value}"] = aspects.term(term)
    for window in content.windows:
        values[f"window:{window.id}"] = aspects.window(window)
        values[f"window_outcome:{window.id}"] = aspects.window_outcome(window)
    for route in content.routes:
        values[f"route:{route.corridor}"] = aspects.route(route)
    return values


def _voided(present: Agreement, decision: TermsDecision) -> tuple[Warned, ...]:
    told = []
    if decision.voided:
        names = ", ".join(present.name(organisation) for organisation in decision.voided)
        told.append(
            Warned(
                code="confirmations_voided",
                message=f"The terms changed: the confirmations of {names} are void. Obtain new "
                f"ones of revision {decision.revision.number if decision.revision else '?'}.",
            )
        )
    if decision.falls_to is not None:
        told.append(
            Warned(
                code="status_fell",
                message=f"The agreement was {present.status.to.value} on the old terms; it is now "
                f"{decision.falls_to.value}.",
            )
        )
    return tuple(told)


def put_terms(held: Held, wanted: Mapping[TermKey, TermValue], body: TermIn | TermsIn) -> Done:
    """Set several terms at once: one event, and one revision at most."""

    def content(present: Agreement) -> Content:
        terms = dict(present.terms) | {key: _term(value) for key, value in wanted.items()}
        return replace(present.content, terms=terms)

    return _settled(held, body, content, kind="terms_changed")


def _term(value: TermValue) -> Term:
    return Term(state=value.state, text=value.text, details=value.details)


def add_window(held: Held, body: WindowIn) -> tuple[Done, UUID]:
    """Add a window; where all else stays and it is later, it extends what was confirmed."""
    window = Window(
        id=uuid4(),
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        tz=body.tz or _zone(held),
        as_announced=body.as_announced,
        direction=body.direction,
        corridor=body.corridor,
    )

    def content(present: Agreement) -> Content:
        if body.status is not WindowStatus.SCHEDULED or body.outcome is not None:
            raise Unacceptable("/status", "A window begins as scheduled, without an outcome.")
        _require_sound(window)
        referring.require_corridor(held, window.corridor)
        return replace(present.content, windows=(*present.windows, window))

    made = _settled(held, body, content, kind="window_added")
    return made, window_of(made.event)


def _zone(held: Held) -> str:
    """Return the operation's own zone, in which people there read their clocks."""
    tz = ledger.look_up(held.write.db, held.recorded.operation, "tz", NOW)
    return str(tz.value) if tz else "UTC"


def window_of(event: Event) -> UUID:
    """Return the window that an event is about."""
    named = (n for n in event.fact.aspects if n.startswith(("window:", "window_outcome:")))
    return UUID(next(named).partition(":")[2])


def patch_window(held: Held, window_id: UUID, body: WindowPatch) -> Done:
    """Change a window, or report what became of it."""
    old = next(w for w in held.present.windows if w.id == window_id)
    named = _outcomes_named(window_id, body)

    def content(present: Agreement) -> Content:
        if not body.model_fields_set - _ABOUT_THE_CHANGE:
            raise Unacceptable("", "The patch names nothing that could be changed here.")
        new = _patched(old, body)
        _require_sound(new)
        referring.require_corridor(held, new.corridor)
        _require_listed(_without_corrected(held, old, body.corrects), new)
        windows = tuple(new if w.id == window_id else w for w in present.windows)
        return replace(present.content, windows=windows)

    return _settled(held, body, content, kind="window_changed", named=named)


def _outcomes_named(window_id: UUID, body: WindowPatch) -> set[str]:
    is_named = bool(body.model_fields_set & {"status", "outcome"})
    return {f"window_outcome:{window_id}"} if is_named else set()


def _patched(old: Window, body: WindowPatch) -> Window:
    values = {name: getattr(body, name) for name in body.model_fields_set - _ABOUT_THE_CHANGE}
    for name in ("starts_at", "ends_at", "tz", "status"):
        if name in values and values[name] is None:
            raise Unacceptable(f"/{name}", f"{name} cannot be removed; found null.")
    return replace(old, **values)


def _without_corrected(held: Held, window: Window, corrects: Sequence[UUID]) -> Window:
    """Return the window as it was reported but for what is corrected: a wrong report binds nobody."""
    if not corrects:
        return window
    said = [
        e
        for e in held.recorded.entries
        if e.aspect == f"window_outcome:{window.id}" and e.event not in corrects
    ]
    value = aspects.members(said[-1]) if said else {}
    return replace(
        window,
        status=WindowStatus(value.get("status", WindowStatus.SCHEDULED)),
        outcome=WindowOutcome(value["outcome"]) if value.get("outcome") else None,
    )


def _require_sound(window: Window) -> None:
    if window.ends_at <= window.starts_at:
        raise Unacceptable(
            "/ends_at",
            f"Found {format_instant(window.ends_at)}, expected a time after starts_at, "
            f"{format_instant(window.starts_at)}.",
        )


def _require_listed(old: Window, new: Window) -> None:
    if new.status is not old.status and new.status not in NEXT_WINDOW_STATUS[old.status]:
        possible = ", ".join(sorted(NEXT_WINDOW_STATUS[old.status])) or "nothing else"
        raise MoveUnknown(
            f"A window that is {old.status.value} cannot become {new.status.value}. "
            f"It may become: {possible}."
        )
    if new.outcome is not None and new.status is WindowStatus.SCHEDULED:
        raise Unacceptable("/outcome", "A window that is only scheduled has no outcome yet.")


def _settled(
    held: Held,
    body: Wish,
    content: Callable[[Agreement], Content],
    *,
    kind: str,
    named: Set[str] = frozenset(),
) -> Done:
    corrects = () if isinstance(body, WindowIn) else tuple(body.corrects)

    def authority() -> None:
        require_may_settle(held.present, held.organisation)
        referring.require_own(held, corrects)

    def change() -> Event:
        at = referring.instant(held, body.effective_at, corrects)
        settled = settle(held, content(held.present), at, named=named)
        require_latest(held, corrects, settled.aspects, at)
        cited = sources.cited(
            held.write.db, held.write.caller, held.recorded.operation, body.sources
        )
        return held.record(
            kind,
            settled.aspects,
            at=at,
            basis=body.basis,
            reason=settled.reason or body.reason,
            sources=cited,
            warnings=settled.warnings,
            replaces=referring.replaced(held, corrects, settled.aspects),
        )

    return held.once(authority=authority, needs_version=True, change=change)
