"""How a rule says no. Each class has one HTTP status and one page in the docs."""

from collections.abc import Sequence

from app.domain.unmet import Unmet


class RuleRefused(Exception):
    """A rule of the domain refused what was asked; nothing was stored."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class MoveUnknown(RuleRefused):
    """The status has no such move, or a late change would leave an unlisted one behind it."""


class OutOfOrder(RuleRefused):
    """The change reaches back before a change that it may not precede."""


class NotEligible(RuleRefused):
    """The caller's organisation or person may not do this, whatever the circumstances."""


class GuardsUnmet(RuleRefused):
    """The move exists, but conditions are missing; `unmet` lists every one of them."""

    def __init__(self, message: str, unmet: Sequence[Unmet]) -> None:
        super().__init__(message)
        self.unmet = tuple(unmet)


class Unacceptable(RuleRefused):
    """A member of the request is readable but wrong.

    Attributes:
        pointer: RFC 6901 pointer to the member, such as `/stated_at`.
    """

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer
