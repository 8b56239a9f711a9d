"""Seeds faults in rules, and tells the sentences of the tests again: one must fail.

Every condition, check and question of the rules is replaced in turn by one
that lets everything through (or, where it is a question, by either answer).
A new rule that no sentence speaks of is found so.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from types import FunctionType, ModuleType
from typing import Any

import pytest

from app.domain.errors import RuleRefused
from app.domain.machine.table import Machine

Wrong = Callable[..., object]
Walked = tuple[Any, ...]


def always(value: object) -> Wrong:
    """Answer everything with `value`."""
    return lambda *_args, **_kwargs: value


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One rule, by its own name or as a question of a class, and what is put in its place."""

    owner: ModuleType | type
    name: str
    says: str
    wrong: Wrong

    @property
    def rule(self) -> Any:
        """The rule as it is."""
        return vars(self.owner)[self.name]


@dataclass(frozen=True, kw_only=True)
class Seeding:
    """The rules of one package, the sentences that speak of them, and how to spoil them.

    Attributes:
        rules: modules in which every function is a rule.
        questions: classes of which every answer is one.
        read_by: other modules in which a rule goes by a name.
        sentences: the modules of tests that are told again.
        by_hand: faults of rules that answer with more than yes, no or what is missing, by
            name or by module and name.
        only_words: functions that decide nothing.
        guards: the condition of each guard.
        machine: the moves, which a fault may let forget a guard.
        refused: the sentence that a listed move is refused where one guard fails.
        breaks: what that sentence is told for: laterality, start, to and how the guard fails.
    """

    rules: tuple[ModuleType, ...]
    questions: tuple[type, ...]
    read_by: tuple[ModuleType, ...]
    sentences: tuple[ModuleType, ...]
    by_hand: Mapping[str, Mapping[str, Wrong]]
    only_words: frozenset[str]
    guards: MutableMapping[Any, Any]
    machine: Machine[Any, Any]
    refused: Callable[..., None]
    breaks: tuple[Walked, ...]

    @cached_property
    def faults(self) -> dict[str, Fault]:
        """Every fault, by what it says."""
        found = [*self._faults_of_rules(), *self._faults_of_questions()]
        return {f"{_called(f.owner)}.{f.name} {f.says}": f for f in found}

    def _rules(self) -> Iterator[tuple[ModuleType, str, FunctionType]]:
        for module in self.rules:
            for name, rule in inspect.getmembers(module, inspect.isfunction):
                if rule.__module__ == module.__name__ and not self._is_only_words(module, name):
                    yield module, name, rule

    def _is_only_words(self, module: ModuleType, name: str) -> bool:
        return bool({name, f"{_called(module)}.{name}"} & self.only_words)

    def _faults_of_rules(self) -> Iterator[Fault]:
        for module, name, rule in self._rules():
            by_hand = self.by_hand.get(f"{_called(module)}.{name}") or self.by_hand.get(name)
            for says, wrong in (by_hand or _empty_answers(rule)).items():
                yield Fault(owner=module, name=name, says=says, wrong=wrong)

    def _faults_of_questions(self) -> Iterator[Fault]:
        for asked in self.questions:
            for name, question in vars(asked).items():
                how = question.fget if isinstance(question, property) else question
                if not inspect.isfunction(how) or name.startswith("__"):
                    continue
                for says, wrong in _empty_answers(how).items():
                    yield Fault(owner=asked, name=name, says=says, wrong=wrong)

    def without_a_fault(self) -> list[str]:
        """Name the rules for which no fault is known."""
        seeded = {(f.owner, f.name) for f in self.faults.values()}
        rules = ((module, name) for module, name, _ in self._rules())
        return [f"{_called(m)}.{name}" for m, name in rules if (m, name) not in seeded]

    def plant(self, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
        """Put the fault in the place of its rule."""
        if isinstance(fault.owner, ModuleType):
            self.replace(monkeypatch, fault.rule, fault.wrong)
            return
        wrong: Any = fault.wrong
        is_property = isinstance(fault.rule, property)
        monkeypatch.setattr(fault.owner, fault.name, property(wrong) if is_property else wrong)

    def replace(self, monkeypatch: pytest.MonkeyPatch, rule: object, wrong: object) -> None:
        """Put `wrong` in the place of `rule` wherever it goes by a name."""
        for module in {*self.rules, *self.read_by, *self.sentences}:
            for name, value in list(vars(module).items()):
                if value is rule:
                    monkeypatch.setattr(module, name, wrong)
        for guard, condition in self.guards.items():
            if condition is rule:
                monkeypatch.setitem(self.guards, guard, wrong)

    @cached_property
    def told(self) -> tuple[Callable[[], object], ...]:
        """Each sentence of the tests as a call, once for each value that it is told for."""
        return tuple(
            call
            for module in self.sentences
            for name, sentence in inspect.getmembers(module, inspect.isfunction)
            if name.startswith("test_")
            for call in _calls(sentence)
        )


def some_fails(sentences: Iterable[Callable[[], object]]) -> bool:
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


def _called(owner: ModuleType | type) -> str:
    return owner.__name__.rsplit(".", 1)[-1]


_EMPTY: Mapping[str, Mapping[str, object]] = {
    "None": {"checks nothing": None},
    "bool": {"says yes": True, "says no": False},
    "list": {"finds nothing": []},
    "Iterator": {"finds nothing": []},
    "Iterable": {"finds nothing": []},
    "dict": {"finds nothing": {}},
    "set": {"finds nothing": set()},
    "tuple": {"finds nothing": ()},
}


def _empty_answers(rule: FunctionType) -> Mapping[str, Wrong]:
    answer = str(inspect.signature(rule, eval_str=False).return_annotation)
    answer = answer.removeprefix("collections.abc.").removeprefix("<class '").removesuffix("'>")
    if answer.endswith("| None") or answer.startswith("typing.Optional["):
        return {"finds nothing": always(None)}
    empty = _EMPTY.get(re.split(r"[\[.]", answer)[0], {})
    return {says: always(value) for says, value in empty.items()}


def _calls(sentence: FunctionType) -> Iterator[Callable[[], object]]:
    marks = [m.args for m in getattr(sentence, "pytestmark", ()) if m.name == "parametrize"]
    values = [[_named(names, value) for value in given] for names, given in marks]
    for choice in product(*values):
        arguments = {name: value for part in choice for name, value in part.items()}
        yield lambda arguments=arguments: sentence(**arguments)  # type: ignore[misc]


def _named(names: str | tuple[str, ...], value: Any) -> dict[str, Any]:
    return {names: value} if isinstance(names, str) else dict(zip(names, value, strict=True))
