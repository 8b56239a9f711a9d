"""The ten terms, as they are settled and shown."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from app.agreements.schemas import examples
from app.agreements.schemas.common import Answer, CorrectsIn, WarningOut
from app.agreements.schemas.examples import shown
from app.domain.agreement.status import Status
from app.domain.agreement.terms import TermKey, TermState
from app.domain.fact import Basis
from app.http.schema import Body, Change, Details, FreeText, InstantOut, ShortText, one_of
from app.sources.schemas import SourcesIn


class TermValue(Body):
    """What a term says; what is left out is empty."""

    state: Annotated[TermState, one_of(TermState)]
    text: FreeText | None = None
    details: Details = Field(default_factory=dict)


class _Change(Change):
    reason: ShortText | None = None
    sources: SourcesIn = Field(default_factory=list)
    corrects: CorrectsIn = Field(default_factory=list)


class TermIn(TermValue, _Change):
    """One term, whole."""

    model_config = shown(examples.TERM)


class TermsIn(_Change):
    """Several terms in one revision, by their keys; the keys may also stand beside `reason`."""

    model_config = shown(examples.TERMS)

    terms: dict[Annotated[TermKey, one_of(TermKey)], TermValue] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "terms" in data:
            return data
        keys = {key.value for key in TermKey}
        terms = {name: value for name, value in data.items() if name in keys}
        rest = {name: value for name, value in data.items() if name not in keys}
        return {**rest, "terms": terms} if terms else data


class TermOut(Answer):
    """One term as it stands."""

    key: TermKey
    state: TermState
    text: str | None
    details: dict[str, Any]
    basis: Basis | None = Field(description="null while nobody has said anything")
    since: InstantOut | None


class TermsOut(Answer):
    """The ten terms as they stand."""

    items: list[TermOut]
    next: None = None
    revision: int
    terms_hash: str


class TermsChanged(Answer):
    """What a change of the terms did."""

    revision: int
    terms_hash: str
    extends: int | None
    confirmations_voided: bool
    status: Status
    items: list[TermOut]
    warnings: list[WarningOut]
