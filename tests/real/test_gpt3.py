"""The published GPT-3 175B run on 64 nodes of 8 H100, looked back at as one site.

Expected figures are computed here from the raw files, or are those that the submitter states.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from allstop.accountancy import ChipTime
from allstop.config import load_chip_table
from allstop.finding import Custody, Level
from real_sources import Readings, covered_ms, first_of_copies, read_power_files, trapezoid
from support_real import (
    ALDER,
    BIRCH,
    CEDAR,
    GPT3,
    Cases,
    CaseTerms,
    RealRun,
    audit,
    chip_ms_of,
    clause_of,
    codes_of,
    party_of,
    subgoals_of,
)

CHIPS = 512
STATED_KWH = 408.93
OPERATIONS = 6 * 175 * 10**9 * 1_207_959_552
"""6ND: 175e9 parameters, 288 steps of 2,048 samples of 2,048 tokens."""
GAP_MS = 10_000
NO_JOB = CaseTerms(silent=frozenset({"job"}))
SCALED = CaseTerms(significant_flop=OPERATIONS, prohibited_above_flop=OPERATIONS)


@pytest.fixture(scope="session")
def raw(data_dir: Path) -> dict[str, Readings]:
    """The readings of every power file, read without the importer."""
    return read_power_files(data_dir / GPT3)


def peak_flop(chip: str) -> int:
    """Return the highest dense peak of a chip in FLOP/s."""
    found = load_chip_table().table.find_type(chip)  # type: ignore[arg-type]  # a name
    assert found is not None
    return found.peak_flop_per_second


def unseen_chip_ms(raw: dict[str, Readings], run: RealRun, *, without: frozenset[str] = frozenset()) -> int:
    """Compute what no meter of its own saw: everything but the time between readings of files that count.

    A file counts if it is not in `without` and no earlier file that is filed says the same.
    """
    filed = {name: readings for name, readings in raw.items() if name not in without}
    copies = first_of_copies(filed)
    start, end = run.window.start.ms, run.window.end.ms
    seen = sum(
        covered_ms((t for t, _ in readings), start=start, end=end, gap_max=GAP_MS)
        for name, readings in filed.items()
        if name.startswith("node") and name not in copies
    )
    return CHIPS * (end - start) - 8 * seen


def test_the_energy_is_arithmetic_over_all_files(
    cases: Cases, gpt3: RealRun, raw: dict[str, Readings]
) -> None:
    """The total is the sum over all 64 files, to the mJ, and within 0.2 % of what the submitter states."""
    site = cases.verdict(gpt3).sites[0]
    total_microjoule = sum(map(trapezoid, raw.values())) / 2
    assert abs(total_microjoule / 1000 - site.measured_millijoule) <= len(raw)
    assert abs(site.measured_millijoule / 3.6e9 - STATED_KWH) / STATED_KWH < 0.002


def test_the_accounts_use_only_what_integrity_leaves(
    cases: Cases, gpt3: RealRun, raw: dict[str, Readings]
) -> None:
    """The energy that is believed is that of the 34 files that do not repeat an earlier one."""
    site = cases.verdict(gpt3).sites[0]
    copies = first_of_copies(raw)
    total_microjoule = sum(trapezoid(part) for name, part in raw.items() if name not in copies) / 2
    assert abs(total_microjoule / 1000 - site.believed_millijoule) <= len(raw)
    assert site.believed_millijoule < site.measured_millijoule * 0.54


def test_thirty_nodes_show_the_readings_of_thirty_others(
    cases: Cases, gpt3: RealRun, raw: dict[str, Readings]
) -> None:
    """Every pair of files that say the same is named, and no other: computed from the raw bytes."""
    pairs = first_of_copies(raw)
    expected = {
        f"meter {name}: shows the readings of meter {first} from reading 1 on"
        for name, first in pairs.items()
    }
    actual = {finding.about for finding in cases.verdict(gpt3).findings if finding.code == "TEL-006"}
    assert len(pairs) == 30
    assert expected == actual


def test_the_switch_is_estimated_in_another_year(
    cases: Cases, gpt3: RealRun, raw: dict[str, Readings]
) -> None:
    """The one estimate for the network bears a date two years before the run; nothing else is found."""
    assert [(1_652_749_794_206, 59_570_000)] == list(raw["sw-0"])
    findings = [finding for finding in cases.verdict(gpt3).findings if finding.code != "TEL-006"]
    assert [("TEL-003", "meter sw-0")] == [(one.code, one.about.split(":")[0]) for one in findings]


def test_declared_it_is_plausible_in_quantity_and_not_verified(cases: Cases, gpt3: RealRun) -> None:
    """More than half of the run was seen by a meter of its own, and its operations fit: plausible, no more."""
    (job,) = cases.verdict(gpt3).jobs
    assert (Level.PLAUSIBLE, OPERATIONS) == (job.level, job.declared_low)
    assert job.declared_low < job.account.flop_high


def test_declared_the_verdict_on_1a_is_undetermined(cases: Cases, gpt3: RealRun) -> None:
    """Nothing was re-executed, so no declaration is verified, and 1A stays open for operator and tenant."""
    verdict = cases.verdict(gpt3)
    for party in (ALDER, BIRCH):
        goals = subgoals_of(verdict, party)
        assert ("UNDETERMINED", "NOT COVERED", "NOT COVERED") == (goals["1A"], goals["1B"], goals["2B"])
    assert clause_of(verdict, ALDER, "2.2").reasons[0] == (
        "job run-1 at hall-1 is only plausible, the clause asks for verified"
    )
    assert verdict.verdict.value == "UNDETERMINED"
    assert clause_of(verdict, ALDER, "2.1").verdict.value == "CONSISTENT"


def test_if_every_declaration_is_true_stands_beside_it(cases: Cases, gpt3: RealRun) -> None:
    """The second figure is the room less what was declared, and no verdict rests on it."""
    (pair,) = cases.verdict(gpt3).sites[0].balances
    assert pair[0].room_flop - OPERATIONS == pair[0].room_if_true_flop


def test_what_no_meter_saw_is_counted_to_the_millisecond(
    cases: Cases, gpt3: RealRun, raw: dict[str, Readings]
) -> None:
    """Copies, and the seconds before the first and after the last reading, are unobserved; the rest is seen."""
    verdict = cases.verdict(gpt3)
    expected = unseen_chip_ms(raw, gpt3)
    assert expected == chip_ms_of(verdict, ChipTime.UNOBSERVED)
    assert expected == clause_of(verdict, ALDER, "1.2").high
    assert clause_of(verdict, ALDER, "1.2").verdict.value == "UNDETERMINED"
    assert (expected * 1000 // (CHIPS * gpt3.window.duration_ms)) == 469


def test_undeclared_use_is_inconsistent_where_meters_show_it(cases: Cases, gpt3: RealRun) -> None:
    """Without the job, the operator's own meters show far more than the tolerance of one chip-hour."""
    verdict = cases.verdict(gpt3, NO_JOB)
    clause = clause_of(verdict, ALDER, "2.1")
    assert clause.verdict.value == "INCONSISTENT"
    assert clause.tolerance <= clause.low
    assert subgoals_of(verdict, ALDER)["2A"] == "INCONSISTENT"
    assert codes_of(verdict)["ACC-001"] == 2


