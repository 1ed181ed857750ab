"""Compute accounts: what chips could have done, what was seen, and the room that is left to hide.

Pure functions over integers (spec/balance.md). Whether evidence may be believed is decided above, in
`allstop.verdict`; this package assumes only what it is given and counts everything else at its worst.
"""

from allstop.accountancy._account import (
    CellAccount,
    CellInput,
    ChipTime,
    Contradiction,
    JobAccount,
    JobUse,
    account_cell,
)
from allstop.accountancy._balance import AreaBalance, balance_of, room_in_window, time_needed_ms
from allstop.accountancy._cells import Cell, cells_of
from allstop.accountancy._expected import Expected, expected_chip_ms, expected_hardware_flop
from allstop.accountancy._judge import Verdict, judge, weakest
from allstop.accountancy._statistics import energy_high_microjoule, normal_quantile_micro
from allstop.accountancy._steps import Steps, steps_of
from allstop.accountancy._views import MeterView, Reading, read_view

__all__ = [
    "AreaBalance",
    "Cell",
    "CellAccount",
    "CellInput",
    "ChipTime",
    "Contradiction",
    "Expected",
    "JobAccount",
    "JobUse",
    "MeterView",
    "Reading",
    "Steps",
    "Verdict",
    "account_cell",
    "balance_of",
    "cells_of",
    "energy_high_microjoule",
    "expected_chip_ms",
    "expected_hardware_flop",
    "judge",
    "normal_quantile_micro",
    "read_view",
    "room_in_window",
    "steps_of",
    "time_needed_ms",
    "weakest",
]
