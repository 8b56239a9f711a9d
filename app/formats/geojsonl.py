"""GeoJSON Text Sequences (RFC 8142): one feature a record, each between RS and a line's end."""

from collections.abc import Iterator

import orjson

from app.formats.writer import About, Feature

_BEGIN = b"\x1e"


class GeojsonSequence:
    """Writes features one after another; a record that is cut short is told by its missing end."""

    def __init__(self, _: About) -> None:
        pass

    def begin(self) -> bytes:
        """Give nothing: a sequence has no head."""
        return b""

    def add(self, feature: Feature) -> bytes:
        """Give the record of a feature."""
        return _BEGIN + orjson.dumps(feature, option=orjson.OPT_APPEND_NEWLINE)

    def end(self) -> Iterator[bytes]:
        """Give nothing: a sequence has no foot."""
        return iter(())

    def close(self) -> None:
        """Hold nothing."""
