"""Routes of corridors as part of what the parties consent to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from app.agreements.held import Held
from app.agreements.services.settling import settle
from app.domain.agreement.route import Route
from app.domain.fact import Basis, Warned

Routes = tuple[Route, ...]


def change_routes(
    held: Held, change: Callable[[Routes], Routes], *, at: datetime, basis: Basis = Basis.STATED
) -> tuple[Warned, ...]:
    """Record the routes as they are from `at` on, where they change; give what follows from it.

    One event of the agreement, in the transaction of the corridor's own change. What was confirmed
    is void, and the status falls, as with any other change of the terms.

    Raises:
        MoveUnknown: the agreement is over.
        OutOfOrder: terms run forward.
    """
    present = held.present
    content = replace(present.content, routes=change(present.routes))
    settled = settle(held, content, at)
    if not settled.aspects:
        return ()
    held.record(
        "routes_changed",
        settled.aspects,
        at=at,
        basis=basis,
        reason=settled.reason or "route_changed",
        warnings=settled.warnings,
    )
    return settled.warnings
