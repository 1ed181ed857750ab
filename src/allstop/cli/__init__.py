"""The command line: `allstop <noun> <verb>`. It parses and prints; every rule is on the floors below.

Results go to stdout, everything else to stderr. Modules of commands import what is heavy inside their
functions, so that `--help` and completion answer at once.
"""

from allstop.cli._app import app, main

__all__ = ["app", "main"]
