"""The policies on the page for readers are read by the verifier, and ask for what the page says."""

import re
from itertools import combinations

import pytest

from app.log.verifier import Incomplete, Policy
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/reference/witness-policy.md").read_text(encoding="utf-8")
ANY_TWO, BOTH_SIDES = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
NAMES = ("UN", "ICRC", "ministry", "government")


def enough(policy: Policy, *names: str) -> bool:
    """Tell whether cosignatures of these witnesses meet the quorum."""
    try:
        policy.check_quorum(names)
    except Incomplete:
        return False
    return True


def test_any_two_of_four() -> None:
    policy = Policy.read(ANY_TWO.encode())
    assert tuple(policy.witnesses) == NAMES
    assert [key.name for key in policy.logs] == ["log.example/mariupol"]
    assert all(enough(policy, *two) for two in combinations(NAMES, 2))
    assert not any(enough(policy, one) for one in NAMES)


def test_one_of_each_side() -> None:
    who = "".join(line for line in ANY_TWO.splitlines(keepends=True) if "any-two" not in line)
    policy = Policy.read((who + BOTH_SIDES).encode())
    met = {two for two in combinations(NAMES, 2) if enough(policy, *two)}
    assert met == {(other, party) for other in NAMES[:2] for party in NAMES[2:]}


@pytest.mark.parametrize("line", ["log", "witness", "group", "quorum"])
def test_each_kind_of_line_is_told(line: str) -> None:
    assert f"| `{line} " in PAGE
