"""A process for the demo: multiplies matrices or sleeps, and says how far it has come.

Run as `python _worker.py MODE`: `work` multiplies until it is ended, `idle` sleeps until it is
ended, `calibrate` multiplies for a second and prints its best rate in FLOP/s.
"""

import sys
import time

import numpy as np

__all__ = ["FLOP_PER_STEP", "main"]

_SIDE = 384
_STEPS_PER_LINE = 16

FLOP_PER_STEP = 2 * _SIDE**3
"""Operations of one matrix product, two for each multiplication and addition."""


def main(mode: str) -> None:
    """Run one mode; `work` prints a line `<ms since 1970> <steps so far>` after every few steps."""
    left = np.linspace(-1, 1, _SIDE * _SIDE, dtype=np.float32).reshape(_SIDE, _SIDE)
    right = left.T.copy()
    left @ right  # the first product pays for starting up
    if mode == "calibrate":
        print(_calibrate(left, right))
        return
    print("ready", flush=True)
    steps = 0
    while True:
        if mode == "idle":
            time.sleep(0.5)
            continue
        for _ in range(_STEPS_PER_LINE):
            left @ right
        steps += _STEPS_PER_LINE
        print(time.time_ns() // 1_000_000, steps, flush=True)


def _calibrate(left: np.ndarray, right: np.ndarray) -> int:
    best, until = 0, time.monotonic() + 1.0
    while time.monotonic() < until:
        started = time.process_time_ns()
        for _ in range(_STEPS_PER_LINE):
            left @ right
        used = max(time.process_time_ns() - started, 1)
        best = max(best, FLOP_PER_STEP * _STEPS_PER_LINE * 1_000_000_000 // used)
    return best


if __name__ == "__main__":
    main(sys.argv[1])
