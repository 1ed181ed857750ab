"""The fold: total, in log order, by proven time, and with nothing for those who have no say."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allstop.canon import JSON
from allstop.case import ChainFault, ChainFaultKind, Entry
from allstop.ids import Digest, Name, digest_of
from allstop.ledger import PREDICATES, FaultKind, State, fold
from allstop.registry import Chips, Site
from allstop.statement import Header, Statement, Subject
from allstop.telemetry import PeriodClose
from allstop.times import Instant
from allstop.tlog import Hash
from fact_values import chips, jobs, measurements, meters, period_closes, sites, transfers
from verdict_world import ALDER, BIRCH, CEDAR, HALL, HOUR, World, honest

AT = Instant(2_000_000_000_000)


def entry(
    index: int,
    predicate: str,
    body: JSON,
    *,
    party: Name = ALDER,
    sequence: int = 0,
    previous: Digest | None = None,
    not_after: Instant | None = AT,
    expires_at: Instant | None = None,
) -> Entry:
    """Return one verified entry; only what a test is about needs to be said."""
    statement = Statement(
        predicate=Name(predicate),
        header=Header(
            agreement=digest_of(b"agreement"),
            origin="log.example.org/example",
            party=party,
            sequence=sequence,
            previous=previous,
            audience=(),
            checkpoint=None,
            expires_at=expires_at,
        ),
        subjects=(Subject(name="agreement", digest=digest_of(b"agreement")),),
        body=body,
    )
    return Entry(
        index=index,
        leaf=Hash(bytes(32)),
        digest=digest_of(f"{index}".encode()),
        statement=statement,
        signers=frozenset({party}),
        not_before=None,
        not_after=not_after,
        quoted_at=None,
    )


def site(index: int = 0, party: str = "alder", operator: str = "alder") -> Entry:
    """Return a declaration of hall-1."""
    return entry(index, "site", {"site": "hall-1", "operator": operator, "note": ""}, party=Name(party))


def lot(index: int, party: str = "alder", **changes: object) -> Entry:
    """Return the registration of eight chips at hall-1."""
    body = PREDICATES[Name("chips")].format(
        Chips(
            lot=Name("lot-1"), site=HALL, chip_type=Name("fast"), count=8, serials_root=None, serials_count=0
        )
    )
    return entry(index, "chips", body, party=Name(party), **changes)  # type: ignore[arg-type]  # as `entry`


def kinds(state: State) -> list[tuple[int, FaultKind]]:
    """Return which entries are at fault, and how."""
    return [(fault.entry, fault.kind) for fault in state.faults]


scraps = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
values = {
    "site": sites,
    "chips": chips(),
    "transfer": transfers(),
    "meter": meters(),
    "job": jobs(),
    "measurement": measurements(),
    "period-close": period_closes(),
}


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, JSON]:
    """Draw a predicate with a body that is good, bent in one place, or anything at all."""
    name = draw(st.sampled_from([*PREDICATES, "weather"]))
    if name not in values or draw(st.integers(0, 3)) == 0:
        return name, draw(scraps)
    body = PREDICATES[Name(name)].format(draw(values[name]))
    assert isinstance(body, dict)
    for key in draw(st.lists(st.sampled_from([*body, "extra"]), max_size=2)):
        if draw(st.booleans()):
            body[key] = draw(scraps)
        else:
            body.pop(key, None)
    return name, body


@st.composite
def logs(draw: st.DrawFn) -> tuple[list[Entry], list[ChainFault]]:
    """Draw a log of a few entries by three parties, with faults of every kind."""
    entries = []
    for index, (name, body) in enumerate(draw(st.lists(bodies(), max_size=6))):
        sequence = draw(st.integers(0, 3))
        entries.append(
            entry(
                index,
                name,
                body,
                party=draw(st.sampled_from([ALDER, BIRCH, CEDAR])),
                sequence=sequence,
                previous=digest_of(b"before") if sequence else None,
                not_after=Instant(1000 + index) if draw(st.integers(0, 4)) else None,
                expires_at=draw(st.none() | st.integers(0, 2000).map(Instant)),
            )
        )
    faults = [
        ChainFault(
            party=one.statement.header.party,
            entry_index=one.index,
            kind=kind,
            text="wrong",
            rests_on=(one.index,),
        )
        for one in entries
        for kind in draw(st.lists(st.sampled_from(ChainFaultKind), max_size=1))
    ]
    return entries, faults


# Whole logs take a while to make on a busy machine; that says nothing about the fold.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(logs(), st.integers(0, 1010).map(Instant))
def test_no_log_stops_the_fold(drawn: tuple[list[Entry], list[ChainFault]], at: Instant) -> None:
    """Whatever bodies, headers and chains say, the fold ends, adds up, and gives the same twice."""
    entries, faults = drawn
    state = fold(entries, chain_faults=faults, at=at)
    assert state == fold(entries, chain_faults=faults, at=at)
    assert state.counted + state.pending == len(entries)
    facts = [
        filed
        for name in (
            "sites",
            "chips",
            "transfers",
            "meters",
            "jobs",
            "measurements",
            "closes",
            "signatures",
            "deposits",
        )
        for filed in getattr(state, name)
    ]
    assert all(filed.not_after <= at for filed in facts)
    assert len({filed.entry for filed in facts}) == len(facts)
    assert {fault.party for fault in state.faults if fault.kind is FaultKind.CHAIN} == state.distrusted


@pytest.mark.parametrize("name", sorted({"agreement", "checkpoint"} | set(values)))
def test_a_malformed_body_is_a_fault_and_no_fact(name: str) -> None:
    """Each predicate that has a body refuses one that is not in its form; the log goes on."""
    state = fold([entry(0, name, {"nothing": "known"}), site(1)], chain_faults=[], at=AT)
    assert [(0, FaultKind.MALFORMED_BODY)] == kinds(state)
    assert len(state.sites) == 1


def test_an_unknown_predicate_is_kept_as_a_fault() -> None:
    """It may say something that matters, and this program cannot tell."""
    state = fold([entry(0, "weather", {"rain": True})], chain_faults=[], at=AT)
    assert [(0, FaultKind.UNKNOWN_PREDICATE)] == kinds(state)


def test_what_is_not_proven_by_then_is_pending() -> None:
    """The upper bound of the proven time decides: at it counted, one millisecond earlier pending."""
    entries = [
        replace(site(0), not_after=Instant(10)),
        replace(lot(1), not_after=Instant(20)),
        replace(lot(2), not_after=None),
    ]
    counts = {ms: fold(entries, chain_faults=[], at=Instant(ms)) for ms in (9, 10, 19, 20)}
    assert {9: (0, 3), 10: (1, 2), 19: (1, 2), 20: (2, 1)} == {
        ms: (state.counted, state.pending) for ms, state in counts.items()
    }
    assert not counts[19].chips
    assert len(counts[20].chips) == 1


def test_a_fault_that_is_only_proven_later_is_not_known_yet() -> None:
    """A fork that comes to light tomorrow breaks no chain today."""
    entries = [site(0), replace(lot(1), not_after=Instant(AT.ms + 1))]
    fault = ChainFault(party=ALDER, entry_index=1, kind=ChainFaultKind.FORK, text="two", rests_on=(0, 1))
    assert fold(entries, chain_faults=[fault], at=AT).distrusted == frozenset()
    assert fold(entries, chain_faults=[fault], at=AT.plus(1)).distrusted == {ALDER}


def test_facts_are_in_the_order_of_the_log() -> None:
    """Of two statements about one thing the first is first."""
    state = fold([site(0), lot(1), lot(2)], chain_faults=[], at=AT)
    assert [1, 2] == [filed.entry for filed in state.chips]


def test_only_the_operator_of_a_site_has_a_say() -> None:
    """A rival can neither declare the site, nor register chips at it, nor declare jobs."""
    entries = [
        site(0),
        site(1, party="birch", operator="birch"),
        site(2, party="birch"),
        lot(3, party="birch"),
    ]
    state = fold(entries, chain_faults=[], at=AT)
    assert [
        (1, FaultKind.NOT_AUTHORISED),
        (2, FaultKind.NOT_AUTHORISED),
        (3, FaultKind.NOT_AUTHORISED),
    ] == kinds(state)
    assert [ALDER] == [filed.party for filed in state.sites]


def test_a_lot_filed_before_its_site_loses_nothing() -> None:
    """Operators are looked up over the whole log."""
    state = fold([lot(0), site(1)], chain_faults=[], at=AT)
    assert not state.faults
    assert len(state.chips) == 1


def test_chips_at_a_site_that_nobody_declared_still_count() -> None:
    """Leaving out the declaration of a site must not take its chips out of the accounts."""
    state = fold([lot(0)], chain_faults=[], at=AT)
    assert not state.faults
    assert [HALL] == [filed.value.site for filed in state.chips]


def test_a_job_names_the_operator_of_its_site() -> None:
    """A job filed by the operator in another operator's name is not taken."""
    world = World()
    world.site()
    world.job(operator=ALDER)
    world.filings[1] = replace(world.filings[1], value=replace(world.filings[1].value, operator=CEDAR))  # type: ignore[type-var]  # a job
    state = fold(world.entries(), chain_faults=[], at=AT)
    assert [(1, FaultKind.NOT_AUTHORISED)] == kinds(state)


