"""Which methods an address has."""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Route


def allowed_methods(routes: Iterable[BaseRoute], path: str) -> str:
    """List the methods of all routes that `path` fits, as the header `Allow` has them."""
    methods: set[str] = set()
    for route in routes:
        if isinstance(route, Route) and route.path_regex.match(path):
            methods |= route.methods or set()
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
