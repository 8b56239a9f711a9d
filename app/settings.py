"""Settings from the environment (`PASSAGE_…`), and the secret in the data directory."""

import os
import secrets
import tempfile
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_POSTGRESQL = "postgresql+psycopg://"
_SECRET_BYTES = 32
Origin = Annotated[str, Field(pattern=r"^https?://[a-z0-9.\-]+(:[0-9]{1,5})?$", max_length=300)]
"""Scheme and host in small letters, and a port where it is not the usual one, as browsers name it."""


class Settings(BaseSettings):
    """What an operator may set; every name has the prefix `PASSAGE_`.

    Attributes:
        database_url: `sqlite:///path` or `postgresql://…`; default a file in `data_dir`.
        migration_database_url: the role that owns the tables; default as `database_url`.
        pool_size: connections to the database that one worker may hold, beside that of `app.db.state`.
        log_signs: whether this worker signs the log; where several machines serve one database,
            those that hold its key do.
        log_name: what the log is called, in the form of an address without its scheme, such as
            `log.example.org/mariupol`; used once, when its first key is made.
        public_url: where clients reach the service, such as `https://passage.example.org`, for
            links of `/ogc`; by default they follow the address by which a client came.
        map_origins: whose pages browsers let read `/ogc`, such as `https://portal.example.org`,
            with commas between; by default nobody's.
    """

    model_config = SettingsConfigDict(
        env_prefix="PASSAGE_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    data_dir: Path = Path("data")
    database_url: str = ""
    migration_database_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    pool_size: int = Field(default=16, ge=1, le=1000)
    log_signs: bool = True
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/?#]+)?$", max_length=300)
    map_origins: Annotated[tuple[Origin, ...], NoDecode] = ()
    log_name: str = Field(default="", pattern=r"^[^\s+]*$", max_length=200)

    @field_validator("map_origins", mode="before")
    @classmethod
    def _at_commas(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        return [each for part in given.split(",") if (each := part.strip())]

    @field_validator("database_url", "migration_database_url")
    @classmethod
    def _name_the_driver(cls, url: str) -> str:
        return with_driver(url) if url else url

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: dict[str, object]) -> dict[str, object]:
        data_dir = given.get("data_dir") or "data"
        database = given.get("database_url") or f"sqlite:///{data_dir}/passage.sqlite"
        migration = given.get("migration_database_url") or database
        return given | {"database_url": database, "migration_database_url": migration}


def with_driver(url: str) -> str:
    """Name the driver in `url`; refuse an address of any other database.

    Raises:
        ValueError: what was found and what was expected, without the address itself,
            which may hold a password.
    """
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return _POSTGRESQL + url.removeprefix(prefix)
    if url.startswith((_POSTGRESQL, "sqlite:///")):
        return url
    raise ValueError("expected a database address like sqlite:///path or postgresql://…")


def secret_key(data_dir: Path) -> bytes:
    """Give the secret of keyed digests; make it on first use, readable by its owner only.

    Processes that start together agree on one secret.
    """
    path = data_dir / "secret.key"
    if not path.exists():
        _make_secret(path)
    key = path.read_bytes()
    if len(key) != _SECRET_BYTES:
        raise RuntimeError(f"secret.key holds {len(key)} bytes; expected {_SECRET_BYTES}")
    return key


def _make_secret(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its secret counts
    finally:
        Path(draft).unlink()
