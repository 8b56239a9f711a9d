"""Simple resources: a clock that is set back loses no change."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from app.access.write import Write
from app.console.database import write_for
from app.db.session import writing
from app.http.versions import etag
from app.ledger import store
from app.organisations import service
from app.organisations.schemas import EditOrganisation, NewOrganisation


def test_a_clock_that_is_set_back_loses_no_change(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = uuid4()
    with writing(engine) as db:
        body = NewOrganisation.model_validate({"name": "OCHA", "short_name": "O", "kind": "un"})
        made = service.create(write_for(db, id), body, id=id)
    monkeypatch.setattr(store, "moment", lambda _: datetime(2001, 1, 1, tzinfo=UTC))
    with writing(engine) as db:
        write = Write(db=db, caller=write_for(db, id).caller, if_match=etag(1))
        edited = service.edit(write, id, EditOrganisation(name="UN OCHA"))
    assert edited.values["name"] == "UN OCHA"
    assert edited.recorded_at == made.recorded_at
