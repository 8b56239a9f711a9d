"""Logs as JSON lines on standard error; bodies, tokens and query strings are never logged."""

import logging
import sys

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger


def configure_logs() -> None:
    """Log what the service says and what its libraries say in one form."""
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_traceback,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(orjson.dumps)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)


def without_traceback(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """Name the class of an exception in place of its text, which may hold data."""
    found = line.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        line["error"] = type(error).__qualname__
    return line
