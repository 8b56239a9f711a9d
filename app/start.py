"""The program `passage`, put together while the collector of cycles rests.

Loading makes several hundred thousand objects that stay, and the collector would look at all of
them again and again: a fifth of the time to start. What is loaded is not looked at afterwards either.
"""

import gc
from importlib import import_module


def main() -> None:
    """Load the command line and run it."""
    gc.disable()
    console = import_module("app.console")
    gc.freeze()
    gc.enable()
    console.main()


if __name__ == "__main__":
    main()
