"""A fault seeded in any rule is noticed: the sentences of these tests say what it does.

Every condition, check and question of the rules is replaced in turn by one
that lets everything through (or, where it is a question, by either answer).
Then the other tests of this package are told again, and one must fail. A new
rule that no sentence speaks of fails here.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import product
from types import FunctionType, ModuleType
from typing import Any
from uuid import UUID

import pytest

from app.domain import window
from app.domain.agreement import (
    authority,
    bar,
    counting,
    guards,
    model,
    moves,
    proposal,
    readiness,
    revision,
    standing,
    statement,
    status,
    terms,
    timeline,
)
from app.domain.agreement.counting import Word
from app.domain.agreement.model import Agreement, Person, Position, Stance
from app.domain.agreement.revision import TermsDecision
from app.domain.agreement.statement import Stated
from app.domain.agreement.status import MOVES, Guard, Kinds, Laterality, Move, Status, Who
from app.domain.agreement.terms import Content
from app.domain.errors import RuleRefused
from app.domain.organisation import Organisation
from app.domain.window import Window
from tests.domain import test_window
from tests.domain.agreement import (
    test_corrections,
    test_moves,
    test_positions,
    test_revisions,
    test_standing,
    test_stopping,
    test_who_may,
)
from tests.domain.agreement.table import EVERY_BREAK

SENTENCES = (
    test_standing,
    test_positions,
    test_revisions,
    test_stopping,
    test_corrections,
    test_who_may,
    test_window,
    test_moves,
)
RULES = (authority, counting, guards, moves, proposal, revision, standing, statement, timeline)
READ_BY_ALL = (bar, model, readiness, status, terms, window)
"""Modules that only name the rules of others."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One rule, and what is put in its place."""

    module: ModuleType
    name: str
    says: str
    wrong: Callable[..., object]

    @property
    def rule(self) -> object:
        """The rule as it is."""
        return getattr(self.module, self.name)


def _always(value: object) -> Callable[..., object]:
    return lambda *_args, **_kwargs: value


def _confirmed(agreement: Agreement, organisation: UUID, at: datetime) -> Word:
    """Count whatever was said last, and silence too, as confirmed."""
    said = [p for p in agreement.positions if p.organisation == organisation and p.stated_at <= at]
    return Word(
        organisation=organisation,
        name=agreement.name(organisation),
        position=said[-1] if said else None,
        counts_as=Stance.CONFIRMED,
        counts=True,
        covers=agreement.revision.number,
        people=tuple(p.recorded_by for p in said),
    )


def _all_said(agreement: Agreement, organisation: UUID, at: datetime) -> list[Position]:
    return [p for p in reversed(agreement.positions) if p.organisation == organisation]


def _kept(
    _agreement: Agreement, wish: Position, *, now: datetime, corrects: bool = False
) -> Stated:
    return Stated(position=wish)


def _unnoticed(agreement: Agreement, content: Content, *, at: datetime) -> TermsDecision:
    return TermsDecision(windows=content.windows)


def _in_place(agreement: Agreement, content: Content, at: datetime) -> TermsDecision:
    decision = TermsDecision(windows=content.windows)
    return replace(decision, revision=agreement.revision)


def _allowed(wish: moves.StatusWish, *, now: datetime, **_: object) -> moves.StatusDecision:
    return moves.StatusDecision(effective_at=now, to=wish.to)


def _listed(to: Status, *_: object) -> Move:
    return Move(start=to, to=to, guards=(), who=Who.OPERATION)


BY_HAND: Mapping[str, Mapping[str, Callable[..., object]]] = {
    "word_of": {"counts every word as confirmed": _confirmed},
    "_said": {"lets all that was ever said speak": _all_said},
    "_counts_as": {"counts everything as confirmed": _always(Stance.CONFIRMED)},
    "decide_position": {"keeps everything as it is": _kept},
    "_stop": {"keeps everything as it is": lambda wish, _now: Stated(position=wish)},
    "decide_terms": {"notices no change": _unnoticed},
    "_edited_in_place": {"keeps the hash": _in_place},
    "_extended": {"keeps the hash": _in_place},
    "_new_revision": {"keeps the hash": _in_place},
    "_marked": {"believes the caller": lambda _agreement, content, _number: content.windows},
    "counted_windows": {"counts every window": lambda agreement, _at: agreement.windows},
    "_settled_windows": {"takes every window for settled": lambda agreement: agreement.windows},
    "consenting_words": {"asks nobody": _always(())},
    "decide_status": {"allows everything": _allowed},
    "_decide_stop": {"stops now": lambda wish, _present, *, now, state_at: _allowed(wish, now=now)},
    "_instant": {"takes every change for one of now": lambda _wish, _present, now: now},
    "_without_corrected": {"takes nothing out": lambda _wish, present: present.statuses},
    "in_order": {"keeps the given order": tuple},
    "_listed_move": {"lists every move": _listed},
    "_any_move_to": {"finds none": _always(None)},
    "unmet_for": {"asks nothing": _always([])},
}
"""Faults of the rules that answer with more than yes, no or what is missing."""

ONLY_WORDS = {
    "_no_such_move",  # the sentence of a refusal
    "_unmet",  # guards: builds one entry
    "_two_persons_missing",
    "_unconfirmed",
    "_change",  # builds the entry that a wish asks for
    "_to",  # tells the type checker what holds already
}
"""Functions that decide nothing."""

_EMPTY: Mapping[str, Mapping[str, object]] = {
    "None": {"checks nothing": None},
    "bool": {"says yes": True, "says no": False},
    "list": {"finds nothing": []},
    "Iterator": {"finds nothing": []},
    "Iterable": {"finds nothing": []},
    "dict": {"finds nothing": {}},
    "tuple": {"finds nothing": ()},
}


