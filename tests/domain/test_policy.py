"""The policy table and the rule of audiences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policy import (
    RULES,
    Audience,
    Role,
    audience_of,
    may_call,
    narrower,
    routes_without_rule,
    rule_for,
    rules_without_route,
)

OPEN = {
    ("GET", "/v1/operations"),
    ("GET", "/v1/operations/{operation_id}"),
    ("GET", "/v1/agreements"),
    ("GET", "/v1/agreements/{agreement_id}"),
    ("GET", "/v1/sites"),
    ("GET", "/v1/sites/{site_id}"),
    ("GET", "/v1/corridors"),
    ("GET", "/v1/corridors/{corridor_id}"),
    ("GET", "/v1/corridors/{corridor_id}/readiness"),
}
FOR_ADMINISTRATORS = ("/v1/operations", "/v1/organisations", "/v1/tokens")
COSIGNATURES = "/v1/ledger/cosignatures"
REDACTIONS = "/v1/history/{event_id}/redactions"
WRITES = [key for key in RULES if key[0] != "GET"]


def test_without_a_token_only_what_may_be_public_and_the_service_itself_answer() -> None:
    found = {key for key, rule in RULES.items() if rule.anonymous and key[1].startswith("/v1/")}
    assert found == OPEN


@pytest.mark.parametrize("key", WRITES)
def test_auditors_and_map_clients_change_nothing(key: tuple[str, str]) -> None:
    assert not may_call(RULES[key], Role.AUDITOR)
    assert not may_call(RULES[key], Role.MAP_CLIENT)
    assert not may_call(RULES[key], None)


def test_a_witness_adds_its_word_and_nothing_else() -> None:
    adds = {key for key in WRITES if may_call(RULES[key], Role.WITNESS)}
    assert adds == {("POST", COSIGNATURES)}
    assert RULES["POST", COSIGNATURES].roles == {Role.WITNESS}


def test_a_witness_reads_of_the_log_only_what_holds_hashes() -> None:
    reads = {key for key in RULES if "/ledger/" in key[1] and may_call(RULES[key], Role.WITNESS)}
    assert reads == {
        ("GET", "/v1/ledger/checkpoint"),
        ("GET", "/v1/ledger/proofs/consistency"),
        ("POST", COSIGNATURES),
    }


@pytest.mark.parametrize("key", WRITES)
def test_administrators_write_who_and_coordinators_write_what(key: tuple[str, str]) -> None:
    who = key[1].startswith((*FOR_ADMINISTRATORS, REDACTIONS))
    assert may_call(RULES[key], Role.ADMINISTRATOR) == who
    assert may_call(RULES[key], Role.COORDINATOR) != (who or key[1] == COSIGNATURES)


@pytest.mark.parametrize("key", [key for key in RULES if key[1].startswith("/v1/tokens")])
def test_only_administrators_see_tokens(key: tuple[str, str]) -> None:
    assert RULES[key].roles == {Role.ADMINISTRATOR}


def test_only_auditors_read_all_history() -> None:
    assert RULES["GET", "/v1/history"].roles == {Role.AUDITOR}


def test_a_route_is_found_whatever_its_parameters_are_called() -> None:
    assert rule_for("HEAD", "/v1/agreements/{id}") is RULES["GET", "/v1/agreements/{agreement_id}"]
    assert rule_for("DELETE", "/v1/agreements/{id}") is None
    assert rule_for("GET", "/v1/agreements/{id}/") is None


def test_routes_and_rules_must_meet_both_ways() -> None:
    assert routes_without_rule([*RULES, ("GET", "/v1/secrets")]) == [("GET", "/v1/secrets")]
    assert rules_without_route(key for key in RULES if key not in OPEN) == sorted(OPEN)


@pytest.mark.parametrize(
    ("role", "belligerent", "audience"),
    [
        (Role.COORDINATOR, False, Audience.OPERATIONAL),
        (Role.COORDINATOR, True, Audience.PARTNER),
        (Role.AUDITOR, False, Audience.OPERATIONAL),
        (Role.AUDITOR, True, Audience.OPERATIONAL),
        (Role.MAP_CLIENT, False, Audience.PARTNER),
        (Role.MAP_CLIENT, True, Audience.PARTNER),
        (Role.WITNESS, False, Audience.PUBLIC),
    ],
)
def test_the_usual_audience(role: Role, belligerent: bool, audience: Audience) -> None:
    assert audience_of(role=role, belligerent=belligerent) is audience


@given(
    st.sampled_from(Role),
    st.booleans(),
    st.none() | st.sampled_from(Audience),
    st.sampled_from(Audience),
)
def test_a_token_never_widens_what_its_organisation_sees(
    role: Role, belligerent: bool, membership: Audience | None, own: Audience
) -> None:
    given = audience_of(role=role, belligerent=belligerent, membership=membership)
    narrowed = audience_of(role=role, belligerent=belligerent, membership=membership, own=own)
    assert narrowed is narrower(given, own)
    if role is Role.WITNESS:
        assert narrowed is Audience.PUBLIC
    else:
        assert membership is None or given is membership
