"""What is still missing: one entry for each condition that does not hold."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Unmet:
    """One missing condition, named by a stable code and told in a sentence.

    The sentence says what was found and what to do next. The optional members
    name what it is about, so that a client can point at it.
    """

    code: str
    message: str
    organisation: UUID | None = None
    term: str | None = None
    position: UUID | None = None
    window: UUID | None = None