def test_undeclared_chip_hours_are_an_interval_up_to_what_the_chips_could_have_worked(
    cases: Cases, gpt3: RealRun
) -> None:
    """512 chips for 3,412 s are 485 chip-hours; the lower end is less than what trusted meters saw."""
    verdict = cases.verdict(gpt3, NO_JOB)
    clause = clause_of(verdict, ALDER, "2.1")
    assert clause.high == CHIPS * gpt3.window.duration_ms
    assert f"{clause.high / 3.6e6:.1f}" == "485.3"
    assert 0 < clause.low < chip_ms_of(verdict, ChipTime.ACTIVE)


def test_a_tenant_does_not_gain_by_an_undeclared_job(cases: Cases, gpt3: RealRun) -> None:
    """What nobody declared may have been the tenant's; nothing shows that it was, so it is undetermined."""
    assert subgoals_of(cases.verdict(gpt3, NO_JOB), BIRCH)["1A"] == "UNDETERMINED"


def test_readings_never_filed_count_at_full_capacity(
    cases: Cases, gpt3: RealRun, raw: dict[str, Readings]
) -> None:
    """Eight registered meters without readings: their chip-time is unobserved, and the room does not fall."""
    names = gpt3.nodes[:8]
    verdict = cases.verdict(gpt3, CaseTerms(unread=frozenset(names)))
    expected = unseen_chip_ms(raw, gpt3, without=frozenset(names))
    assert expected == chip_ms_of(verdict, ChipTime.UNOBSERVED)
    assert expected > chip_ms_of(cases.verdict(gpt3), ChipTime.UNOBSERVED)
    assert verdict.sites[0].room_flop >= cases.verdict(gpt3).sites[0].room_flop
    assert verdict.jobs[0].level is Level.DECLARED


