"""`ogctests`, abstract tests of OGC API – Features, Part 1 that others wrote, against the service.

All run without the internet. Test 15 looks into a box in which the case has nothing; our own tests of
the box are in `tests/http/ogc`. The suite also demands that each collection has a feature, which the
standard does not; so it looks as a map client, who sees some of each.
"""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.clients.served import Served
from tests.servers import ROOT

LEFT_OUT = {
    "test_ast24": "there is no timeStamp, which is optional (/req/core/fc-timeStamp)",
    "test_ast25": "there is no numberMatched, which is optional (/req/core/fc-numberMatched)",
}
"""Tests that would find nothing to check, and why."""
EXPECTED = {f"test_ast{number}" for number in range(1, 30)} - LEFT_OUT.keys()


def test_all_of_its_tests_of_features_core_pass(served: Served, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    but = ",".join(LEFT_OUT)
    arguments = (served.ogc, served.tokens["map-client"], str(report), but)
    done = subprocess.run(
        (sys.executable, "-m", "tests.clients.suite", *arguments),
        check=False,
        cwd=ROOT,
        env={name: it for name, it in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    ran = ET.parse(report).iter("testcase")
    assert {case.get("name") for case in ran if len(case) == 0} == EXPECTED
