"""Who takes part in the case, and which tokens a fresh service hands out."""

from typing import Any

BEGAN = "2022-02-24T00:00:00Z"

OCHA = "UN OCHA"
ICRC = "ICRC"
MOD = "Russian MoD"
UKRAINE = "Government of Ukraine"
MARIUPOL = "Mariupol City Council"

ORGANISATIONS: tuple[dict[str, Any], ...] = (
    {
        "name": "United Nations Office for the Coordination of Humanitarian Affairs",
        "short_name": OCHA,
        "kind": "un",
        "iati_id": "XM-DAC-41127",
    },
    {"name": "International Committee of the Red Cross", "short_name": ICRC, "kind": "icrc"},
    {
        "name": "Ministry of Defence of the Russian Federation",
        "short_name": MOD,
        "kind": "ministry",
        "country": "RUS",
        "is_belligerent": True,
    },
    {
        "name": "Government of Ukraine",
        "short_name": UKRAINE,
        "kind": "government",
        "country": "UKR",
        "is_belligerent": True,
    },
    {
        "name": "Mariupol City Council",
        "short_name": MARIUPOL,
        "kind": "local_authority",
        "country": "UKR",
        "parent": UKRAINE,
    },
)

OPERATION: dict[str, Any] = {
    "slug": "mariupol-2022",
    "name": "Mariupol 2022",
    "countries": ["UKR"],
    "started_on": "2022-02-24",
    "tz": "Europe/Kyiv",
    "members": [OCHA, ICRC, MOD, UKRAINE, MARIUPOL],
}

TOKENS: dict[str, dict[str, Any]] = {
    "coordinator-ocha": {"organisation": OCHA, "role": "coordinator", "holder": "ocha-desk"},
    "coordinator-icrc": {"organisation": ICRC, "role": "coordinator", "holder": "icrc-desk"},
    "coordinator-russian-mod": {
        "organisation": MOD,
        "role": "coordinator",
        "holder": "russian-mod-desk",
    },
    "coordinator-ukraine": {
        "organisation": UKRAINE,
        "role": "coordinator",
        "holder": "ukraine-desk",
    },
    "auditor": {"organisation": OCHA, "role": "auditor", "holder": "auditor"},
    "map-client": {"organisation": ICRC, "role": "map_client", "holder": "map-client"},
    "administrator": {
        "organisation": OCHA,
        "role": "administrator",
        "holder": "administrator",
    },
}
"""By the name under which the token is printed; all but the administrator's name the operation."""
