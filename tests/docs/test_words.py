"""The reference names every code, status, position, role, setting and command that there is."""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from app.console import app as console
from app.demo import azovstal, corridors
from app.domain.agreement.model import Stance
from app.domain.agreement.status import Status
from app.domain.corridor.cascade import Cause
from app.domain.corridor.status import CorridorStatus
from app.domain.policy import Role
from tools.make_docs import DOCS, ROOT

REFERENCE = DOCS / "reference"
SOURCES = sorted((ROOT / "app").rglob("*.py"))


def page(of: str) -> str:
    """Read a page of the reference."""
    return (REFERENCE / f"{of}.md").read_text(encoding="utf-8")


def rows(text: str, heading: str) -> list[str]:
    """Give the first cell of each row of the table under a heading."""
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| `")]


def named(cells: Iterable[str]) -> set[str]:
    """Give every word in backticks."""
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def codes(of: str) -> set[str]:
    """Find every code with which the service can make an `Unmet` or a `Warned`."""
    return {code for path in SOURCES for code in _codes(path, of)}


def _codes(path: Path, of: str) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assigned = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id == of:
            given = [word.value for word in node.keywords if word.arg == "code"]
        elif of == "Unmet" and node.func.id == "_unmet":
            given = node.args[:1]
        else:
            continue
        for value in given:
            yield from _texts(value, assigned)


def _texts(value: ast.expr, assigned: dict[str, ast.expr]) -> Iterator[str]:
    if isinstance(value, ast.Name) and value.id in assigned:
        yield from _texts(assigned[value.id], assigned)
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body, assigned)
        yield from _texts(value.orelse, assigned)
    elif isinstance(value, ast.JoinedStr):
        parts = (
            part.value if isinstance(part, ast.Constant) else "<member>" for part in value.values
        )
        yield "".join(str(part) for part in parts)
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value


def test_the_page_lists_every_missing_condition_and_no_other() -> None:
    listed = named(rows(page("codes"), "Conditions: `unmet`, `do_not_move.reasons`"))
    assert listed == codes("Unmet")


def test_the_page_lists_every_warning_and_no_other() -> None:
    assert named(rows(page("codes"), "Warnings")) == codes("Warned")


def test_reasons_that_the_service_and_the_case_use_are_among_the_usual_ones() -> None:
    steps = inspect.getsource(azovstal) + inspect.getsource(corridors)
    used = set(re.findall(r'"reason": "(\w+)"', steps))
    by_itself = {*Cause, "terms_changed", "route_changed", "agreement_stopped"}
    assert used | by_itself <= named(rows(page("codes"), "Usual reasons of status changes"))


def test_every_status_is_told() -> None:
    text = page("statuses").partition("## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == set(Status)


def test_every_status_of_a_corridor_is_told() -> None:
    assert named(rows(page("statuses"), "Corridors")) == set(CorridorStatus)


def test_every_position_is_told() -> None:
    text = page("positions").partition("## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == set(Stance)


def test_every_role_is_told() -> None:
    text = page("roles").partition("## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == set(Role)


def commands() -> Iterator[str]:
    """Name every command of the command line."""
    for name, command in vars(get_command(console))["commands"].items():
        inner = vars(command).get("commands")
        yield from (f"passage {name} {each}" for each in inner) if inner else [f"passage {name}"]


@pytest.mark.parametrize("command", list(commands()))
def test_every_command_is_told(command: str) -> None:
    assert f"| `{command}" in page("command-line")