def test_a_close_states_its_own_place_in_the_chain() -> None:
    """Another count or another head than the header has is refused: it would close somebody else's chain."""
    head = digest_of(b"head")
    for count, previous, is_good in ((3, head, True), (4, head, False), (3, digest_of(b"other"), False)):
        body = PREDICATES[Name("period-close")].format(
            PeriodClose(period=HOUR, count=count, head=previous, inventory=())
        )
        state = fold([entry(0, "period-close", body, sequence=2, previous=head)], chain_faults=[], at=AT)
        assert is_good == (len(state.closes) == 1) == (not state.faults)


def test_what_had_expired_when_it_was_filed_says_nothing() -> None:
    """At its expiry a statement still counts; a millisecond later it does not."""
    good, late = site(0), replace(site(1), not_after=AT)
    header = replace(late.statement.header, expires_at=Instant(AT.ms - 1))
    late = replace(late, statement=replace(late.statement, header=header))
    fault = ChainFault(party=ALDER, entry_index=1, kind=ChainFaultKind.EXPIRED, text="expired", rests_on=(1,))
    state = fold([good, late], chain_faults=[fault], at=AT)
    assert [0] == [filed.entry for filed in state.sites]
    assert FaultKind.EXPIRED in {kind for _, kind in kinds(state)}


