"""What the driver itself is asked, told as SQLAlchemy tells it."""

from typing import Any

from sqlalchemy import Connection, exc


def as_usual(error: Exception, connection: Connection) -> exc.DBAPIError:
    """Put an error of the driver in the words that statements by themselves raise.

    Where the connection is lost with it, it is used no more.
    """
    dialect = connection.dialect
    driver: Any = connection.connection.driver_connection
    lost = dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
    told = exc.DBAPIError.instance(
        statement=None,
        params=None,
        orig=error,
        dbapi_base_err=dialect.loaded_dbapi.Error,
        dialect=dialect,
        connection_invalidated=lost,
    )
    assert isinstance(told, exc.DBAPIError)
    if lost:
        connection.invalidate(error)
    return told
