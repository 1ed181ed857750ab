"""The finding rules: one function, one code each. `allstop explain CODE` prints them.

FACT_RULES look at what was filed, before anything is counted; ACCOUNT_RULES at the accounts.
"""

from collections.abc import Mapping

from allstop.verdict._hits import AccountRule, Accounts, Rule
from allstop.verdict.rules._acc_001_tolerance import (
    find_prohibited_operations,
    find_running_after_halt,
    find_undeclared_use,
)
from allstop.verdict.rules._hlt_inventories import find_second_inventories, find_unfit_inventories
from allstop.verdict.rules._reg_001_chips import find_two_types, find_unknown_type, find_unregistered_chips
from allstop.verdict.rules._stm_statements import (
    find_backdated,
    find_bad_note,
    find_broken_chain,
    find_expired,
    find_malformed,
    find_misplaced,
    find_not_authorised,
    find_unknown_predicate,
)
from allstop.verdict.rules._tel_001_overlap import find_overlap
from allstop.verdict.rules._tel_002_clock import find_backward_clock
from allstop.verdict.rules._tel_003_period import find_outside_period
from allstop.verdict.rules._tel_004_values import find_impossible_values
from allstop.verdict.rules._tel_005_copies import find_clone, find_replay
from allstop.verdict.rules._tel_007_disagree import find_disagreement
from allstop.verdict.rules._tel_008_totals import find_wrong_totals
from allstop.verdict.rules._tel_009_unusable import find_unusable
from allstop.verdict.rules._tel_010_late import find_late_readings
from allstop.verdict.rules._trn_replays import (
    find_disagreeing_replays,
    find_failed_replays,
    find_refused_openings,
    find_unverifiable_openings,
    find_void_transcripts,
)
from allstop.verdict.rules._wrk_001_capacity import find_above_capacity
from allstop.verdict.rules._wrk_002_overlap import find_double_claim
from allstop.verdict.rules._wrk_003_one_sided import find_one_sided
from allstop.verdict.rules._wrk_004_fit import find_no_room
from allstop.verdict.rules._wrk_005_late import find_late_job

__all__ = ["ACCOUNT_RULES", "FACT_RULES", "RULES", "Accounts"]

FACT_RULES: Mapping[str, Rule] = {
    "STM-001": find_broken_chain,
    "STM-002": find_unknown_predicate,
    "STM-003": find_malformed,
    "STM-004": find_not_authorised,
    "STM-005": find_backdated,
    "STM-006": find_expired,
    "STM-007": find_misplaced,
    "LOG-001": find_bad_note,
    "REG-001": find_unknown_type,
    "REG-002": find_unregistered_chips,
    "REG-003": find_two_types,
    "TEL-001": find_overlap,
    "TEL-002": find_backward_clock,
    "TEL-003": find_outside_period,
    "TEL-004": find_impossible_values,
    "TEL-005": find_replay,
    "TEL-006": find_clone,
    "TEL-008": find_wrong_totals,
    "TEL-009": find_unusable,
    "WRK-001": find_above_capacity,
    "WRK-002": find_double_claim,
    "WRK-003": find_one_sided,
    "HLT-001": find_unfit_inventories,
    "HLT-002": find_second_inventories,
}
"""Rules over the facts, by code, in the order in which they run."""

ACCOUNT_RULES: Mapping[str, AccountRule] = {
    "TEL-007": find_disagreement,
    "TEL-010": find_late_readings,
    "WRK-004": find_no_room,
    "WRK-005": find_late_job,
    "TRN-001": find_failed_replays,
    "TRN-002": find_refused_openings,
    "TRN-003": find_void_transcripts,
    "TRN-004": find_unverifiable_openings,
    "TRN-005": find_disagreeing_replays,
    "ACC-001": find_undeclared_use,
    "ACC-002": find_prohibited_operations,
    "ACC-003": find_running_after_halt,
}
"""Rules over facts and accounts, by code."""

RULES: Mapping[str, Rule | AccountRule] = {**FACT_RULES, **ACCOUNT_RULES}
"""Every rule, for `explain` and the documentation."""
