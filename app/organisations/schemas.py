"""What bodies and answers about organisations hold."""

import re
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from app.access.resource import Correcting, Recorded, keep
from app.domain.organisation import OrganisationKind
from app.http.schema import UUID_TEXT, Change, CountryCode, ShortText, one_of, refused

_IATI = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{1,99}")


def _check_short_name(text: str) -> str:
    if len(text) > 60 or text != text.strip():
        raise refused("expected a short name of 1 to 60 characters, without blanks around it")
    if UUID_TEXT.fullmatch(text):
        raise refused("found a UUID, expected a name that cannot be taken for an id")
    return text


def _check_iati(text: str) -> str:
    if not _IATI.fullmatch(text):
        raise refused("expected an IATI organisation identifier such as XM-DAC-41127")
    return text


ShortName = Annotated[ShortText, AfterValidator(_check_short_name)]
"""The name by which bodies and filters may refer to an organisation; case does not matter."""
IatiId = Annotated[str, AfterValidator(_check_iati)]
"""An identifier of the International Aid Transparency Initiative."""
KindIn = Annotated[OrganisationKind, one_of(OrganisationKind)]

EXAMPLE: dict[str, JsonValue] = {
    "name": "United Nations Office for the Coordination of Humanitarian Affairs",
    "short_name": "UN OCHA",
    "kind": "un",
    "country": None,
    "iati_id": "XM-DAC-41127",
    "parent": None,
    "is_belligerent": False,
}


class NewOrganisation(Change):
    """An organisation to be made known."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: ShortText
    short_name: ShortName
    kind: KindIn
    country: CountryCode | None = None
    iati_id: IatiId | None = None
    parent: ShortText | None = Field(
        default=None, description="the organisation above it, by id or short name"
    )
    is_belligerent: bool = Field(default=False, description="whether it takes part in the fighting")


class EditOrganisation(Correcting):
    """What is to be different about an organisation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"iati_id": "XM-DAC-41127"}]})

    name: ShortText = Field(default_factory=keep)
    short_name: ShortName = Field(default_factory=keep)
    kind: KindIn = Field(default_factory=keep)
    country: CountryCode | None = Field(default_factory=keep)
    iati_id: IatiId | None = Field(default_factory=keep)
    parent: ShortText | None = Field(default_factory=keep)
    is_belligerent: bool = Field(default_factory=keep)


class Organisation(Recorded):
    """An organisation."""

    name: str
    short_name: str
    kind: OrganisationKind
    country: str | None
    iati_id: str | None
    parent: UUID | None
    is_belligerent: bool
