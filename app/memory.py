"""How the process treats its memory."""

import ctypes
import gc
import os
from contextlib import suppress

_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
"""What glibc calls so, with M_ before."""
_ARENAS = 2
_LARGE, _AT_THE_END = 2**20, 32 * 2**20


def spare_the_collector() -> None:
    """Let the collector of cycles leave alone what stays, and look at the rest less often.

    Its default, a look at every 700 new objects, doubles the time of a change of many corridors.
    What loading left behind stays too: to look for it takes longer than it is worth.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def give_back() -> None:
    """Let glibc give back what it is done with, unless `MALLOC_ARENA_MAX` says how many arenas to have.

    By default there are eight for each processor, each keeps what its largest tile took, and so do
    arrays of megabytes, that only lie between smaller things.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return
    with suppress(OSError, TypeError, AttributeError):  # other C libraries have no arenas
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_ARENA_MAX, _ARENAS)
        mallopt(_MMAP_THRESHOLD, _LARGE)
        mallopt(_TRIM_THRESHOLD, _AT_THE_END)
