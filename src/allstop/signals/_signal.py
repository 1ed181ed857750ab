"""The `signal` predicate: a party says that an agreed wire was tripped, or that an incident of a class occurred.

Implements spec/phases.md section 5. A signal is a claim by its filer. It changes a phase only where the agreement
says so, with as many others as the agreement asks for.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_instant
from allstop.errors import MalformedError
from allstop.finding import SignalKind
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate
from allstop.times import Instant

__all__ = ["EVIDENCE_COUNT_MAX", "SIGNAL_PREDICATE", "Signal", "format_signal", "parse_signal"]

EVIDENCE_COUNT_MAX = 64
"""Most documents that one signal may rest on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A wire of this name was tripped, or an incident of this class occurred, at `occurred_at`, as the filer says.

        {"name": "self-copying", "kind": "tripwire", "occurredAt": "2027-03-01T09:30:00Z", "evidence": ["9f86..."]}

    `evidence` are digests of documents, each once; it may be empty. What they say is for readers to judge.
    """

    name: Name
    kind: SignalKind
    occurred_at: Instant
    evidence: tuple[Digest, ...] = ()

    def __post_init__(self) -> None:
        if len(self.evidence) > EVIDENCE_COUNT_MAX:
            raise ValueError(
                f"signal rests on {len(self.evidence)} documents, want at most {EVIDENCE_COUNT_MAX}"
            )
        if len(set(self.evidence)) != len(self.evidence):
            raise ValueError("signal names one document twice")


def parse_signal(body: JSON) -> Signal:
    """Parse the body of a `signal` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "signal")
    try:
        signal = Signal(
            name=fields.name("name"),
            kind=fields.choice("kind", SignalKind),
            occurred_at=fields.instant("occurredAt"),
            evidence=fields.digests("evidence", EVIDENCE_COUNT_MAX),
        )
    except ValueError as exc:
        raise MalformedError(f"signal: {exc}") from exc
    fields.done()
    return signal


def format_signal(signal: Signal) -> JSON:
    """Return the body of a `signal` statement."""
    return {
        "name": signal.name,
        "kind": signal.kind.value,
        "occurredAt": format_instant(signal.occurred_at),
        "evidence": list(signal.evidence),
    }


SIGNAL_PREDICATE = Predicate(
    name=Name("signal"),
    parse=parse_signal,
    format=format_signal,
    audience=Audience.PARTIES,
    secret=("evidence",),
)
