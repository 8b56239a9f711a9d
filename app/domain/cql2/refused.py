"""How a filter is refused."""


class FilterRefused(Exception):
    """A filter cannot be taken: what was found and what was expected, in one sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
