"""Counts of requests by route and status; nothing of the data, no ids, no addresses."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

MEDIA_TYPE = CONTENT_TYPE_PLAIN_1_0_0
disable_created_metrics()  # type: ignore[no-untyped-call]  # when an address was first used is nobody's business
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "passage_requests",
            "Requests answered, by method, route template and status",
            ("method", "route", "status"),
            registry=self._registry,
        )

    def count(self, method: str, route: str, status: int) -> None:
        """Count one answer; `route` is a template, never an address as it was sent."""
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()

    def text(self) -> bytes:
        """Give the counters in Prometheus's text format."""
        return generate_latest(self._registry)
