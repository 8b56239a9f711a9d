"""The same agreement in a table that SQLAlchemy-Continuum versions."""

import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, configure_mappers, mapped_column
from sqlalchemy_continuum import make_versioned

from app.db.types import Id, Instant

make_versioned(user_cls=None)


class Base(DeclarativeBase):
    """The tables of this yardstick."""

    type_annotation_map = {UUID: Id(), datetime: Instant()}  # noqa: RUF012


class Agreement(Base):
    """The present state; Continuum makes `continuum_agreement_version` beside it."""

    __tablename__ = "continuum_agreement"
    __versioned__: dict[str, Any] = {}  # noqa: RUF012

    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str]
    reason: Mapped[str | None]
    note: Mapped[str | None]
    changed_at: Mapped[datetime]


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    configure_mappers()


def prepare(engine: Engine) -> None:
    """Make the tables."""
    Base.metadata.create_all(engine)


def add_agreements(engine: Engine, count: int) -> Sequence[UUID]:
    """Add agreements to be moved, each with the version that Continuum would have made."""
    now = datetime.now(UTC)
    ids = [uuid4() for _ in range(count)]
    rows = [{"id": id, "status": "proposed", "changed_at": now} for id in ids]
    with engine.begin() as connection:
        connection.execute(insert(Agreement), rows)
    return ids
