"""What was said in public, by whom and when: the sources of the case.

Hours that no source gives are not known; a source is dated to its day. What is disputed, or known at
second hand, carries how far it is believed (Admiralty code): F3 cannot be judged, and is possible.
"""

from typing import Any

SOURCES: dict[str, dict[str, Any]] = {
    "mod-25-april": {
        "publisher": "Ministry of Defence of the Russian Federation",
        "title": "Announcement of a ceasefire around Azovstal from 14:00 Moscow time, 25 April",
        "kind": "party_statement",
        "published_at": "2022-04-25T09:00:00Z",
    },
    "ukraine-25-april": {
        "publisher": "Government of Ukraine",
        "title": "No agreed corridor on 25 April; request for UN and ICRC involvement and "
        "monitoring",
        "kind": "party_statement",
        "published_at": "2022-04-25T10:00:00Z",
    },
    "un-26-april": {
        "publisher": "United Nations",
        "title": "Readout of the Secretary-General's meeting in Moscow: agreement in principle "
        "to UN and ICRC involvement; further talks between OCHA and the Defence Ministry",
        "kind": "un",
        "published_at": "2022-04-26T16:00:00Z",
    },
    "un-28-april": {
        "publisher": "United Nations",
        "title": "Secretary-General in Kyiv: intense discussions on the evacuation from Azovstal",
        "kind": "un",
        "published_at": "2022-04-28T16:00:00Z",
    },
    "un-29-april": {
        "publisher": "United Nations",
        "title": "A UN and ICRC convoy left on 29 April, some 230 km from Azovstal",
        "kind": "un",
        "published_at": "2022-05-01T12:00:00Z",
    },
    "media-30-april": {
        "publisher": "Media reports",
        "title": "The ceasefire due at 06:00 is said to have begun at 11:00 local time, and some 20 "
        "people to have come out",
        "kind": "media",
        "published_at": "2022-04-30T18:00:00Z",
        "reliability": "F",
        "credibility": 3,
    },
    "un-1-may": {
        "publisher": "United Nations",
        "title": "The passage operation is under way; no details are given, for safety",
        "kind": "un",
        "published_at": "2022-05-01T12:00:00Z",
    },
    "icrc-1-may": {
        "publisher": "International Committee of the Red Cross",
        "title": "The ICRC takes part in a safe passage operation from Azovstal",
        "kind": "icrc",
        "published_at": "2022-05-01T12:00:00Z",
    },
    "media-2-may": {
        "publisher": "Media reports",
        "title": "Buses wait for checks at Manhush",
        "kind": "media",
        "published_at": "2022-05-02T18:00:00Z",
    },
    "un-3-may": {
        "publisher": "United Nations",
        "title": "101 people out of the plant, 58 joined at Manhush, 127 reached Zaporizhzhia",
        "kind": "un",
        "published_at": "2022-05-03T16:00:00Z",
    },
    "ukraine-3-may": {
        "publisher": "Government of Ukraine",
        "title": "156 people arrived in Zaporizhzhia",
        "kind": "party_statement",
        "published_at": "2022-05-03T18:00:00Z",
    },
    "mod-3-may": {
        "publisher": "Ministry of Defence of the Russian Federation",
        "title": "69 people handed over to the UN and the ICRC",
        "kind": "party_statement",
        "published_at": "2022-05-03T18:00:00Z",
    },
    "mod-4-may": {
        "publisher": "Ministry of Defence of the Russian Federation",
        "title": "Announcement of a corridor from Azovstal, 5 to 7 May, 08:00 to 18:00 Moscow time",
        "kind": "party_statement",
        "published_at": "2022-05-04T18:00:00Z",
    },
    "un-4-may": {
        "publisher": "United Nations",
        "title": "A second convoy: more than 300 people from Mariupol and nearby towns",
        "kind": "un",
        "published_at": "2022-05-04T20:00:00Z",
    },
    "ukraine-4-may": {
        "publisher": "Government of Ukraine",
        "title": "344 people in the second convoy",
        "kind": "party_statement",
        "published_at": "2022-05-04T20:00:00Z",
    },
    "un-8-may": {
        "publisher": "United Nations",
        "title": "A third convoy: more than 170 people, 51 of them from Azovstal; more than 600 "
        "in all",
        "kind": "un",
        "published_at": "2022-05-08T20:00:00Z",
    },
}
