"""The state that a log folds into: every fact as filed, and every fault, in log order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

from allstop.agreement import Deposit, DepositBody, SignatureBody
from allstop.ids import Digest, Name
from allstop.registry import Chips, Meter, Site, Transfer
from allstop.telemetry import Measurement, PeriodClose
from allstop.times import Instant
from allstop.transcript import Opening, Replay, Transcript
from allstop.workload import Job

__all__ = ["Fault", "FaultKind", "Filed", "State"]

T = TypeVar("T")


class FaultKind(Enum):
    """How a logged statement breaks a rule of statements. The value is the code of its finding."""

    CHAIN = "STM-001"
    UNKNOWN_PREDICATE = "STM-002"
    MALFORMED_BODY = "STM-003"
    NOT_AUTHORISED = "STM-004"
    BACKDATED = "STM-005"
    EXPIRED = "STM-006"
    MISPLACED = "STM-007"
    BAD_NOTE = "LOG-001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed(Generic[T]):
    """A fact with the statement that carries it.

    `entry` is its index in the log; `not_before` and `not_after` bound the time of filing as proven by
    witnesses. `signers` are all parties whose threshold of keys signed it.
    """

    value: T
    entry: int
    digest: Digest
    party: Name
    sequence: int
    signers: frozenset[Name]
    not_before: Instant | None
    not_after: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A statement that breaks a rule. It stays in the log and becomes a finding."""

    kind: FaultKind
    party: Name
    entry: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that the log says by `at`, in log order. A pure function of the entries.

    `counted` entries were proven by `at`; `pending` were not and are ignored. `distrusted` filers have
    a fault in their chain: nothing that helps them may rest on what they filed. `facts` are all facts by type.
    `broken_at` says since when each of them is: what was decided before on what it had filed stays decided.
    """

    at: Instant
    counted: int
    pending: int
    facts: Mapping[type, tuple[Filed[object], ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    distrusted: frozenset[Name] = frozenset()
    broken_at: Mapping[Name, Instant] = field(default_factory=dict)

    def is_trusted(self, party: Name, at: Instant) -> bool:
        """Tell whether what a party filed may help it at `at`: by then no fault in its chain was proven."""
        broken = self.broken_at.get(party)
        return broken is None or at < broken

    def of(self, kind: type[T]) -> tuple[Filed[T], ...]:
        """Return every fact of one type, in log order."""
        return self.facts.get(kind, ())  # type: ignore[return-value]  # the fold keeps each fact under its type

    @property
    def sites(self) -> tuple[Filed[Site], ...]:
        """Declarations of sites."""
        return self.of(Site)

    @property
    def chips(self) -> tuple[Filed[Chips], ...]:
        """Lots of chips."""
        return self.of(Chips)

    @property
    def transfers(self) -> tuple[Filed[Transfer], ...]:
        """Transfers of chips."""
        return self.of(Transfer)

    @property
    def meters(self) -> tuple[Filed[Meter], ...]:
        """Registered meters."""
        return self.of(Meter)

    @property
    def jobs(self) -> tuple[Filed[Job], ...]:
        """Declared jobs."""
        return self.of(Job)

    @property
    def measurements(self) -> tuple[Filed[Measurement], ...]:
        """Measurements."""
        return self.of(Measurement)

    @property
    def closes(self) -> tuple[Filed[PeriodClose], ...]:
        """Closes of periods."""
        return self.of(PeriodClose)

    @property
    def transcripts(self) -> tuple[Filed[Transcript], ...]:
        """Committed transcripts."""
        return self.of(Transcript)

    @property
    def openings(self) -> tuple[Filed[Opening], ...]:
        """Openings of transcripts."""
        return self.of(Opening)

    @property
    def replays(self) -> tuple[Filed[Replay], ...]:
        """Replays by verifiers."""
        return self.of(Replay)

    @property
    def signatures(self) -> tuple[Filed[SignatureBody], ...]:
        """Signatures of the agreement."""
        return self.of(SignatureBody)

    @property
    def deposits(self) -> tuple[Filed[DepositBody], ...]:
        """Open deposits."""
        return self.of(DepositBody)

    @property
    def proven_deposits(self) -> tuple[Deposit, ...]:
        """Deposits with the upper bound of their time, as the entry into force needs them."""
        return tuple(Deposit(party=filed.party, not_after=filed.not_after) for filed in self.deposits)
