"""What the parties settled, as far as it can be inferred: no public text shows the terms."""

from typing import Any

TERMS: dict[str, dict[str, Any]] = {
    "purpose": {"text": "Evacuation of civilians from the Azovstal steelworks"},
    "eligible_people": {"text": "Civilians who wish to leave"},
    "origin_and_assembly": {"text": "From the steelworks; assembly outside it"},
    "routes": {"text": "By Manhush and Tokmak to Zaporizhzhia"},
    "destinations_and_free_choice": {
        "text": "Zaporizhzhia, or another destination that a person chooses",
        "details": {"voluntary": True},
    },
    "windows": {"text": "One window a day while the ceasefire holds"},
    "escort_and_execution": {"text": "Convoys led by the UN and the ICRC"},
    "checks": {"text": "Checks on the way, at Manhush among other places"},
    "monitoring_and_contact": {"text": "The UN and the ICRC accompany; duty desks on both sides"},
    "guarantees_and_violations": {"text": "Ceasefire along the route; a violation suspends"},
}

WINDOWS: tuple[dict[str, Any], ...] = tuple(
    {
        "starts_at": f"2022-{day}T03:00:00Z",
        "ends_at": f"2022-{day}T17:00:00Z",
        "tz": "Europe/Kyiv",
        "direction": "out",
        **({"as_announced": "06:00 local time"} if day == "04-30" else {}),
    }
    for day in (
        "04-30",
        "05-01",
        "05-02",
        "05-03",
        "05-04",
        "05-05",
        "05-06",
        "05-07",
        "05-08",
    )
)
"""One a day; 30 April was announced for 06:00 and began at 11:00. The ends are inferred."""

OUTCOMES: dict[str, tuple[str, str]] = {
    "2022-04-30": ("partly", "media-30-april"),
    "2022-05-01": ("worked", "un-3-may"),
    "2022-05-02": ("unknown", "media-2-may"),
    "2022-05-03": ("unknown", "un-3-may"),
    "2022-05-04": ("unknown", "un-4-may"),
    "2022-05-05": ("unknown", "un-8-may"),
    "2022-05-06": ("unknown", "un-8-may"),
    "2022-05-07": ("unknown", "un-8-may"),
    "2022-05-08": ("worked", "un-8-may"),
}
"""What became of each day's window, and the source that comes nearest to saying so."""

MOVEMENTS = (
    "According to the UN three convoys arrived: the first left Azovstal on 1 May, waited for checks "
    "at Manhush on 2 May and reached Zaporizhzhia on 3 May; the second ran on 4 May, the third on "
    "8 May."
)
COUNTS = (
    "Claims differ. First convoy: UN 101 out of the plant, 58 joined at Manhush, 127 arrived; "
    "Government of Ukraine 156 arrived; Russian MoD 69 handed over. Second: UN more than 300, "
    "Government of Ukraine 344. Third: UN more than 170, of whom 51 from Azovstal. In all: UN more "
    "than 600."
)
