"""Events that phases hang on: signals and assessments from the log, and what other parts of standing have decided.

Implements spec/phases.md section 7. Signals and assessments are claims; which of them count for nothing, and why, is
kept beside those that count.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from allstop.agreement import Agreement, PartyKind
from allstop.canon import format_instant
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.signals import ASSESSMENT_PREDICATE, SIGNAL_PREDICATE, Assessment, Signal
from allstop.times import Instant

__all__ = ["PhaseEvents", "VoidReason", "VoidSignal", "phase_events_of"]

T = TypeVar("T")


class VoidReason(Enum):
    """Why a signal or assessment counts for nothing. The value is the code of its finding."""

    FUTURE_SIGNAL = "SIG-001"
    NO_VERIFIER = "SIG-002"
    FUTURE_ASSESSMENT = "SIG-003"
    CHANGED = "SIG-004"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidSignal:
    """A signal or assessment that counts for nothing.

    Example: entry 12, a `signal` by `birch`, "says that it occurred at 2027-03-01T09:30:00Z, after it was logged".
    """

    entry: int
    predicate: Name
    party: Name
    reason: VoidReason
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseEvents:
    """Everything that can start or end a phase, each with the instant at which it was proven or decided.

    `adopted` are motions and `measures` those that took effect, by name; `confirmed` are findings by digest of the
    statement that raised them. `broken_at` says from when on what a party filed counts for nothing, since its chain
    is broken, and `left_at` since when it is no party any more. All are in the order of the log; `void` is only shown.
    """

    adopted: tuple[tuple[Name, Instant], ...] = ()
    signals: tuple[Filed[Signal], ...] = ()
    assessments: tuple[Filed[Assessment], ...] = ()
    confirmed: tuple[tuple[Digest, Instant], ...] = ()
    measures: tuple[tuple[Name, Instant], ...] = ()
    broken_at: Mapping[Name, Instant] = field(default_factory=dict)
    left_at: Mapping[Name, Instant] = field(default_factory=dict)
    void: tuple[VoidSignal, ...] = ()

    def counts_until(self, party: Name) -> Instant | None:
        """Return from when on what a party filed counts for nothing, None if it always counts."""
        ends = [ends[party] for ends in (self.broken_at, self.left_at) if party in ends]
        return min(ends, default=None)


def phase_events_of(
    agreement: Agreement,
    state: State,
    *,
    adopted: Iterable[tuple[Name, Instant]] = (),
    confirmed: Iterable[tuple[Digest, Instant]] = (),
    measures: Iterable[tuple[Name, Instant]] = (),
    left_at: Mapping[Name, Instant] | None = None,
) -> PhaseEvents:
    """Gather the events of a folded log; what votes, panels and measures have decided is given by the caller.

    A signal that says it occurred after it was logged is void, so is an assessment of a time after it was logged, one
    by a party that is no verifier, and a second, different one by the same verifier of the same window and time.
    """
    known = {party.id: party.kind for party in agreement.parties}
    void: list[VoidSignal] = []
    filed = state.of(Signal)
    # Milliseconds are compared, since there may be many signals.
    signals = tuple(one for one in filed if one.value.occurred_at.ms <= one.not_after.ms)
    if len(signals) < len(filed):
        void += [_void_signal(one) for one in filed if one.value.occurred_at > one.not_after]
    assessments = []
    first: dict[tuple[Name, Instant, Instant, Instant], Assessment] = {}
    # Inside one batch a party's own sequence decides which came first: the log's operator cannot change that.
    for one in sorted(state.of(Assessment), key=lambda one: (one.not_after.ms, one.sequence)):
        value = one.value
        found = _why_assessment_is_void(one, known.get(one.party))
        key = (one.party, value.window.start, value.window.end, value.at)
        if found is None and first.setdefault(key, value) != value:
            found = (
                VoidReason.CHANGED,
                "differs from what its filer had signed for the same window at the same time",
            )
        if found is None:
            assessments.append(one)
        else:
            void.append(_void(ASSESSMENT_PREDICATE.name, one, *found))
    return PhaseEvents(
        adopted=tuple(adopted),
        signals=signals,
        assessments=tuple(assessments),
        confirmed=tuple(confirmed),
        measures=tuple(measures),
        broken_at=state.broken_at,
        left_at=left_at or {},
        void=tuple(sorted(void, key=lambda one: one.entry)),
    )


def _void(predicate: Name, filed: Filed[T], reason: VoidReason, text: str) -> VoidSignal:
    return VoidSignal(entry=filed.entry, predicate=predicate, party=filed.party, reason=reason, text=text)


def _void_signal(filed: Filed[Signal]) -> VoidSignal:
    text = f"says that it occurred at {format_instant(filed.value.occurred_at)}, after it was logged"
    return _void(SIGNAL_PREDICATE.name, filed, VoidReason.FUTURE_SIGNAL, text)


def _why_assessment_is_void(
    filed: Filed[Assessment], kind: PartyKind | None
) -> tuple[VoidReason, str] | None:
    if kind is not PartyKind.VERIFIER:
        return VoidReason.NO_VERIFIER, "is by one that is no verifier"
    if filed.value.at > filed.not_after:
        return (
            VoidReason.FUTURE_ASSESSMENT,
            f"is of {format_instant(filed.value.at)}, after it was logged",
        )
    return None
