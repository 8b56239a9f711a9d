"""One idempotency key of one principal has one outcome."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, exc

from app.db.session import reading, writing
from app.domain.fact import Event
from app.ledger import idempotency, store
from app.ledger.idempotency import Kept
from tests.store.ledger_given import OCHA, given_agreement, given_fact, given_subject

KEY = "0b8a7f64"


def outcome(event: Event) -> Kept:
    return Kept(digest=b"d" * 32, status=201, subject=event.fact.subject.id, event=event.fact.id)


def test_what_was_kept_is_found_by_its_principal_and_key_only(engine: Engine) -> None:
    kept = outcome(given_agreement(engine))
    with writing(engine) as db:
        idempotency.keep(db, OCHA.principal, KEY, kept)
    with reading(engine) as db:
        assert idempotency.find(db, OCHA.principal, KEY) == kept
        assert idempotency.find(db, OCHA.principal, KEY.upper()) is None
        assert idempotency.find(db, uuid4(), KEY) is None


def test_an_outcome_is_kept_once(engine: Engine) -> None:
    kept = outcome(given_agreement(engine))
    with writing(engine) as db:
        idempotency.keep(db, OCHA.principal, KEY, kept)
    with pytest.raises(exc.IntegrityError), writing(engine) as db:
        idempotency.keep(db, OCHA.principal, KEY, kept)


def test_an_outcome_names_an_event_that_exists(engine: Engine) -> None:
    kept = Kept(digest=b"d", status=201, subject=uuid4(), event=uuid4())
    with pytest.raises(exc.IntegrityError), writing(engine) as db:
        idempotency.keep(db, OCHA.principal, KEY, kept)


def test_concurrent_copies_have_one_effect(engine: Engine) -> None:
    subject = given_subject()

    def ask(_: int) -> UUID:
        with writing(engine) as db:
            idempotency.hold(db, OCHA.principal, KEY)
            if kept := idempotency.find(db, OCHA.principal, KEY):
                return kept.event
            at = store.moment(db)
            fact = given_fact(subject, {"status": "proposed"}, effective_at=at)
            event = store.append(db, fact, at=at, new=True)
            idempotency.keep(db, OCHA.principal, KEY, outcome(event))
            return event.fact.id

    with ThreadPoolExecutor(5) as pool:
        assert len(set(pool.map(ask, range(5)))) == 1


def test_a_digest_depends_on_the_secret_and_on_where_a_part_ends() -> None:
    one = idempotency.digest(b"secret", b"POST", b"/v1/agreements")
    assert one == idempotency.digest(b"secret", b"POST", b"/v1/agreements")
    assert one != idempotency.digest(b"other", b"POST", b"/v1/agreements")
    assert one != idempotency.digest(b"secret", b"POST/", b"v1/agreements")
