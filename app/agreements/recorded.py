"""An agreement as the record tells it: from entries of the ledger to a value of the domain."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, cast
from uuid import UUID

from app.agreements import aspects
from app.domain.agreement.model import Agreement, Revision
from app.domain.agreement.status import Laterality
from app.domain.agreement.terms import Term, TermKey
from app.domain.window import Window
from app.ledger.reading import Entry, winners

Part = TypeVar("Part")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """All that the record tells of one agreement in a reading.

    Attributes:
        entries: not replaced, in the order of (`effective_at`, `sequence`).
        names: short names of the organisations that take part.
    """

    id: UUID
    operation: UUID
    entries: Sequence[Entry]
    names: Mapping[UUID, str]
    _held: dict[datetime, Mapping[str, Entry]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _told: dict[datetime, Agreement] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def version(self) -> int:
        """The sequence of the last event that this reading holds."""
        return max(entry.sequence for entry in self.entries)

    @cached_property
    def last(self) -> Entry:
        """The entry that was recorded last."""
        return max(self.entries, key=lambda entry: entry.sequence)

    def held(self, at: datetime) -> Mapping[str, Entry]:
        """Return, by aspect, the entries that held at `at`."""
        if at not in self._held:
            self._held[at] = winners(e for e in self.entries if e.effective_at <= at)
        return self._held[at]

    def fields(self, at: datetime) -> dict[str, Any]:
        """Return the plain fields (title, purpose …) as they were at `at`."""
        return {name: e.value for name, e in self.held(at).items() if ":" not in name}

    def at(self, at: datetime) -> Agreement:
        """Return the agreement as it was at `at`, with its whole status history."""
        if at not in self._told:
            self._told[at] = self._at(at)
        return self._told[at]

    def _at(self, at: datetime) -> Agreement:
        held = self.held(at)
        return Agreement(
            id=self.id,
            operation=self.operation,
            laterality=Laterality(cast(str, held["laterality"].value)),
            proposer=UUID(cast(str, held["proposer"].value)),
            declared_by=aspects.id_or_none(held["declared_by"].value),
            status=aspects.read_status(held["status"]),
            revisions=_revisions(held),
            parties=aspects.read_parties(held["parties"].value, dict(self.names)),
            terms=_terms(held),
            windows=_windows(held),
            routes=_those("route:", held, aspects.read_route),
            positions=_those("position:", held, aspects.read_position),
            attestations=_those("attestation:", held, aspects.read_attestation),
            stops=_those("stop:", held, aspects.read_stop),
            statuses=tuple(aspects.read_status(e) for e in self.entries if e.aspect == "status"),
            names=self.names,
        )


def exists_in(entries: Sequence[Entry]) -> bool:
    """Whether the agreement had begun and was known: its first event is among the entries."""
    return any(entry.sequence == 1 and entry.aspect == "status" for entry in entries)


def organisations_in(entries: Iterable[Entry]) -> set[UUID]:
    """Return whose names are needed to tell what the entries say."""
    found: set[UUID] = set()
    for entry in entries:
        found.add(entry.organisation)
        if entry.aspect == "parties":
            found |= {UUID(p["organisation"]) for p in cast(list[dict[str, str]], entry.value)}
        elif entry.aspect in ("proposer", "declared_by") and entry.value:
            found.add(UUID(cast(str, entry.value)))
    return found


def _those(
    prefix: str, held: Mapping[str, Entry], read: Callable[[Entry], Part]
) -> tuple[Part, ...]:
    """Read the aspects of a kind, oldest effect first; erased ones are left out."""
    found = [e for name, e in held.items() if name.startswith(prefix) and e.value is not None]
    return tuple(read(e) for e in sorted(found, key=lambda e: (e.effective_at, e.sequence)))


def _revisions(held: Mapping[str, Entry]) -> tuple[Revision, ...]:
    found = _those("revision:", held, aspects.read_revision)
    return tuple(sorted(found, key=lambda revision: revision.number))


def _terms(held: Mapping[str, Entry]) -> dict[TermKey, Term]:
    found = {key: held.get(f"term:{key.value}") for key in TermKey}
    return {key: aspects.read_term(entry) if entry else Term() for key, entry in found.items()}


def _windows(held: Mapping[str, Entry]) -> tuple[Window, ...]:
    def read(entry: Entry) -> Window:
        outcome = held.get(entry.aspect.replace("window", "window_outcome", 1))
        key = outcome and outcome.event
        if key not in entry.read:
            entry.read[key] = aspects.read_window(entry, outcome)
        return cast(Window, entry.read[key])

    found = _those("window:", held, read)
    return tuple(sorted(found, key=lambda window: (window.starts_at, window.ends_at, window.id)))
