"""Who may call which route, and what an audience is: data and pure functions, for lawyers to read.

This table says which roles may call a route at all. Whether a caller may know of the thing in the
path is asked first (404), and who may decide what about it is a rule of its own feature (403).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a token is for."""

    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    MAP_CLIENT = "map_client"
    WITNESS = "witness"


class Audience(StrEnum):
    """How much of an operation a reader sees, from least to most."""

    PUBLIC = "public"
    PARTNER = "partner"
    OPERATIONAL = "operational"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Which roles may call a route, and whether it answers without a token."""

    roles: frozenset[Role]
    anonymous: bool = False


ANYBODY = Rule(roles=frozenset(Role), anonymous=True)
SIGNED_IN = Rule(roles=frozenset(Role))
ALL_BUT_DEVICES = Rule(roles=frozenset(Role) - {Role.MAP_CLIENT, Role.WITNESS})
ADMINISTRATORS = Rule(roles=frozenset({Role.ADMINISTRATOR}))
COORDINATORS = Rule(roles=frozenset({Role.COORDINATOR}))
AUDITORS = Rule(roles=frozenset({Role.AUDITOR}))
WITNESSES = Rule(roles=frozenset({Role.WITNESS}))
AUDITORS_AND_WITNESSES = Rule(roles=AUDITORS.roles | WITNESSES.roles)

RULES: dict[tuple[str, str], Rule] = {
    # operations: the boundary of need-to-know
    ("GET", "/v1/operations"): ANYBODY,
    ("POST", "/v1/operations"): ADMINISTRATORS,
    ("GET", "/v1/operations/{operation_id}"): ANYBODY,
    ("PATCH", "/v1/operations/{operation_id}"): ADMINISTRATORS,
    ("GET", "/v1/operations/{operation_id}/principals"): ALL_BUT_DEVICES,
    # organisations
    ("GET", "/v1/organisations"): SIGNED_IN,
    ("POST", "/v1/organisations"): ADMINISTRATORS,
    ("GET", "/v1/organisations/{organisation_id}"): SIGNED_IN,
    ("PATCH", "/v1/organisations/{organisation_id}"): ADMINISTRATORS,
    # tokens
    ("GET", "/v1/tokens"): ADMINISTRATORS,
    ("POST", "/v1/tokens"): ADMINISTRATORS,
    ("GET", "/v1/tokens/{token_id}"): ADMINISTRATORS,
    ("DELETE", "/v1/tokens/{token_id}"): ADMINISTRATORS,
    # sources: the evidence
    ("GET", "/v1/sources"): SIGNED_IN,
    ("POST", "/v1/sources"): COORDINATORS,
    ("GET", "/v1/sources/{source_id}"): SIGNED_IN,
    ("PATCH", "/v1/sources/{source_id}"): COORDINATORS,
    # sites
    ("GET", "/v1/sites"): ANYBODY,
    ("POST", "/v1/sites"): COORDINATORS,
    ("GET", "/v1/sites/{site_id}"): ANYBODY,
    ("PATCH", "/v1/sites/{site_id}"): COORDINATORS,
    # agreements
    ("GET", "/v1/agreements"): ANYBODY,
    ("POST", "/v1/agreements"): COORDINATORS,
    ("GET", "/v1/agreements/{agreement_id}"): ANYBODY,
    ("PATCH", "/v1/agreements/{agreement_id}"): COORDINATORS,
    ("GET", "/v1/agreements/{agreement_id}/readiness"): SIGNED_IN,
    ("GET", "/v1/agreements/{agreement_id}/transitions"): SIGNED_IN,
    # talks about an agreement
    ("GET", "/v1/agreements/{agreement_id}/contacts"): SIGNED_IN,
    ("POST", "/v1/agreements/{agreement_id}/contacts"): COORDINATORS,
    ("GET", "/v1/agreements/{agreement_id}/contacts/{contact_id}"): SIGNED_IN,
    ("PATCH", "/v1/agreements/{agreement_id}/contacts/{contact_id}"): COORDINATORS,
    # what the parties say, and who bears it out
    ("GET", "/v1/agreements/{agreement_id}/positions"): SIGNED_IN,
    ("POST", "/v1/agreements/{agreement_id}/positions"): COORDINATORS,
    ("GET", "/v1/agreements/{agreement_id}/positions/{position_id}"): SIGNED_IN,
    ("GET", "/v1/agreements/{agreement_id}/positions/{position_id}/attestations"): SIGNED_IN,
    ("POST", "/v1/agreements/{agreement_id}/positions/{position_id}/attestations"): COORDINATORS,
    (
        "GET",
        "/v1/agreements/{agreement_id}/positions/{position_id}/attestations/{attestation_id}",
    ): SIGNED_IN,
    # the ten terms
    ("GET", "/v1/agreements/{agreement_id}/terms"): SIGNED_IN,
    ("PUT", "/v1/agreements/{agreement_id}/terms"): COORDINATORS,
    ("GET", "/v1/agreements/{agreement_id}/terms/{key}"): SIGNED_IN,
    ("PUT", "/v1/agreements/{agreement_id}/terms/{key}"): COORDINATORS,
    # windows
    ("GET", "/v1/agreements/{agreement_id}/windows"): SIGNED_IN,
    ("POST", "/v1/agreements/{agreement_id}/windows"): COORDINATORS,
    ("GET", "/v1/agreements/{agreement_id}/windows/{window_id}"): SIGNED_IN,
    ("GET", "/v1/agreements/{agreement_id}/routes"): SIGNED_IN,
    ("PATCH", "/v1/agreements/{agreement_id}/windows/{window_id}"): COORDINATORS,
    # the status and its past
    ("GET", "/v1/agreements/{agreement_id}/status-changes"): SIGNED_IN,
    ("POST", "/v1/agreements/{agreement_id}/status-changes"): COORDINATORS,
    ("GET", "/v1/agreements/{agreement_id}/status-changes/{change_id}"): SIGNED_IN,
    # corridors
    ("GET", "/v1/corridors"): ANYBODY,
    ("POST", "/v1/corridors"): COORDINATORS,
    ("GET", "/v1/corridors/{corridor_id}"): ANYBODY,
    ("PATCH", "/v1/corridors/{corridor_id}"): COORDINATORS,
    ("GET", "/v1/corridors/{corridor_id}/readiness"): ANYBODY,
    ("GET", "/v1/corridors/{corridor_id}/transitions"): SIGNED_IN,
    ("GET", "/v1/corridors/{corridor_id}/status-changes"): SIGNED_IN,
    ("POST", "/v1/corridors/{corridor_id}/status-changes"): COORDINATORS,
    ("GET", "/v1/corridors/{corridor_id}/status-changes/{change_id}"): SIGNED_IN,
    ("GET", "/v1/corridors/{corridor_id}/windows"): SIGNED_IN,
    ("POST", "/v1/corridors/{corridor_id}/windows"): COORDINATORS,
    ("GET", "/v1/corridors/{corridor_id}/windows/{window_id}"): SIGNED_IN,
    ("PATCH", "/v1/corridors/{corridor_id}/windows/{window_id}"): COORDINATORS,
    # geodata by the standards of the OGC
    ("GET", "/ogc"): ANYBODY,
    ("GET", "/ogc/"): ANYBODY,
    ("GET", "/ogc/conformance"): ANYBODY,
    ("GET", "/ogc/api"): ANYBODY,
    ("GET", "/ogc/collections"): ANYBODY,
    ("GET", "/ogc/collections/{collection_id}"): ANYBODY,
    ("GET", "/ogc/collections/{collection_id}/queryables"): ANYBODY,
    ("GET", "/ogc/collections/{collection_id}/schema"): ANYBODY,
    ("GET", "/ogc/collections/{collection_id}/items"): ANYBODY,
    ("GET", "/ogc/collections/{collection_id}/items/{feature_id}"): ANYBODY,
    ("GET", "/ogc/collections/{collection_id}/items/{feature_id}/versions"): ANYBODY,
    ("GET", "/ogc/tileMatrixSets"): ANYBODY,
    ("GET", "/ogc/tileMatrixSets/WebMercatorQuad"): ANYBODY,
    ("GET", "/ogc/collections/{collection_id}/tiles"): ANYBODY,
    ("GET", "/ogc/collections/{collection_id}/tiles/WebMercatorQuad"): ANYBODY,
    ("GET", "/ogc/collections/{collection_id}/tiles/WebMercatorQuad/{z}/{y}/{x}"): ANYBODY,
    # history over all subjects
    ("GET", "/v1/history"): AUDITORS,
    ("GET", "/v1/history/{event_id}"): AUDITORS,
    ("POST", "/v1/history/{event_id}/redactions"): ADMINISTRATORS,
    # the log over the history, which proves it
    ("GET", "/v1/ledger/checkpoint"): AUDITORS_AND_WITNESSES,
    ("POST", "/v1/ledger/cosignatures"): WITNESSES,
    ("GET", "/v1/ledger/export"): AUDITORS,
    ("GET", "/v1/ledger/entries"): AUDITORS,
    ("GET", "/v1/ledger/proofs/inclusion"): AUDITORS,
    ("GET", "/v1/ledger/proofs/consistency"): AUDITORS_AND_WITNESSES,
    ("GET", "/v1/ledger/tile/entries/{tile}"): AUDITORS,
    ("GET", "/v1/ledger/tile/{level}/{tile}"): AUDITORS,
    # the service itself
    ("GET", "/healthz"): ANYBODY,
    ("GET", "/readyz"): ANYBODY,
    ("GET", "/metrics"): ANYBODY,
    ("GET", "/openapi.json"): ANYBODY,
    ("GET", "/docs"): ANYBODY,
    ("GET", "/docs/{asset}"): ANYBODY,
    ("GET", "/problems"): ANYBODY,
    ("GET", "/problems/{slug}"): ANYBODY,
}

DEVICES = Rule(roles=frozenset({Role.COORDINATOR, Role.MAP_CLIENT}))
"""For what a driver takes along: it goes stale, and whoever takes the device has it."""

FILES: dict[str, Rule] = {
    "geojsonl": ANYBODY,
    "csv": ANYBODY,
    "gpkg": ANYBODY,
    "kml": DEVICES,
    "gpx": DEVICES,
}
"""Who may have features as files of which form, once they may call the route that gives them."""


def shape(template: str) -> str:
    """Give a route template without the names of its parameters."""
    return re.sub(r"\{[^{}]*\}", "{}", template)


_BY_SHAPE = {(method, shape(template)): rule for (method, template), rule in RULES.items()}


def rule_for(method: str, template: str) -> Rule | None:
    """Find the rule of a route by its template; HEAD is judged as GET, and None means no rule."""
    asked = "GET" if method == "HEAD" else method
    return _BY_SHAPE.get((asked, shape(template)))


def may_call(rule: Rule, role: Role | None) -> bool:
    """Tell whether a caller of `role` (None: no token) may call a route under `rule`."""
    return rule.anonymous if role is None else role in rule.roles


def narrower(one: Audience, other: Audience) -> Audience:
    """Give the audience of the two that sees less."""
    order = list(Audience)
    return min(one, other, key=order.index)


def audience_of(
    *,
    role: Role,
    belligerent: bool,
    membership: Audience | None = None,
    own: Audience | None = None,
) -> Audience:
    """Say which audience a token has in an operation that it names.

    Args:
        membership: the audience that the organisation's membership names, if it names one; to a
            witness it means nothing, since a witness is shown hashes only.
        own: the token's own audience; it can narrow what the organisation has, never widen it.
    """
    if role is Role.WITNESS:
        return Audience.PUBLIC
    given = membership or _usual(role, belligerent)
    return narrower(given, own) if own else given


def _usual(role: Role, belligerent: bool) -> Audience:
    """Give what a membership without a setting means: an auditor sees all, whoever sent it."""
    if role is Role.MAP_CLIENT or (belligerent and role is Role.COORDINATOR):
        return Audience.PARTNER
    return Audience.OPERATIONAL


def routes_without_rule(routes: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """List the routes, as (method, template), that no rule speaks of."""
    return sorted({route for route in routes if rule_for(*route) is None})


def rules_without_route(routes: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """List the rules that no route answers to."""
    mounted = {(method, shape(template)) for method, template in routes}
    return sorted(key for key in RULES if (key[0], shape(key[1])) not in mounted)