CONSEQUENCES = [
    (ChainFaultKind.GAP, True, False),
    (ChainFaultKind.FORK, True, False),
    (ChainFaultKind.WRONG_PREVIOUS, True, False),
    (ChainFaultKind.REPLAY, False, True),
    (ChainFaultKind.OUT_OF_ORDER, False, False),
    (ChainFaultKind.FOREIGN_AGREEMENT, False, True),
    (ChainFaultKind.FALSE_CHECKPOINT, False, False),
    (ChainFaultKind.EXPIRED, False, True),
    (ChainFaultKind.BAD_NOTE, False, False),
    (ChainFaultKind.SPLIT_VIEW, False, False),
    (ChainFaultKind.TIME_BACKWARDS, False, False),
]
"""Each kind of chain fault, whether its filer is distrusted, and whether the statement is void."""


@pytest.mark.parametrize(("kind", "is_distrusted", "is_void"), CONSEQUENCES)
def test_each_chain_fault_has_its_consequence(
    kind: ChainFaultKind, is_distrusted: bool, is_void: bool
) -> None:
    """Only what the party alone can have done makes it distrusted; copies and foreign statements say nothing."""
    fault = ChainFault(party=ALDER, entry_index=0, kind=kind, text="wrong", rests_on=(0,))
    state = fold([site(0)], chain_faults=[fault], at=AT)
    assert is_distrusted == (ALDER in state.distrusted)
    assert is_void == (not state.sites)
    assert len(state.faults) == 1


def test_every_kind_of_chain_fault_has_a_consequence() -> None:
    """The table above is complete, so that a new kind cannot be forgotten."""
    assert set(ChainFaultKind) == {kind for kind, _, _ in CONSEQUENCES}


def test_signers_and_times_come_from_the_entry() -> None:
    """What the statement says of itself is not asked."""
    world = honest()
    state = fold(world.entries(), chain_faults=[], at=AT)
    (filed,) = state.jobs
    assert {ALDER, BIRCH} == filed.signers
    assert filed.not_after == world.filings[6].at


def test_values_are_those_that_were_filed() -> None:
    """The facts of the state are the values that the parties wrote."""
    state = fold(honest().entries(), chain_faults=[], at=AT)
    assert [Site(site=HALL, operator=ALDER, note="")] == [filed.value for filed in state.sites]
    assert (2, 2, 1, 1) == (len(state.meters), len(state.measurements), len(state.jobs), len(state.closes))
