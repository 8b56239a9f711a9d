"""May anybody leave by it? The bar of a corridor, its windows, and what needs a human."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.agreement.bar import do_not_move
from app.domain.agreement.model import Agreement, Stance
from app.domain.agreement.route import Mode
from app.domain.agreement.status import Status
from app.domain.corridor.bar import attention, may_leave, next_change, shown_to_others
from app.domain.corridor.model import Corridor
from app.domain.corridor.status import CorridorStatus
from app.domain.laterality import Laterality
from app.domain.window import Direction, WindowStatus
from tests.domain.agreement.given import (
    CONFIRMATIONS,
    ENDS_AT,
    LATER_TODAY,
    MOD,
    NOON,
    OVER_AT,
    STARTS_AT,
    WINDOW,
    april,
    given_position,
    given_window,
    saying,
)
from tests.domain.corridor.given import (
    LINE,
    OTHER,
    ROUTE,
    given_agreement,
    given_corridor,
    given_declaration,
    naming,
)

S = CorridorStatus
MOMENT = timedelta(microseconds=1)
NOTHING = given_agreement(Status.SUSPENDED, positions=(), windows=())


def reasons(
    corridor: Corridor | None = None,
    agreement: Agreement | None = None,
    at: datetime = NOON,
) -> list[str]:
    bar = may_leave(corridor or given_corridor(), agreement or given_agreement(), at)
    return [r.code for r in bar.reasons]


# May anybody leave


@pytest.mark.parametrize("status", [S.OPEN, S.RESTRICTED])
def test_an_open_corridor_of_an_agreement_that_stands_is_the_green_light(
    status: CorridorStatus,
) -> None:
    assert reasons(given_corridor(status)) == []


@pytest.mark.parametrize("status", [s for s in S if s not in (S.OPEN, S.RESTRICTED, S.DECLARED)])
def test_nobody_leaves_by_a_corridor_that_is_not_open(status: CorridorStatus) -> None:
    assert reasons(given_corridor(status)) == ["corridor_not_open"]


def test_what_is_over_asks_for_a_new_corridor() -> None:
    bar = may_leave(given_corridor(S.CLOSED), given_agreement(), NOON)
    assert bar.reasons[0].message.startswith("The corridor is closed, neither open nor restricted")
    assert bar.reasons[0].message.endswith("Draw a new one.")


def test_every_reason_is_listed_at_once() -> None:
    corridor = given_corridor(S.SUSPENDED, line=None, from_site=None)
    assert reasons(corridor, NOTHING) == [
        "agreement_not_in_force",
        "party_not_confirmed",
        "party_not_confirmed",
        "executor_not_confirmed",
        "two_persons_missing",
        "no_window",
        "corridor_not_open",
        "route_invalid",
        "ends_unknown",
    ]


@pytest.mark.parametrize("laterality", [Laterality.UNILATERAL, Laterality.IMPOSED])
def test_what_one_side_declared_never_gives_the_green_light(laterality: Laterality) -> None:
    agreement = replace(given_declaration(), laterality=laterality)
    assert reasons(given_corridor(laterality=laterality), agreement) == ["consent_not_mutual"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (STARTS_AT - MOMENT, ["window_not_begun"]),
        (STARTS_AT, []),
        (ENDS_AT - MOMENT, []),
        (ENDS_AT, ["window_over"]),
    ],
)
def test_a_window_bars_before_its_start_and_from_its_end(at: datetime, expected: list[str]) -> None:
    assert reasons(at=at) == expected


def test_without_windows_of_its_own_it_is_barred_as_its_agreement_is() -> None:
    for agreement in (given_agreement(), NOTHING, given_declaration(), given_agreement(windows=[])):
        bar = may_leave(given_corridor(), agreement, NOON)
        assert bar == do_not_move(agreement, NOON)


# Its windows


OWN = naming(WINDOW)
ANOTHER = naming(WINDOW, OTHER)
OWN_LATER = naming(LATER_TODAY)


def test_a_window_of_its_own_that_never_opened_leaves_it_none_of_the_others() -> None:
    never = naming(given_window(status=WindowStatus.NOT_OPENED))
    assert reasons(agreement=given_agreement(windows=[WINDOW, never])) == ["no_window"]


def test_it_is_barred_in_a_window_of_another_corridor() -> None:
    windows = [ANOTHER, OWN_LATER]
    assert reasons(agreement=given_agreement(windows=windows)) == ["window_not_begun"]


def test_the_agreement_stands_by_any_window_and_the_corridor_is_judged_by_its_own() -> None:
    over = replace(OWN, ends_at=OVER_AT)
    assert reasons(agreement=given_agreement(windows=[WINDOW, over])) == ["window_over"]


# Until


def instants(corridor: Corridor, agreement: Agreement) -> list[datetime]:
    found = [NOON]
    while (until := may_leave(corridor, agreement, found[-1]).until) is not None:
        found.append(until)
    return found[1:]


def test_a_bar_holds_until_the_next_known_instant_at_which_it_may_change() -> None:
    limited = given_position(MOD, Stance.CONFIRMED, valid_until=april(30, 14))
    windows = [replace(WINDOW, ends_at=april(30, 16)), replace(OWN, ends_at=april(30, 15))]
    agreement = given_agreement(positions=[limited, *CONFIRMATIONS[1:]], windows=windows)
    expected = [april(30, 14), april(30, 15), april(30, 16)]
    assert instants(given_corridor(), agreement) == expected


def test_a_window_of_another_corridor_matters_only_while_the_agreement_stands_by_it() -> None:
    other = replace(ANOTHER, starts_at=april(30, 13), ends_at=april(30, 16))
    agreement = given_agreement(windows=[OWN, other])
    assert instants(given_corridor(), agreement) == [ENDS_AT]
    longer = replace(ANOTHER, starts_at=april(30, 13), ends_at=ENDS_AT + MOMENT)
    agreement = given_agreement(windows=[OWN, longer])
    assert instants(given_corridor(), agreement) == [ENDS_AT, ENDS_AT + MOMENT]


def test_what_no_clock_changes_has_no_end() -> None:
    assert next_change(given_corridor(), NOTHING, NOON) is None


# To others


def shown(corridor: Corridor, agreement: Agreement) -> list[str]:
    return [r.code for r in shown_to_others(may_leave(corridor, agreement, NOON)).reasons]


def test_to_others_all_reasons_of_the_agreement_read_as_one() -> None:
    assert shown(given_corridor(S.SUSPENDED), NOTHING) == [
        "agreement_not_in_force",
        "corridor_not_open",
    ]


@pytest.mark.parametrize("status", [S.SUSPENDED, S.OPEN])
@pytest.mark.parametrize("missing", [{"line": None}, {"from_site": None}, {}])
def test_to_others_what_is_drawn_of_a_hidden_corridor_does_not_show(
    status: CorridorStatus, missing: dict[str, Any]
) -> None:
    expected = ["corridor_not_open"] if missing or status is S.SUSPENDED else []
    assert shown(given_corridor(status, **missing), given_agreement()) == expected


def test_a_route_that_is_not_in_the_terms_bars() -> None:
    without = replace(given_agreement(), routes=())
    assert reasons(agreement=without) == ["route_not_in_terms"]


@pytest.mark.parametrize(
    "other",
    [
        {"geometry": LINE[1:]},
        {"width_m": 50.0},
        {"direction": Direction.IN},
        {"mode": Mode.FOOT},
        {"sites": ROUTE.sites[:1]},
    ],
)
def test_a_route_that_is_drawn_otherwise_than_it_was_agreed_bars(other: dict[str, Any]) -> None:
    agreement = replace(given_agreement(), routes=(replace(ROUTE, **other),))
    assert reasons(agreement=agreement) == ["route_not_in_terms"]


@pytest.mark.parametrize(
    ("window", "corridor", "codes"),
    [
        (Direction.OUT, Direction.OUT, []),
        (Direction.BOTH, Direction.OUT, []),
        (None, Direction.OUT, []),
        (Direction.IN, Direction.OUT, ["no_window"]),
        (Direction.OUT, Direction.BOTH, ["no_window"]),
    ],
)
def test_a_window_lets_people_pass_in_its_own_direction(
    window: Direction | None, corridor: Direction, codes: list[str]
) -> None:
    agreement = replace(
        given_agreement(windows=[replace(WINDOW, direction=window)]),
        routes=(replace(ROUTE, direction=corridor),),
    )
    drawn = replace(given_corridor(), direction=corridor)
    assert reasons(drawn, agreement) == codes


def test_to_others_a_corridor_that_only_is_not_open_says_nothing_of_its_agreement() -> None:
    assert shown(given_corridor(S.BLOCKED), given_agreement()) == ["corridor_not_open"]


def test_to_others_one_sided_consent_still_says_so() -> None:
    corridor = given_corridor(S.DECLARED, laterality=Laterality.UNILATERAL)
    assert shown(corridor, given_declaration(Status.DECLARED)) == [
        "consent_not_mutual",
        "agreement_not_in_force",
        "corridor_not_open",
    ]


@pytest.mark.parametrize("status", [S.SUSPENDED, S.OPEN])
def test_to_others_the_hours_show_only_while_nothing_bars(status: CorridorStatus) -> None:
    bar = may_leave(given_corridor(status), given_agreement(), NOON)
    assert bar.until == ENDS_AT
    assert shown_to_others(bar).until == (ENDS_AT if status is S.OPEN else None)


# Attention


def called(
    corridor: Corridor, agreement: Agreement, reciprocal: CorridorStatus | None = None
) -> Sequence[str]:
    return [w.code for w in attention(corridor, agreement, NOON, reciprocal)]


@pytest.mark.parametrize("status", [S.OPEN, S.RESTRICTED])
def test_an_open_corridor_whose_agreement_no_longer_stands_calls_for_attention(
    status: CorridorStatus,
) -> None:
    withdrawn = given_position(MOD, Stance.WITHDRAWN, at=OVER_AT)
    agreement = saying(given_agreement(), withdrawn)
    (warned,) = attention(given_corridor(status), agreement, NOON)
    assert warned.code == "party_not_confirmed"
    assert warned.message.startswith(f"{status}, but: Russian MoD counts as withdrawn")


def test_an_open_corridor_whose_agreement_is_not_in_force_calls_for_attention() -> None:
    agreement = given_agreement(Status.CONFIRMED)
    assert called(given_corridor(), agreement) == ["agreement_not_in_force"]


def test_an_open_corridor_past_its_own_last_window_calls_for_attention() -> None:
    over = replace(OWN, ends_at=OVER_AT)
    assert called(given_corridor(), given_agreement(windows=[WINDOW, over])) == ["window_over"]


def test_between_two_windows_an_open_corridor_needs_no_attention() -> None:
    assert called(given_corridor(), given_agreement(windows=[LATER_TODAY])) == []


def test_what_stands_needs_no_attention() -> None:
    assert called(given_corridor(), given_agreement(), S.OPEN) == []
    assert called(given_corridor(), given_agreement(), S.AGREED) == []


@pytest.mark.parametrize("status", [s for s in S if s not in (S.OPEN, S.RESTRICTED)])
def test_a_corridor_that_promises_nothing_needs_no_attention(status: CorridorStatus) -> None:
    assert called(given_corridor(status), NOTHING) == []


STOPPED = (S.SUSPENDED, S.BLOCKED, S.CLOSED, S.CANCELLED)


@pytest.mark.parametrize("reciprocal", STOPPED)
@pytest.mark.parametrize("status", STOPPED)
def test_where_both_ways_have_stopped_neither_tells_of_the_other(
    status: CorridorStatus, reciprocal: CorridorStatus
) -> None:
    assert called(given_corridor(status), given_agreement(), reciprocal) == []


@pytest.mark.parametrize("reciprocal", STOPPED)
@pytest.mark.parametrize("status", [s for s in S if s not in STOPPED])
def test_when_the_way_back_stops_the_way_there_calls_for_attention(
    status: CorridorStatus, reciprocal: CorridorStatus
) -> None:
    assert called(given_corridor(status), given_agreement(), reciprocal) == ["reciprocal_stopped"]
