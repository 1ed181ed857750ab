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
from allstop.accountancy._credit import JobCredit, caught_share_ppb, missed_share_ppb
from allstop.accountancy._expected import Expected, expected_chip_ms, expected_hardware_flop
from allstop.accountancy._judge import Verdict, judge, weakest
from allstop.accountancy._statistics import (
    energy_spread_microjoule,
    inflation_ppm,
    normal_quantile_micro,
)
from allstop.accountancy._steps import Steps, steps_of
from allstop.accountancy._views import ChipPower, MeterView

__all__ = [
    "AreaBalance",
    "Cell",
    "CellAccount",
    "CellInput",
    "ChipPower",
    "ChipTime",
    "Contradiction",
    "Expected",
    "JobAccount",
    "JobCredit",
    "JobUse",
    "MeterView",
    "Steps",
    "Verdict",
    "account_cell",
    "balance_of",
    "caught_share_ppb",
    "cells_of",
    "energy_spread_microjoule",
    "expected_chip_ms",
    "expected_hardware_flop",
    "inflation_ppm",
    "judge",
    "missed_share_ppb",
    "normal_quantile_micro",
    "room_in_window",
    "steps_of",
    "time_needed_ms",
    "weakest",
]
