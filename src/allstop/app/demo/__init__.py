"""The demo: a whole pause on one machine, from keys to verdict, with nothing scripted.

Measuring and filing are apart: real processes (`run_demo`) and a simulation (`run_simulated_demo`) give the
same kind of evidence, which is filed, drawn from, re-executed and audited in the same way.
"""

from allstop.app.demo._cast import Cast, Kind, cast_of, describe, find_unexpected, parse_cheat
from allstop.app.demo._run import DemoResult, run_demo
from allstop.app.demo._simulated import Noise, run_simulated_demo

__all__ = [
    "Cast",
    "DemoResult",
    "Kind",
    "Noise",
    "cast_of",
    "describe",
    "find_unexpected",
    "parse_cheat",
    "run_demo",
    "run_simulated_demo",
]
