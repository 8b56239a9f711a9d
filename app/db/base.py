"""The base of all tables: names of constraints, and which column type a Python type gets."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

from app.db.types import Day, Flag, Id, Instant, Words

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """A row; every column must be named when one is made."""

    __table__: ClassVar[Table]
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar = {
        UUID: Id(),
        datetime: Instant(),
        date: Day(),
        bool: Flag(),
        str: Words,
    }
