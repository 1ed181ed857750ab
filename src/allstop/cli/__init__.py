"""The command line: `allstop <noun> <verb>`. It parses and prints; every rule is on the floors below.

Results go to stdout, everything else to stderr. Modules of commands import what is heavy inside their
functions, so that `--help` and completion answer at once.
"""

import gc

# Loading makes tens of thousands of objects that stay: looking through them again and again took a third of the time
# of a command that files one statement. Cycles are still collected, later.
gc.set_threshold(50_000, 20, 20)

from allstop.cli._app import app, main  # noqa: E402  # after the line above, or it would come too late

__all__ = ["app", "main"]