def test_readings_filed_and_not_held_count_at_full_capacity(
    cases: Cases, gpt3: RealRun, raw: dict[str, Readings]
) -> None:
    """Eight meters whose blobs the reader lacks, with those that share a blob: unobserved, and said."""
    case = cases.case(gpt3)
    series = [one for filed in cases.verdict(gpt3).state.measurements for one in filed.value.series]
    hidden = {one.blob for one in series if one.meter in gpt3.nodes[:8]}
    lost = frozenset(str(one.meter) for one in series if one.blob in hidden)
    verdict = audit(case, hidden=hidden)
    assert sorted(hidden) == sorted(verdict.not_held)
    assert unseen_chip_ms(raw, gpt3, without=lost) == chip_ms_of(verdict, ChipTime.UNOBSERVED)
    assert verdict.sites[0].room_flop >= cases.verdict(gpt3).sites[0].room_flop


def test_all_meters_withheld_leave_the_whole_capacity(cases: Cases, gpt3: RealRun) -> None:
    """Without any reading the room is peak times chips times time, and nothing is INCONSISTENT."""
    verdict = cases.verdict(gpt3, CaseTerms(silent=frozenset({"measurement", "job"})))
    capacity = -(-CHIPS * gpt3.window.duration_ms * peak_flop("h100-sxm-80gb") // 1000)
    assert (capacity, capacity) == verdict.sites[0].room_flop
    assert "INCONSISTENT" not in subgoals_of(verdict, ALDER).values()
    assert verdict.verdict.value == "UNDETERMINED"


def test_a_period_longer_than_the_measurements_leaves_the_rest_unobserved(
    cases: Cases, gpt3: RealRun, raw: dict[str, Readings]
) -> None:
    """Twice the time: the second half is in no declaration and no meter, at full capacity."""
    verdict = cases.verdict(gpt3, CaseTerms(periods=2))
    added = CHIPS * gpt3.window.duration_ms
    # Meters that ran on beyond the job's end are seen for as long as they did.
    start, end = gpt3.window.start.ms, gpt3.window.end.ms
    copies = first_of_copies(raw)
    seen_after = sum(
        covered_ms((t for t, _ in part), start=end, end=2 * end - start, gap_max=GAP_MS)
        for name, part in raw.items()
        if name.startswith("node") and name not in copies
    )
    expected = unseen_chip_ms(raw, gpt3) + added - 8 * seen_after
    assert expected == chip_ms_of(verdict, ChipTime.UNOBSERVED)
    assert clause_of(verdict, ALDER, "2.1").verdict.value == "UNDETERMINED"
    growth = verdict.sites[0].room_flop[1] - cases.verdict(gpt3).sites[0].room_flop[1]
    assert growth == added * peak_flop("h100-sxm-80gb") // 1000


def test_four_times_the_operations_are_more_than_the_chips_could_do(cases: Cases, gpt3: RealRun) -> None:
    """5.1e21 operations do not fit into 512 chips for 57 minutes in any format, so 1A is INCONSISTENT."""
    verdict = cases.verdict(gpt3, CaseTerms(factor=4))
    capacity = CHIPS * gpt3.window.duration_ms * peak_flop("h100-sxm-80gb") // 1000
    findings = [one for one in verdict.findings if one.code == "WRK-001"]
    assert 4 * OPERATIONS > capacity
    # Operator and tenant both signed it.
    assert [one.party for one in findings] == [ALDER, BIRCH]
    for finding in findings:
        assert f"declares {4 * OPERATIONS} operations, its chips can do {capacity}" in finding.about
        assert subgoals_of(verdict, finding.party or ALDER)["1A"] == "INCONSISTENT"
    assert verdict.jobs[0].level is Level.DECLARED


def test_twice_the_operations_fit_and_are_not_seen(cases: Cases, gpt3: RealRun) -> None:
    """A declaration that overstates by less than the utilisation allows stays plausible: the stated blind spot."""
    verdict = cases.verdict(gpt3, CaseTerms(factor=2))
    assert "WRK-001" not in codes_of(verdict)
    assert verdict.jobs[0].level is Level.PLAUSIBLE


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (CaseTerms(), "CONSISTENT"),
        (CaseTerms(significant_flop=10**22, prohibited_above_flop=10**22), "CONSISTENT"),
        (SCALED, "UNDETERMINED"),
        (CaseTerms(significant_flop=OPERATIONS, prohibited_above_flop=OPERATIONS - 1), "INCONSISTENT"),
    ],
    ids=["1e24", "1e22", "the-run-itself", "less-than-the-run"],
)
def test_the_run_is_judged_against_a_threshold(
    cases: Cases, gpt3: RealRun, terms: CaseTerms, expected: str
) -> None:
    """Clause 3.1 holds at least what was declared, and at most all room to hide, against the threshold.

    The declared operations are among those that the room bounds. 1e24 and 1e22 are far above it. Scaled to
    the run, what was declared reaches but does not exceed it, and the room is more than it and its buffer:
    undetermined. One operation less, and the declaration itself is the breach.
    """
    verdict = cases.verdict(gpt3, terms)
    clause = clause_of(verdict, ALDER, "3.1")
    assert (expected, OPERATIONS) == (clause.verdict.value, clause.low)
    assert clause.high == verdict.sites[0].room_flop[0]
    assert expected == clause_of(verdict, BIRCH, "3.1").verdict.value


