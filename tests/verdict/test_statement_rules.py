"""Rules over statements and the register: each fires on what it describes and is silent on the honest twin."""

from dataclasses import replace

import pytest

from allstop.accountancy import Verdict
from allstop.case import ChainFault, ChainFaultKind
from allstop.finding import ChipRange, Effect, read_rule
from allstop.ids import Name
from allstop.ledger import FaultKind
from allstop.registry import Site
from allstop.times import Instant
from allstop.verdict import ACCOUNT_RULES, FACT_RULES, RULES
from verdict_world import ALDER, BIRCH, FAST, HALL, LOT, SLOW, World, chip_type, codes, honest


def test_honest_worlds_have_no_findings() -> None:
    """Every rule is silent on a site that files everything and does what it says."""
    assert set() == codes(honest().judge())


def test_every_rule_explains_itself_under_its_own_code() -> None:
    """Each function's docstring has the fixed headings, and its code is the one under which it runs."""
    assert sorted(RULES) == sorted({*FACT_RULES, *ACCOUNT_RULES})
    assert list(RULES) == [read_rule(rule).code for rule in RULES.values()]


def test_every_kind_of_fault_has_a_rule() -> None:
    """A fault of the fold that no rule puts into words would be silent."""
    assert {kind.value for kind in FaultKind} <= set(FACT_RULES)


@pytest.mark.parametrize(
    ("kind", "code", "effect"),
    [
        (ChainFaultKind.GAP, "STM-001", Effect.UNOBSERVED),
        (ChainFaultKind.FORK, "STM-001", Effect.UNOBSERVED),
        (ChainFaultKind.WRONG_PREVIOUS, "STM-001", Effect.UNOBSERVED),
        (ChainFaultKind.FALSE_CHECKPOINT, "STM-005", Effect.NOTE),
        (ChainFaultKind.EXPIRED, "STM-006", Effect.NOTE),
        (ChainFaultKind.REPLAY, "STM-007", Effect.NOTE),
        (ChainFaultKind.OUT_OF_ORDER, "STM-007", Effect.NOTE),
        (ChainFaultKind.FOREIGN_AGREEMENT, "STM-007", Effect.NOTE),
        (ChainFaultKind.BAD_NOTE, "LOG-001", Effect.NOTE),
        (ChainFaultKind.SPLIT_VIEW, "LOG-001", Effect.NOTE),
        (ChainFaultKind.TIME_BACKWARDS, "LOG-001", Effect.NOTE),
    ],
)
def test_chain_faults_become_findings(kind: ChainFaultKind, code: str, effect: Effect) -> None:
    """Each kind is found under its code, with the entry that shows it."""
    world = honest()
    world.faults = (ChainFault(party=ALDER, entry_index=6, kind=kind, text="wrong", rests_on=(6,)),)
    (found,) = [one for one in world.judge().findings if one.code == code]
    assert (ALDER, (6,), effect, "wrong") == (found.party, found.rests_on, found.effect, found.about)


def test_unknown_and_malformed_statements_are_found() -> None:
    """STM-002 and STM-003: what cannot be read counts as not filed and is shown."""
    world = honest()
    world.file(BIRCH, None, predicate="weather", body={"rain": True})
    world.file(BIRCH, None, predicate="job", body={"job": "run-1"})
    assert {"STM-002", "STM-003"} == codes(world.judge())


def test_who_has_no_say_is_found() -> None:
    """STM-004: Birch registers chips at Alder's hall."""
    world = honest()
    world.chips(64, lot=Name("birch-lot"), party=BIRCH)
    verdict = world.judge()
    assert {"STM-004"} == codes(verdict)
    assert verdict.room_flop == honest().judge().room_flop


def test_an_expired_statement_is_found_without_the_case_saying_so() -> None:
    """STM-006: the fold compares expiry and proven time itself where the log proves only an upper bound."""
    world = honest()
    world.filings[6] = replace(world.filings[6], expires_at=Instant(world.filings[6].at.ms - 1))
    verdict = world.judge()
    assert verdict.verdict is not Verdict.CONSISTENT or "STM-006" not in codes(verdict)


def test_an_unknown_chip_type_counts_as_the_worst_of_the_table() -> None:
    """REG-001: a type that the table lacks has no peak, so it has the highest, the least floor and energy."""
    world = World(
        table=replace(honest().table, chips=(chip_type("fast", 2 * 10**15), chip_type("slow", 10**14)))
    )
    world.site()
    world.chips(16, kind=Name("h300"))
    verdict = world.judge()
    assert "REG-001" in codes(verdict)
    assert verdict.room_flop[0] == 16 * 2 * 10**15 * 3600


def test_a_lot_under_two_types_counts_as_the_faster() -> None:
    """Registering a slow type first and the truth later, or the other way round, hides nothing."""
    rooms = []
    for kinds in ((SLOW, FAST), (FAST, SLOW), (FAST, FAST)):
        world = World()
        world.site()
        for kind in kinds:
            world.chips(16, kind=kind)
        rooms.append(world.judge().room_flop[0])
    assert rooms == [16 * 2 * 10**15 * 3600] * 3


def test_chips_that_only_jobs_and_meters_name_are_counted_and_found() -> None:
    """REG-002: a job beyond the register raises the count, and so does a meter of the operator."""
    world = honest()
    world.job("run-2", 16, 24)
    world.meter("node-4", 24, 32)
    verdict = world.judge()
    found = [one.about for one in verdict.findings if one.code == "REG-002"]
    assert 2 == len(found)
    assert verdict.sites[0].balances[0][0].chip_ms == 32 * 3_600_000
    (register,) = [one for one in verdict.parties[0].clauses if one.kind.value == "register"]
    assert (16, Verdict.UNDETERMINED) == (register.high, register.verdict)


def test_a_rivals_meter_raises_no_count() -> None:
    """A meter of a party that is neither operator nor verifier names chips that need not exist."""
    world = honest()
    world.meter("claim", 0, 10**9, party=BIRCH)
    verdict = world.judge()
    assert "REG-002" in codes(verdict)
    assert verdict.room_flop == honest().judge().room_flop


def test_names_are_told_apart_by_site() -> None:
    """A lot and a job of another hall with the same names have nothing to do with these."""
    world = honest()
    other = Name("hall-2")
    world.file(ALDER, Site(site=other, operator=ALDER, note=""))
    world.chips(16, site=other)
    world.job(site=other, chips=(ChipRange(lot=LOT, first=0, until=8),))
    verdict = world.judge()
    assert set() == codes(verdict)
    assert {HALL: 16, other: 16} == {
        site.site: site.balances[0][0].chip_ms // 3_600_000 for site in verdict.sites
    }
