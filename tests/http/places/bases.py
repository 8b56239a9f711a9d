"""The bases of a process, and what may be wished of the worlds that are copied from them."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import strategies as st

from tests.databases import Stock, untested
from tests.http.places.hand import WHENS, Wish
from tests.http.places.hidden import WRITES
from tests.http.places.twins import Twin, given_base, given_twin
from tests.postgres import NoPostgres

wishes = st.builds(
    Wish,
    what=st.sampled_from(sorted(WRITES)),
    target=st.integers(0, 11),
    value=st.integers(0, 10_000),
    when=st.sampled_from(WHENS),
)


class Bases:
    """The bases of this process: one for each database, with a twin that nobody writes to."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._stack = ExitStack()
        self._made: dict[str, Twin] = {}
        self.stock = Stock(Path(os.environ["PASSAGE_TEST_FOLDER"]))

    def get(self, dialect: str) -> Twin:
        """Give the world in which nothing is written."""
        if dialect not in self._made:
            folder = self._folders.mktemp(f"two-worlds-{dialect}")
            base = self._stack.enter_context(given_base(self.stock, dialect, folder))
            self._made[dialect] = self._stack.enter_context(given_twin(self.stock, base))
        return self._made[dialect]

    def close(self) -> None:
        """End them all."""
        self._stack.close()


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bases]:
    made = Bases(tmp_path_factory)
    yield made
    made.close()


@pytest.fixture(params=("sqlite", "postgresql"))
def still(request: pytest.FixtureRequest, bases: Bases) -> Twin:
    """Lend the world in which nothing is written."""
    try:
        return bases.get(request.param)
    except NoPostgres as error:
        untested(error)