def test_the_room_is_a_third_of_a_per_cent_of_1e24(cases: Cases, gpt3: RealRun) -> None:
    """512 H100 could do at most 3.46e21 FLOP in 57 minutes, so this site could have hidden no more."""
    room = party_of(cases.verdict(gpt3), ALDER).room_flop
    capacity = CHIPS * gpt3.window.duration_ms * peak_flop("h100-sxm-80gb") // 1000
    assert f"{capacity / 10**24:.4f}" == "0.0035"
    assert room is not None
    assert 0.99 * capacity < room <= capacity + 1


def test_if_one_domain_may_lie_a_single_meter_shows_nothing(cases: Cases, gpt3: RealRun) -> None:
    """With f = 1 the only meter may be the liar: everything is at full capacity, and the job is only declared."""
    verdict = cases.verdict(gpt3, CaseTerms(liars=1))
    assert clause_of(verdict, ALDER, "1.2").high == CHIPS * gpt3.window.duration_ms
    assert verdict.jobs[0].level is Level.DECLARED
    capacity = -(-CHIPS * gpt3.window.duration_ms * peak_flop("h100-sxm-80gb") // 1000)
    assert capacity == party_of(verdict, ALDER).room_flop


def test_custody_below_what_the_clause_asks_earns_nothing(cases: Cases, gpt3: RealRun) -> None:
    """The same readings in the operator's own hands do not meet clauses that ask for a verifier's."""
    verdict = cases.verdict(gpt3, CaseTerms(custody=Custody.VERIFIER_OWNED))
    assert clause_of(verdict, ALDER, "1.2").high == CHIPS * gpt3.window.duration_ms
    assert clause_of(verdict, ALDER, "2.1").verdict.value == "UNDETERMINED"


def test_custody_of_a_verifier_earns_what_the_clause_asks(cases: Cases, gpt3: RealRun) -> None:
    """Filed by the verifier, the readings count as in the operator's case, the copies as little."""
    terms = CaseTerms(custody=Custody.VERIFIER_OWNED, filers=(CEDAR,))
    verdict = cases.verdict(gpt3, terms)
    expected = clause_of(cases.verdict(gpt3), ALDER, "1.2").high
    assert expected == clause_of(verdict, ALDER, "1.2").high
    assert codes_of(verdict) == codes_of(cases.verdict(gpt3))


def test_with_honest_files_in_place_of_the_copies_2a_would_be_consistent(
    cases: Cases, gpt3: RealRun, raw: dict[str, Readings]
) -> None:
    """Thirty copies with other figures of the same size: what they cost is the only thing amiss with 2A."""
    generator = np.random.default_rng(2024)
    copies = first_of_copies(raw)
    meters = []
    for meter in gpt3.meters.meters:
        if meter.meter in copies:
            noise = generator.integers(-50, 50, len(meter.series.v)) * 1000
            meter = replace(meter, series=replace(meter.series, v=meter.series.v + noise))
        meters.append(meter)
    honest = replace(gpt3, name="gpt3-honest", meters=replace(gpt3.meters, meters=tuple(meters)))
    verdict = cases.verdict(honest)
    assert codes_of(verdict) == {"TEL-003": 1}
    goals = subgoals_of(verdict, ALDER)
    assert ("UNDETERMINED", "CONSISTENT") == (goals["1A"], goals["2A"])
