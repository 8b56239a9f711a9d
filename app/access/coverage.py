"""Does every route have its rule, and every rule its route? The service asks before it starts."""

from collections.abc import Iterable

from starlette.routing import BaseRoute

from app.access.caller import current_caller
from app.domain.policy import routes_without_rule, rule_for, rules_without_route
from app.http.route import StrictRoute, dependants


def check_routes(routes: Iterable[BaseRoute], *, complete: bool) -> None:
    """Refuse routes that the policy does not speak of, and rules that speak of no route."""
    wrong: list[str] = []
    found: list[tuple[str, str]] = []
    for route in routes:
        if not isinstance(route, StrictRoute):
            wrong.append(f"{route} is not a StrictRoute")
            continue
        keys = [(method, route.path_format) for method in sorted(route.methods or ())]
        found += keys
        if not _asks_who_calls(route):
            wrong += [f"{key} does not ask who calls" for key in keys if _needs_caller(key)]
    wrong += [f"{key} has no rule" for key in routes_without_rule(found)]
    wrong += [f"{key} has a rule and no route" for key in rules_without_route(found) if complete]
    if wrong:
        raise RuntimeError("will not start: " + "; ".join(wrong))


def _asks_who_calls(route: StrictRoute) -> bool:
    return any(one.call is current_caller for one in dependants(route.dependant))


_DATA = ("/v1/", "/ogc/collections/{collection_id}/")


def _needs_caller(key: tuple[str, str]) -> bool:
    rule = rule_for(*key)
    return key[1].startswith(_DATA) or (rule is not None and not rule.anonymous)
