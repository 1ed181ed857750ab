"""Ten years of forty parties, in small: the benchmark's log folds without a fault, and its answers are there."""

from bench.bench_standing import make_agreement, make_log, run

from allstop.ids import Name
from allstop.ledger import fold
from allstop.standing import FindingStage, TallyState, standing_of


def test_the_log_of_the_benchmark_is_what_it_says() -> None:
    """Votes are decided, findings dismissed, a phase begins, duties are listed, and nothing in the log is at fault."""
    agreement = make_agreement()
    entries = make_log(agreement, 12_000)
    last = entries[-1].not_after
    assert last is not None
    state = fold(entries, chain_faults=(), at=last)
    assert () == state.faults
    standing = standing_of(agreement, state)
    assert TallyState.ADOPTED in {one.state for one in standing.convening.tallies}
    assert FindingStage.DISMISSED in {one.stage for one in standing.proceedings} or standing.proceedings == ()
    assert standing.phases is not None
    assert 40 == sum(one.bound_from is not None for one in standing.binding.parties)
    assert standing.duties(party=Name("party-07"))


def test_every_row_of_the_benchmark_is_measured() -> None:
    """Four rows: the fold, what stands, the status, the duties."""
    rows = list(run(2_000))
    assert 4 == len(rows)
    assert all(ratio > 0 for _, ratio, _, _ in rows)
