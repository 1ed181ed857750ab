"""What the environment says: the only place that reads it."""

import os
from pathlib import Path

__all__ = ["LOG_VARIABLE", "default_log_folder"]

LOG_VARIABLE = "ALLSTOP_LOG"
"""Names the desk's folder, so that it need not be repeated. Who controls it chooses where statements go."""

_DEFAULT = "log-desk"


def default_log_folder() -> Path:
    """Return the folder that a command files into unless it is told another."""
    return Path(os.environ.get(LOG_VARIABLE) or _DEFAULT)
