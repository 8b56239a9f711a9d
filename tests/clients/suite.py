"""Runs the tests of `ogctests` for Features Core, in a process of their own: they are pytest too."""

import sys

import httpx
from ogctests.main import run_ogctests

_ALONE = ("-c", "/dev/null", *("-p", "no:randomly"), *("-p", "no:cacheprovider"), "-p", "no:xdist")
_STRICT = ("-o", "filterwarnings=error::UserWarning:ogctests")
"""It warns where it finds nothing to check, and passes; here that fails."""


def main(url: str, token: str, report: str, but: str) -> int:
    """Test a service as somebody with a token.

    Args:
        report: where to write what ran, as JUnit does.
        but: the tests that are left out, with commas between them.
    """
    left_out = " or ".join(but.split(","))
    flags = [*_ALONE, *_STRICT, "-k", f"not ({left_out})", f"--junit-xml={report}"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers) as client:
        return int(run_ogctests("features/core", url, flags, client))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
