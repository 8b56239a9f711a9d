"""Routes are part of what parties consent to: exactly, and in a form that anybody can compute."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.domain.agreement.model import Agreement
from app.domain.agreement.revision import TermsDecision, decide_terms
from app.domain.agreement.route import Mode, Route, RouteSite, SiteRole, covered_routes
from app.domain.agreement.status import Status
from app.domain.agreement.terms import terms_hash
from app.domain.decimal_text import decimal_text
from app.domain.window import Direction, Window
from tests.domain.agreement.given import (
    ICRC,
    MAY_DAY,
    MOD,
    NOON,
    UKRAINE,
    WINDOW,
    given_agreement,
    named,
)

AZOVSTAL = RouteSite(
    role=SiteRole.FROM_SITE, site=named("site Azovstal"), position=(37.608, 47.097)
)
MANHUSH = RouteSite(role=SiteRole.WAYPOINT, site=named("site Manhush"), position=(37.3119, 47.0563))
TOKMAK = RouteSite(role=SiteRole.WAYPOINT, site=named("site Tokmak"), position=None)
ZAPORIZHZHIA = RouteSite(
    role=SiteRole.TO_SITE, site=named("site Zaporizhzhia"), position=(35.1171, 47.8517)
)
ROUTE = Route(
    corridor=named("corridor"),
    geometry=((37.608, 47.097), (37.3119, 47.0563), (35.1171, 47.8517)),
    width_m=50,
    direction=Direction.OUT,
    mode=Mode.BUS,
    sites=(AZOVSTAL, MANHUSH, TOKMAK, ZAPORIZHZHIA),
)
BACK = replace(ROUTE, corridor=named("corridor back"), direction=Direction.IN)

OTHERS = {
    "geometry": replace(ROUTE, geometry=((37.608, 47.097), (35.1171, 47.8517))),
    "a digit of the geometry": replace(
        ROUTE, geometry=((37.6080001, 47.097), (37.3119, 47.0563), (35.1171, 47.8517))
    ),
    "the geometry turned round": replace(ROUTE, geometry=tuple(reversed(ROUTE.geometry or ()))),
    "no geometry": replace(ROUTE, geometry=None),
    "width": replace(ROUTE, width_m=50.5),
    "no width": replace(ROUTE, width_m=None),
    "direction": replace(ROUTE, direction=Direction.BOTH),
    "no direction": replace(ROUTE, direction=None),
    "mode": replace(ROUTE, mode=Mode.FOOT),
    "no mode": replace(ROUTE, mode=None),
    "where a site lies": replace(
        ROUTE, sites=(replace(AZOVSTAL, position=(37.61, 47.097)), *ROUTE.sites[1:])
    ),
    "a site without a point": replace(
        ROUTE, sites=(replace(AZOVSTAL, position=None), *ROUTE.sites[1:])
    ),
    "another site": replace(
        ROUTE, sites=(replace(AZOVSTAL, site=named("site Melekyne")), *ROUTE.sites[1:])
    ),
    "what a site is to it": replace(
        ROUTE, sites=(AZOVSTAL, replace(MANHUSH, role=SiteRole.TO_SITE), TOKMAK, ZAPORIZHZHIA)
    ),
    "a waypoint less": replace(ROUTE, sites=(AZOVSTAL, MANHUSH, ZAPORIZHZHIA)),
    "the order of waypoints": replace(ROUTE, sites=(AZOVSTAL, TOKMAK, MANHUSH, ZAPORIZHZHIA)),
    "the corridor": BACK,
}
"""The route with one thing changed that parties consent to."""


def hash_with(*routes: Route) -> str:
    return terms_hash(replace(given_agreement().content, routes=routes))


def computed_alone(routes: object) -> str:
    """Compute the hash as a party would, from the page of the docs."""
    content = given_agreement().content
    told = {
        "parties": [
            {"organisation": o, "role": role}
            for o, role in sorted((str(p.organisation), str(p.role)) for p in content.parties)
        ],
        "routes": routes,
        "terms": {
            str(key): {"state": str(t.state), "text": t.text, "details": dict(t.details)}
            for key, t in content.terms.items()
        },
        "windows": [
            {
                "id": str(WINDOW.id),
                "starts_at": "2022-04-30T03:00:00.000000Z",
                "ends_at": "2022-04-30T17:00:00.000000Z",
                "tz": "Europe/Kyiv",
                "as_announced": None,
                "direction": None,
                "corridor": None,
            }
        ],
    }
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


# The hash


def test_without_routes_the_hash_is_what_it_was_before_there_were_any() -> None:
    assert hash_with() == computed_alone([])


def test_a_party_computes_the_hash_of_a_route_alone() -> None:
    told = {
        "corridor": str(named("corridor")),
        "geometry": [["37.608", "47.097"], ["37.3119", "47.0563"], ["35.1171", "47.8517"]],
        "width_m": "50",
        "direction": "out",
        "mode": "bus",
        "sites": [
            {
                "role": "from_site",
                "site": str(named("site Azovstal")),
                "position": ["37.608", "47.097"],
            },
            {
                "role": "waypoint",
                "site": str(named("site Manhush")),
                "position": ["37.3119", "47.0563"],
            },
            {"role": "waypoint", "site": str(named("site Tokmak")), "position": None},
            {
                "role": "to_site",
                "site": str(named("site Zaporizhzhia")),
                "position": ["35.1171", "47.8517"],
            },
        ],
    }
    assert hash_with(ROUTE) == computed_alone([told])


@pytest.mark.parametrize("says", OTHERS)
def test_all_of_a_route_is_covered(says: str) -> None:
    assert hash_with(OTHERS[says]) != hash_with(ROUTE)


def test_routes_stand_in_the_order_of_their_corridors() -> None:
    assert hash_with(ROUTE, BACK) == hash_with(BACK, ROUTE)
    assert hash_with(ROUTE, BACK) != hash_with(ROUTE)


def test_ends_stand_round_the_waypoints_however_they_are_given() -> None:
    turned = replace(ROUTE, sites=(ZAPORIZHZHIA, MANHUSH, AZOVSTAL, TOKMAK))
    assert covered_routes([turned]) == covered_routes([ROUTE])


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (50, "50"),
        (50.0, "50"),
        (37.608, "37.608"),
        (-0.0, "0"),
        (1e-7, "0.0000001"),
        (0.1 + 0.2, "0.30000000000000004"),
    ],
)
def test_a_number_is_the_shortest_decimal_text_that_reads_back(number: float, text: str) -> None:
    assert decimal_text(number) == text
    assert float(text) == number


def test_an_agreement_consents_to_its_routes() -> None:
    agreement = replace(given_agreement(), routes=(ROUTE,))
    assert agreement.content.routes == (ROUTE,)


# Changes


def with_routes(*routes: Route, status: Status = Status.IN_FORCE) -> Agreement:
    return given_agreement(status, routes=routes)


def changed(
    agreement: Agreement, routes: Sequence[Route], windows: Sequence[Window] = (WINDOW,)
) -> TermsDecision:
    content = replace(agreement.content, routes=tuple(routes), windows=tuple(windows))
    return decide_terms(agreement, content, at=NOON)


@pytest.mark.parametrize("says", OTHERS)
def test_a_changed_route_is_a_new_revision_once_somebody_has_confirmed(says: str) -> None:
    decision = changed(with_routes(ROUTE), [OTHERS[says]])
    assert decision.revision is not None
    assert (decision.revision.number, decision.revision.extends) == (2, None)
    assert decision.voided == (MOD, UKRAINE, ICRC)
    assert decision.falls_to is Status.SUSPENDED


@pytest.mark.parametrize(("before", "after"), [((), (ROUTE,)), ((ROUTE,), ()), ((ROUTE,), (BACK,))])
def test_a_route_more_or_less_voids_all(before: list[Route], after: list[Route]) -> None:
    assert changed(with_routes(*before), after).voided


def test_until_a_party_has_confirmed_a_route_is_edited_in_place() -> None:
    draft = given_agreement(Status.IN_TALKS, positions=(), routes=[ROUTE])
    decision = changed(draft, [BACK])
    assert decision.revision is not None
    assert (decision.revision.number, decision.voided) == (1, ())


def test_the_same_routes_in_another_order_change_nothing() -> None:
    assert changed(with_routes(ROUTE, BACK), [BACK, ROUTE]).revision is None


def test_a_later_window_extends_where_the_routes_are_the_same() -> None:
    decision = changed(with_routes(ROUTE), [ROUTE], [WINDOW, MAY_DAY])
    assert (decision.extends, decision.voided) == (True, ())


def test_a_later_window_with_another_route_voids_all() -> None:
    decision = changed(with_routes(ROUTE), [BACK], [WINDOW, MAY_DAY])
    assert (decision.extends, decision.voided) == (False, (MOD, UKRAINE, ICRC))
