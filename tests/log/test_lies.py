"""A writer who lies and signs is found, and each check is needed for that."""

from collections.abc import Iterator

import pytest

from app.log import verifier
from tests.log.exports import History, Line, write
from tests.log.lies import LIES, replaced
from tests.log.verifying import INTACT, TAMPERED, verified


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Let no value that was read with a fault be taken for right later, nor the other way round."""
    verifier.read_again.cache_clear()
    yield
    verifier.read_again.cache_clear()


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_found(lie: str) -> None:
    said = verified(write(LIES[lie].lines()))
    assert said.status == TAMPERED
    assert LIES[lie].says in said.findings


@pytest.mark.parametrize("lie", [name for name, lie in LIES.items() if lie.checks])
def test_without_its_check_it_would_pass(lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for check, wrong in LIES[lie].checks.items():
        monkeypatch.setattr(*replaced(check), wrong)
    said = verified(write(LIES[lie].lines()))
    assert said.status == INTACT, said.lines


def test_an_event_that_is_there_twice_is_found() -> None:
    history = History()
    first = history.record({"status": "open"})
    history.events.append(first)
    lines: list[Line] = history.lines()
    assert "an earlier entry has the same event" in verified(write(lines)).findings
