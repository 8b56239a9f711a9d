"""The process takes its memory from few arenas, so that it gives back what its largest answer took."""

import os
import subprocess
import sys

from tests.servers import ROOT

_THREADS = 8
_PROGRAM = f"""
import ctypes, sys
from threading import Barrier, Thread
from app.memory import give_back

if sys.argv[1] == "give back":
    give_back()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
all_there = Barrier({_THREADS})

def take():
    all_there.wait()  # each has an arena by now, if it is to have its own
    libc.malloc(100)
    all_there.wait()

threads = [Thread(target=take) for _ in range({_THREADS})]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
out = ctypes.c_void_p.in_dll(libc, "stdout")
libc.malloc_info(0, out)
libc.fflush(out)
"""


def arenas(what: str, **settings: str) -> int:
    """Count the arenas of a process with several threads."""
    inherited = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, what],
        env={**inherited, **settings, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return done.stdout.count("<heap nr=")


def test_threads_share_two_arenas() -> None:
    assert arenas("give back") <= 2
    assert arenas("as usual") > 2


def test_who_runs_the_service_may_say_how_many() -> None:
    assert arenas("give back", MALLOC_ARENA_MAX="5") > 2
