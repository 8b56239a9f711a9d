"""Examples of request bodies, from the Azovstal case of spring 2022.

Ids and hashes are made up; what the parties said is as the sources of the case have it.
"""

from pydantic import ConfigDict, JsonValue

Example = dict[str, JsonValue]

SOURCE = "a1e3c5d7-0b2d-4f6a-8c1e-3a5b7c9d1e2f"
CHANGE = "84c9f8fb-889b-47c9-a861-d6d03335b7cc"
HASH = "b29372dbcee2a57605faa539c5169b212b9e1fcf9c0baed6f5fc5d60a262f599"


def shown(*examples: Example) -> ConfigDict:
    """Give the model configuration that puts examples into the description of the API."""
    return ConfigDict(json_schema_extra={"examples": list(examples)})


AGREEMENT: Example = {
    "operation": "mariupol-2022",
    "title": "Evacuation of civilians from the Azovstal steelworks",
    "kind": "evacuation",
    "laterality": "multilateral",
    "purpose": "Evacuation of civilians from the Azovstal steelworks by the UN and the ICRC",
    "proposer": "Government of Ukraine",
    "parties": [
        {"organisation": "Russian MoD", "role": "required_party"},
        {"organisation": "Government of Ukraine", "role": "required_party"},
        {"organisation": "UN OCHA", "role": "facilitator"},
        {"organisation": "UN OCHA", "role": "executor"},
        {"organisation": "ICRC", "role": "executor"},
        {"organisation": "Mariupol City Council", "role": "observer"},
    ],
    "sources": [SOURCE],
    "effective_at": "2022-04-25T10:00:00Z",
}
DECLARATION: Example = {
    "operation": "mariupol-2022",
    "title": "Corridor from Azovstal announced for 5 to 7 May",
    "kind": "corridor",
    "laterality": "unilateral",
    "purpose": "Exit of civilians from Azovstal, as announced by one side",
    "declared_by": "Russian MoD",
    "parties": [{"organisation": "Russian MoD", "role": "required_party"}],
    "sources": [SOURCE],
    "effective_at": "2022-05-04T18:00:00Z",
}
AGREEMENT_PATCH: Example = {"sensitivity": "moderate", "release_at": "2022-05-09T09:00:00Z"}

IN_PRINCIPLE: Example = {
    "organisation": "Russian MoD",
    "position": "in_principle",
    "authority_level": "head_of_state",
    "form": "verbal",
    "stated_at": "2022-04-26T15:00:00Z",
    "received_at": "2022-04-26T16:00:00Z",
    "relayed_by": "UN OCHA",
    "sources": [SOURCE],
    "note": "Said by the head of state, according to the UN's readout.",
}
CONFIRMED: Example = {
    "organisation": "ICRC",
    "position": "confirmed",
    "revision": 1,
    "terms_hash": HASH,
    "form": "not_known",
    "stated_at": "2022-04-29T08:00:00Z",
    "relayed_by": "UN OCHA",
    "sources": [SOURCE],
    "basis": "inferred",
}
WITHDRAWN: Example = {"organisation": "Government of Ukraine", "position": "withdrawn"}
ATTESTATION: Example = {"note": "Heard in the same call."}

TERM: Example = {
    "state": "agreed",
    "text": "Zaporizhzhia, or another destination that a person chooses",
    "details": {"voluntary": True},
    "effective_at": "2022-04-29T06:00:00Z",
    "sources": [SOURCE],
    "basis": "inferred",
}
TERMS: Example = {
    "terms": {
        "purpose": {
            "state": "agreed",
            "text": "Evacuation of civilians from the Azovstal steelworks",
        },
        "eligible_people": {"state": "agreed", "text": "Civilians who wish to leave"},
        "checks": {
            "state": "proposed",
            "text": "Checks on the way, at Manhush among other places",
        },
    },
    "effective_at": "2022-04-28T16:00:00Z",
    "sources": [SOURCE],
    "basis": "inferred",
}

WINDOW: Example = {
    "starts_at": "2022-04-30T03:00:00Z",
    "ends_at": "2022-04-30T17:00:00Z",
    "tz": "Europe/Kyiv",
    "as_announced": "06:00 local time",
    "direction": "out",
    "effective_at": "2022-04-29T06:00:00Z",
    "sources": [SOURCE],
    "basis": "inferred",
}
WINDOW_OPENED: Example = {
    "status": "opened",
    "effective_at": "2022-04-30T08:00:00Z",
    "sources": [SOURCE],
    "basis": "inferred",
}
WINDOW_CLOSED: Example = {
    "status": "closed_as_planned",
    "outcome": "partly",
    "effective_at": "2022-04-30T17:00:00Z",
    "sources": [SOURCE],
    "basis": "inferred",
}

IN_FORCE: Example = {
    "to": "in_force",
    "reason": "ceasefire_reported",
    "note": "Five hours late, according to media reports.",
    "ceasefire_effective_at": "2022-04-30T08:00:00Z",
    "sources": [SOURCE],
    "effective_at": "2022-04-30T08:00:00Z",
}
SUSPENDED: Example = {"to": "suspended", "reason": "ceasefire_broken"}
COMPLETED: Example = {
    "to": "completed",
    "reason": "purpose_met",
    "movements_statement": "Three convoys, according to the UN.",
    "counts_statement": "UN: more than 600 people in all. Other claims stand beside it.",
    "sources": [SOURCE],
    "effective_at": "2022-05-08T20:00:00Z",
}
TAKEN_OUT: Example = {"to": None, "corrects": CHANGE, "reason": "recorded_in_error"}
