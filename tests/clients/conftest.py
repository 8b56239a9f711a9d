"""One service for all clients: the case is loaded once for each database, in one process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.portal import Portal
from tests.clients.served import Served, served_case

_HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the clients of one service in one process."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.xdist_group("clients"))


@pytest.fixture(scope="session")
def portal() -> Iterator[Portal]:
    """Lend a portal, whose pages browsers let read the service."""
    portal = Portal()
    yield portal
    portal.close()


@pytest.fixture(scope="session", params=("sqlite", "postgresql"))
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, portal: Portal
) -> Iterator[Served]:
    """Lend the service with the Azovstal case."""
    folder = tmp_path_factory.mktemp(f"case-{request.param}")
    with served_case(request.param, folder, portal.origin) as lent:
        yield lent
