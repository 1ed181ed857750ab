"""The clocks that run in proceedings, as things to do: acknowledge, answer, answer an appeal, rule.

Implements spec/adjudication.md section 6. Missing one is a fact about whoever missed it; the proceeding goes on
without it, so that nobody gains by waiting.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from allstop.ids import Digest, Name
from allstop.standing._proceeding_moves import FindingStage
from allstop.standing._proceedings import Proceeding, Trial
from allstop.times import Instant

__all__ = ["FindingClock", "finding_clocks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingClock:
    """One thing to do in a proceeding, by one party, until an instant.

    Example: "answer", `alder`, finding 9f86..., from 2027-03-01T09:00:00Z, due 2027-03-06T23:59:59.999Z, met on the
    3rd. `over_at` is when it came to nothing because the finding was settled or decided before, None if it did not.
    """

    what: str
    party: Name
    finding: Digest
    start: Instant
    due: Instant
    met_at: Instant | None
    over_at: Instant | None


def finding_clocks(proceedings: Sequence[Proceeding], *, at: Instant) -> tuple[FindingClock, ...]:
    """Return every clock that has started by `at`, in the order of the proceedings."""
    clocks = (clock for one in proceedings for clock in _clocks(one))
    return tuple(clock for clock in clocks if clock.start <= at)


def _clocks(one: Proceeding) -> Iterator[FindingClock]:
    settled = (
        moment.at for moment in one.history if moment.stage in (FindingStage.CURED, FindingStage.WITHDRAWN)
    )
    closed_at, first, second = next(settled, None), one.first, one.second
    # An answer shows that the finding was seen.
    seen = min((at for at in (one.acknowledged_at, first.answered_at) if at is not None), default=None)
    seen_due, start = one.acknowledge_due, one.notified_at
    yield _clock("acknowledge", one.accused, one.finding, start, seen_due, seen, closed_at)
    yield from _trial_clocks("answer", one.finding, first, start, closed_at)
    if second is not None and one.appealed_at is not None:
        yield from _trial_clocks("answer the appeal", one.finding, second, one.appealed_at, None)


def _trial_clocks(
    what: str, finding: Digest, trial: Trial, start: Instant, closed_at: Instant | None
) -> Iterator[FindingClock]:
    if trial.respondent is not None and trial.answer_due is not None:
        due, met_at = trial.answer_due, trial.answered_at
        yield _clock(what, trial.respondent, finding, start, due, met_at, closed_at)
    if closed_at is not None and closed_at <= trial.opened_at:
        return
    over_at = closed_at if trial.decision is None else trial.decision.at
    ruled = {one.member: one.at for one in trial.rulings}
    for member in trial.bench.seats:
        due, met_at = trial.ruling_due, ruled.get(member)
        yield _clock("rule", member, finding, trial.opened_at, due, met_at, over_at)


def _clock(
    what: str,
    party: Name,
    finding: Digest,
    start: Instant,
    due: Instant,
    met_at: Instant | None,
    over_at: Instant | None,
) -> FindingClock:
    is_over = over_at is not None and over_at <= due and (met_at is None or over_at < met_at)
    return FindingClock(
        what=what,
        party=party,
        finding=finding,
        start=start,
        due=due,
        met_at=met_at,
        over_at=over_at if is_over else None,
    )
