"""What a file for a device may say: every doubt falls to "do not move"."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.device import NO_END, NOT_PRESENT, NOT_THE_WAY, UNTOLD, advice
from app.domain.instant import format_instant

NOON = datetime(2022, 4, 30, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=3)
FREE = {"reasons": [], "until": format_instant(LATER)}
STOPPED = {"reasons": [{"code": "window_over", "message": "The window is over."}], "until": None}


def said(do_not_move: Any = FREE, **changes: Any) -> tuple[tuple[str, ...], datetime | None]:
    asked: dict[str, Any] = {"is_exact": True, "is_present": True, "read_at": NOON} | changes
    told = advice(do_not_move, **asked)
    return told.reasons, told.until


def test_people_may_move_where_nothing_bars_it_until_then() -> None:
    assert said() == ((), LATER)


@pytest.mark.parametrize(
    ("doubt", "reason"),
    [
        ({"do_not_move": None}, UNTOLD),
        ({"do_not_move": {}}, UNTOLD),
        ({"do_not_move": STOPPED}, "The window is over."),
        ({"do_not_move": FREE | {"until": None}}, NO_END),
        ({"do_not_move": FREE | {"until": format_instant(NOON)}}, NO_END),
        ({"read_at": LATER}, NO_END),
        ({"is_exact": False}, NOT_THE_WAY),
        ({"is_present": False}, NOT_PRESENT),
    ],
)
def test_one_doubt_is_enough(doubt: dict[str, Any], reason: str) -> None:
    assert said(**doubt) == ((reason,), None)


@given(
    do_not_move=st.one_of(
        st.none(),
        st.fixed_dictionaries(
            {},
            optional={
                "reasons": st.lists(st.just({"code": "a", "message": "No."}), max_size=2),
                "until": st.one_of(
                    st.none(),
                    st.integers(-3, 3).map(lambda h: format_instant(NOON + timedelta(hours=h))),
                ),
            },
        ),
    ),
    is_exact=st.booleans(),
    is_present=st.booleans(),
)
def test_it_says_until_when_or_why_not(do_not_move: Any, is_exact: bool, is_present: bool) -> None:
    reasons, until = said(do_not_move, is_exact=is_exact, is_present=is_present)
    assert (until is None) == bool(reasons)
    if until is not None:
        assert is_exact
        assert is_present
        assert until > NOON
        assert do_not_move["reasons"] == []