def _empty_answers(rule: FunctionType) -> Mapping[str, object]:
    answer = str(inspect.signature(rule, eval_str=False).return_annotation)
    answer = answer.removeprefix("collections.abc.").removeprefix("<class '").removesuffix("'>")
    if answer.endswith("| None"):
        return {"finds nothing": None}
    return _EMPTY.get(re.split(r"[\[.]", answer)[0], {})


def _rules() -> Iterator[tuple[ModuleType, str, FunctionType]]:
    for module in RULES:
        for name, rule in inspect.getmembers(module, inspect.isfunction):
            if rule.__module__ == module.__name__ and name not in ONLY_WORDS:
                yield module, name, rule


def _faults() -> Iterator[Fault]:
    for module, name, rule in _rules():
        answers = {says: _always(value) for says, value in _empty_answers(rule).items()}
        for says, wrong in (BY_HAND.get(name) or answers).items():
            yield Fault(module=module, name=name, says=says, wrong=wrong)


FAULTS = {f"{f.module.__name__.rsplit('.', 1)[-1]}.{f.name} {f.says}": f for f in _faults()}


def _told() -> Iterator[Callable[[], object]]:
    """Give each sentence of the tests as a call, with the values that it is told for."""
    for module in SENTENCES:
        for name, sentence in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_"):
                yield from _calls(sentence)


def _calls(sentence: FunctionType) -> Iterator[Callable[[], object]]:
    marks = [m.args for m in getattr(sentence, "pytestmark", ()) if m.name == "parametrize"]
    values = [[_named(names, value) for value in given] for names, given in marks]
    for choice in product(*values):
        arguments = {name: value for part in choice for name, value in part.items()}
        yield lambda arguments=arguments: sentence(**arguments)  # type: ignore[misc]


def _named(names: str | tuple[str, ...], value: Any) -> dict[str, Any]:
    return {names: value} if isinstance(names, str) else dict(zip(names, value, strict=True))


TOLD = tuple(_told())


def some_fails(sentences: Iterable[Callable[[], object]] = TOLD) -> bool:
    """Whether one sentence is no longer true; that one crashes is no answer."""
    return any(not is_true(sentence) for sentence in sentences)


def is_true(sentence: Callable[[], object]) -> bool:
    """Whether the sentence holds, or cannot be told."""
    try:
        sentence()
    except (AssertionError, RuleRefused, pytest.fail.Exception):
        return False
    except (AttributeError, IndexError, TypeError, ValueError):
        return True
    return True


def seed(monkeypatch: pytest.MonkeyPatch, rule: object, wrong: object) -> None:
    """Put `wrong` in the place of `rule` wherever it goes by a name."""
    for module in (*RULES, *READ_BY_ALL, *SENTENCES, sys.modules[decided_in]):
        for name, value in list(vars(module).items()):
            if value is rule:
                monkeypatch.setattr(module, name, wrong)
    for guard, condition in guards.GUARDS.items():
        if condition is rule:
            monkeypatch.setitem(guards.GUARDS, guard, wrong)


decided_in = "tests.domain.agreement.given"


def test_every_sentence_is_true_without_a_fault() -> None:
    assert not some_fails()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_rule_is_noticed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seeded = FAULTS[fault]
    seed(monkeypatch, seeded.rule, seeded.wrong)
    assert some_fails(), fault


def _questions() -> Iterator[tuple[type, str]]:
    for asked in (Kinds, Laterality, Organisation, Person, Position, Window, Word):
        for name, question in vars(asked).items():
            how = question.fget if isinstance(question, property) else question
            if inspect.isfunction(how) and how.__annotations__.get("return") is bool:
                yield asked, name


@pytest.mark.parametrize("answer", [True, False])
@pytest.mark.parametrize(("asked", "name"), sorted(_questions(), key=str))
def test_a_question_that_always_has_one_answer_is_noticed(
    asked: type, name: str, answer: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: Any = _always(answer)
    is_property = isinstance(vars(asked)[name], property)
    monkeypatch.setattr(asked, name, property(wrong) if is_property else wrong)
    assert some_fails(), f"{asked.__name__}.{name}"


@pytest.mark.parametrize("guard", Guard)
def test_a_guard_that_lets_everything_through_is_noticed(
    guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(guards.GUARDS, guard, _always(()))
    refused = test_moves.test_a_listed_move_is_refused_where_one_guard_fails
    assert some_fails(partial(refused, *way) for way in EVERY_BREAK)


@pytest.mark.parametrize(
    ("move", "guard"),
    [(move, guard) for move in MOVES for guard in move.guards],
    ids=lambda value: f"{value.start}-{value.to}" if isinstance(value, Move) else value.name,
)
def test_a_guard_that_a_move_forgets_is_noticed(
    move: Move, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgetful = replace(move, guards=tuple(g for g in move.guards if g is not guard))
    seed(monkeypatch, MOVES, tuple(forgetful if m is move else m for m in MOVES))
    ways = [way for way in EVERY_BREAK if way[1:3] == (move.start, move.to)]
    refused = test_moves.test_a_listed_move_is_refused_where_one_guard_fails
    assert some_fails(partial(refused, *way) for way in ways)


def test_no_rule_is_left_without_a_fault() -> None:
    seeded = {(f.module, f.name) for f in FAULTS.values()}
    assert [name for module, name, _ in _rules() if (module, name) not in seeded] == []


def test_every_status_is_part_of_the_walk() -> None:
    assert {m.start for m in MOVES} | {m.to for m in MOVES} == set(Status)
