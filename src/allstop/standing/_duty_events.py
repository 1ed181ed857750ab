"""What duties hang on that other parts of standing decide: events, suspensions, waivers, clocks of findings.

Implements spec/duties.md section 7. Every instant here is one at which something was proven or decided, never one
that a party merely wrote down.
"""

from dataclasses import dataclass

from allstop.agreement import DutyEvent
from allstop.ids import Name
from allstop.times import Instant

__all__ = ["DutyEvents", "GivenDuty", "Happening", "Suspension", "Waiver"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event that starts clocks.

    Example: BOUND, party `alder`, at 2027-03-01T00:00:00Z. `name` is the phase or motion; `party` is given for
    BOUND, WITHDRAWAL and FINDING_NOTIFIED; `matter` tells several apart (the digest of a finding, the name of a
    proposal). `until` is when a phase ended or a party ceased to be bound, None while it has not.
    """

    event: DutyEvent
    at: Instant
    name: Name | None = None
    party: Name | None = None
    matter: str | None = None
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """Clocks of a party stand still: under one clause, or under all where `clause` is None.

    `start` must not be before the instant at which the measure or impediment was proven or decided: what was late
    by then stays late. `end` is None while it has no end. Example: `birch`, "4.1", "impediment 2c26...".
    """

    party: Name
    clause: str | None
    start: Instant
    end: Instant | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A party need not do what is open at `at` under this duty. None stands for every party, and every matter.

    Example: duty `register`, everyone, "motion standstill".
    """

    duty: Name
    at: Instant
    why: str
    party: Name | None = None
    matter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenDuty:
    """A clock that another part of standing keeps, such as the time to acknowledge or to answer a finding.

    Example: duty "finding:answer", party `birch`, matter "9f86...", due in five days. `over_at` is when it came to
    nothing before it was due (the finding was withdrawn), None if it did not.
    """

    duty: str
    party: Name
    matter: str
    clauses: tuple[str, ...]
    text: str
    trigger: Instant
    due: Instant
    met_at: Instant | None
    why: str
    over_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyEvents:
    """Everything from elsewhere that duties hang on. The order of no tuple matters.

    `happened` holds one IN_FORCE at most, and one BOUND for each span in which a party is bound.
    """

    happened: tuple[Happening, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    given: tuple[GivenDuty, ...] = ()
