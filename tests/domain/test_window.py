"""Windows are half-open: people may move from the start on, and at the end no more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.window import (
    NEXT_WINDOW_STATUS,
    WindowOutcome,
    WindowStatus,
    last_end,
    next_boundary,
)
from tests.domain.agreement.given import ENDS_AT, MAY_DAY, NOON, STARTS_AT, WINDOW, YESTERDAY

MOMENT = timedelta(microseconds=1)
S = WindowStatus


def test_a_window_is_open_from_its_start_to_before_its_end() -> None:
    assert not WINDOW.is_open(STARTS_AT - MOMENT)
    assert WINDOW.is_open(STARTS_AT)
    assert WINDOW.is_open(ENDS_AT - MOMENT)
    assert not WINDOW.is_open(ENDS_AT)


@pytest.mark.parametrize("status", WindowStatus)
def test_a_window_that_closed_or_never_opened_is_not_open(status: WindowStatus) -> None:
    told = replace(WINDOW, status=status)
    usable = status in (S.SCHEDULED, S.OPENED)
    assert told.is_usable is usable
    assert told.is_open(NOON) is usable
    assert told.ends_after(NOON) is usable


@pytest.mark.parametrize("status", WindowStatus)
def test_only_a_window_that_never_opened_has_not_begun(status: WindowStatus) -> None:
    assert replace(WINDOW, status=status).has_begun(NOON) is (status is not S.NOT_OPENED)


def test_a_window_begins_with_its_start() -> None:
    assert not WINDOW.has_begun(STARTS_AT - MOMENT)
    assert WINDOW.has_begun(STARTS_AT)
    assert WINDOW.has_begun(ENDS_AT)


def test_a_window_ends_in_the_future_until_its_end() -> None:
    assert WINDOW.ends_after(STARTS_AT - MOMENT)
    assert WINDOW.ends_after(ENDS_AT - MOMENT)
    assert not WINDOW.ends_after(ENDS_AT)


def test_the_next_boundary_is_a_start_or_an_end_to_come() -> None:
    windows = [MAY_DAY, WINDOW, YESTERDAY]
    assert next_boundary(windows, STARTS_AT - MOMENT) == STARTS_AT
    assert next_boundary(windows, STARTS_AT) == ENDS_AT
    assert next_boundary(windows, ENDS_AT) == MAY_DAY.ends_at
    assert next_boundary(windows, MAY_DAY.ends_at) is None


@pytest.mark.parametrize("status", [S.CLOSED_EARLY, S.CLOSED_AS_PLANNED, S.NOT_OPENED])
def test_a_window_that_is_not_used_has_no_boundary(status: WindowStatus) -> None:
    assert next_boundary([replace(WINDOW, status=status)], NOON) is None


def test_the_last_end_is_that_of_the_window_that_ends_last() -> None:
    assert last_end([WINDOW, MAY_DAY, YESTERDAY]) == MAY_DAY.ends_at
    assert last_end([]) is None


def test_a_window_goes_one_way_through_its_statuses() -> None:
    assert {
        S.SCHEDULED: {S.OPENED, S.NOT_OPENED},
        S.OPENED: {S.CLOSED_AS_PLANNED, S.CLOSED_EARLY},
        S.CLOSED_AS_PLANNED: set(),
        S.CLOSED_EARLY: set(),
        S.NOT_OPENED: set(),
    } == NEXT_WINDOW_STATUS


def test_an_outcome_may_be_unknown() -> None:
    assert set(WindowOutcome) == {"worked", "partly", "did_not_work", "unknown"}
