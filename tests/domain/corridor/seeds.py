"""The rules of corridors as they may be spoilt, and the sentences that must notice."""

from collections.abc import Mapping
from datetime import datetime

from app.domain.agreement import authority, readiness, standing
from app.domain.agreement import bar as agreement_bar
from app.domain.agreement.bar import Bar
from app.domain.corridor import bar, cascade, guards, model, moves, passage, status
from app.domain.corridor.model import Corridor
from app.domain.laterality import Kinds
from tests.domain import shared_faults
from tests.domain.corridor import (
    given,
    test_bar,
    test_cascade,
    test_corrections,
    test_moves,
    test_stopping,
    test_who_may,
)
from tests.domain.corridor.table import EVERY_BREAK
from tests.domain.seeding import Seeding, Wrong, always


def _allowed(wish: moves.CorridorWish, *, now: datetime, **_: object) -> moves.CorridorDecision:
    return moves.CorridorDecision(effective_at=now, to=wish.to)


def _by_hand(corridor: Corridor, effective_at: datetime, now: datetime) -> datetime:
    return effective_at


BY_HAND: Mapping[str, Mapping[str, Wrong]] = {
    "decide_status": {"allows everything": _allowed},
    "_asked": {"asks nothing": shared_faults.asking_nothing(moves._asked)},
    "_following": {"follows nothing": lambda decision, *_: decision},
    "may_leave": {"bars nothing": always(Bar(reasons=(), until=None))},
    "bar.shown_to_others": {"shows all": lambda bar, **_: bar},
    "suspension": {
        "suspends nothing": always(None),
        "believes the caller": _by_hand,
        "suspends now": lambda _corridor, _at, now: now,
    },
    "automatic_suspension": {
        "takes it for one by hand": lambda id, at, **_: given.given_change(status.S.SUSPENDED, at)
    },
    **shared_faults.BY_HAND,
}

SEEDING = Seeding(
    rules=(bar, cascade, guards, moves, passage, *shared_faults.RULES),
    questions=(Kinds, Corridor, *shared_faults.QUESTIONS),
    read_by=(authority, agreement_bar, model, readiness, standing, status, given),
    sentences=(
        test_bar,
        test_cascade,
        test_corrections,
        test_stopping,
        test_who_may,
        test_moves,
    ),
    by_hand=BY_HAND,
    only_words=shared_faults.ONLY_WORDS | {"stopping._unmet"},  # no stop of a corridor has guards
    guards=guards.GUARDS,
    machine=status.MACHINE,
    refused=test_moves.test_a_listed_move_is_refused_where_one_guard_fails,
    breaks=EVERY_BREAK,
)
