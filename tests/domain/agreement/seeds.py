"""The rules of agreements as they may be spoilt, and the sentences that must notice."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.domain import laterality, window
from app.domain.agreement import (
    authority,
    bar,
    counting,
    guards,
    model,
    moves,
    proposal,
    readiness,
    revision,
    route,
    standing,
    statement,
    status,
    terms,
)
from app.domain.agreement.bar import Bar
from app.domain.agreement.counting import Word
from app.domain.agreement.model import Agreement, Person, Position, Stance
from app.domain.agreement.revision import TermsDecision
from app.domain.agreement.statement import Stated
from app.domain.agreement.terms import Content
from app.domain.laterality import Kinds, Laterality
from app.domain.organisation import Organisation
from app.domain.window import Window
from tests.domain import shared_faults, test_window
from tests.domain.agreement import (
    given,
    test_corrections,
    test_moves,
    test_positions,
    test_revisions,
    test_routes,
    test_standing,
    test_stopping,
    test_who_may,
)
from tests.domain.agreement.table import EVERY_BREAK
from tests.domain.seeding import Seeding, Wrong, always


def _confirmed(agreement: Agreement, organisation: UUID, at: datetime) -> Word:
    """Count whatever was said last, and silence too, as confirmed."""
    said = [p for p in agreement.positions if p.organisation == organisation and p.stated_at <= at]
    return Word(
        organisation=organisation,
        name=agreement.name(organisation),
        position=said[-1] if said else None,
        counts_as=Stance.CONFIRMED,
        counts=True,
        covers=agreement.revision.number,
        people=tuple(p.recorded_by for p in said),
    )


def _all_said(agreement: Agreement, organisation: UUID, at: datetime) -> list[Position]:
    return [p for p in reversed(agreement.positions) if p.organisation == organisation]


def _kept(
    _agreement: Agreement, wish: Position, *, now: datetime, corrects: bool = False
) -> Stated:
    return Stated(position=wish)


def _unnoticed(agreement: Agreement, content: Content, *, at: datetime) -> TermsDecision:
    return TermsDecision(windows=content.windows)


def _in_place(agreement: Agreement, content: Content, at: datetime) -> TermsDecision:
    decision = TermsDecision(windows=content.windows)
    return replace(decision, revision=agreement.revision)


def _allowed(wish: moves.StatusWish, *, now: datetime, **_: object) -> moves.StatusDecision:
    return moves.StatusDecision(effective_at=now, to=wish.to)


BY_HAND: Mapping[str, Mapping[str, Wrong]] = {
    "word_of": {"counts every word as confirmed": _confirmed},
    "_said": {"lets all that was ever said speak": _all_said},
    "_counts_as": {"counts everything as confirmed": always(Stance.CONFIRMED)},
    "decide_position": {"keeps everything as it is": _kept},
    "_stop": {"keeps everything as it is": lambda wish, _now: Stated(position=wish)},
    "decide_terms": {"notices no change": _unnoticed},
    "_edited_in_place": {"keeps the hash": _in_place},
    "_extended": {"keeps the hash": _in_place},
    "_new_revision": {"keeps the hash": _in_place},
    "_marked": {"believes the caller": lambda _agreement, content, _number: content.windows},
    "counted_windows": {"counts every window": lambda agreement, _at: agreement.windows},
    "windows_of": {"takes every window for its own": lambda agreement, *_: agreement.windows},
    "_settled_windows": {"takes every window for settled": lambda agreement: agreement.windows},
    "decide_status": {"allows everything": _allowed},
    "_asked": {"asks nothing": shared_faults.asking_nothing(moves._asked)},
    "do_not_move": {"bars nothing": always(Bar(reasons=(), until=None))},
    "looked_ahead": {"knows the future": lambda bar, *_: bar},
    "shown_to_others": {"shows all": lambda bar, **_: bar},
    **shared_faults.BY_HAND,
}

ONLY_WORDS = shared_faults.ONLY_WORDS | {
    "_unmet",  # guards: builds one entry
    "_two_persons_missing",
    "_unconfirmed",
}

SEEDING = Seeding(
    rules=(
        authority,
        bar,
        counting,
        guards,
        moves,
        proposal,
        revision,
        standing,
        statement,
        *shared_faults.RULES,
    ),
    questions=(
        Kinds,
        Laterality,
        Organisation,
        Person,
        Position,
        Window,
        Word,
        *shared_faults.QUESTIONS,
    ),
    read_by=(laterality, model, readiness, route, status, terms, window, given),
    sentences=(
        test_standing,
        test_positions,
        test_revisions,
        test_routes,
        test_stopping,
        test_corrections,
        test_who_may,
        test_window,
        test_moves,
    ),
    by_hand=BY_HAND,
    only_words=ONLY_WORDS,
    guards=guards.GUARDS,
    machine=status.MACHINE,
    refused=test_moves.test_a_listed_move_is_refused_where_one_guard_fails,
    breaks=EVERY_BREAK,
)
