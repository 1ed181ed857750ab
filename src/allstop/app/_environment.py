"""What the environment says: the only place that reads it."""

import os
from pathlib import Path

__all__ = ["LOG_VARIABLE", "default_log_folder", "single_threaded"]

LOG_VARIABLE = "ALLSTOP_LOG"
"""Names the desk's folder, so that it need not be repeated. Who controls it chooses where statements go."""

_DEFAULT = "log-desk"


def default_log_folder() -> Path:
    """Return the folder that a command files into unless it is told another."""
    return Path(os.environ.get(LOG_VARIABLE) or _DEFAULT)


def single_threaded() -> dict[str, str]:
    """Return the environment of a process whose numerical libraries use one thread."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
    return {**os.environ, **dict.fromkeys((*names, "VECLIB_MAXIMUM_THREADS"), "1")}
