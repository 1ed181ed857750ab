"""Duties with clocks: who has to do what, after which event, within which time, shown by what.

Implements spec/duties.md section 4. Duties that clauses carry with them (closing a period, measuring) and the
clocks of findings are not listed here: they follow from those parts. Where a duty stands is in `standing`.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from allstop.agreement._calendar_terms import calendar_named
from allstop.agreement._checks import build, check_text, check_unique
from allstop.agreement._parties import Party, PartyKind
from allstop.canon import JSON, Fields, format_instant
from allstop.clocks import OCCURRENCE_COUNT_MAX, Length, LengthUnit, format_length, parse_length
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.times import HOUR_MS, Instant

if TYPE_CHECKING:
    from allstop.agreement._agreement import Agreement

__all__ = [
    "DUTY_COUNT_MAX",
    "START_COUNT_MAX",
    "Duty",
    "DutyEvent",
    "DutyStart",
    "DutyTerms",
    "Together",
    "format_duty_terms",
    "parse_duty_terms",
    "verify_duties",
]

DUTY_COUNT_MAX = 256
"""Most duties that one agreement lists."""

START_COUNT_MAX = 16
"""Most clocks of which one duty takes the earliest or the latest."""

_LIST_COUNT_MAX = 256
_CLAUSE = re.compile(r"[0-9A-Z]{1,6}(?:\.[0-9a-zA-Z]{1,6}){0,5}\Z", re.ASCII)


class DutyEvent(Enum):
    """What starts the clock of a duty. The value is the wire form.

    IN_FORCE, BOUND (this party), PHASE (begins; named), FINDING_NOTIFIED (about this party), WITHDRAWAL (of this
    party, notified), ADOPTED (a motion; named), AWARE (this party, of an event; named), DATE (agreed).
    """

    IN_FORCE = "in-force"
    BOUND = "bound"
    PHASE = "phase"
    FINDING_NOTIFIED = "finding-notified"
    WITHDRAWAL = "withdrawal"
    ADOPTED = "adopted"
    AWARE = "aware"
    DATE = "date"

    @property
    def is_named(self) -> bool:
        """Whether the event needs a name: which phase, which motion, which kind of event."""
        return self in (DutyEvent.PHASE, DutyEvent.ADOPTED, DutyEvent.AWARE)


class Together(Enum):
    """How several clocks of one duty make one: the earliest that runs out, or the latest of all of them."""

    EARLIEST = "earliest"
    LATEST = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyStart:
    """One clock: what starts it, and how long it runs.

        {"event": "in-force", "name": null, "at": null, "within": {"amount": 120, "unit": "days"}}

    `name` is given exactly for events that need one, `at` exactly for DATE.
    """

    event: DutyEvent
    name: Name | None
    at: Instant | None
    within: Length

    def __post_init__(self) -> None:
        if (self.name is not None) != self.event.is_named:
            wanted = "a name" if self.event.is_named else "none"
            raise MalformedError(f"event {self.event.value} has name {self.name}, want {wanted}")
        if (self.at is not None) != (self.event is DutyEvent.DATE):
            raise MalformedError(f"event {self.event.value} and a date: want a date exactly for event date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One duty of each of its parties.

        {"name": "register-update", "clause": "V.5", "text": "Update the register.", "parties": [],
         "kinds": ["operator"], "starts": [{"event": "in-force", "name": null, "at": null,
         "within": {"amount": 120, "unit": "days"}}], "together": "earliest",
         "every": {"amount": 90, "unit": "days"}, "times": null, "calendar": "vienna",
         "evidence": ["chips"], "impossibleBy": null, "waivedBy": null}

    It is a duty of every listed party and of every party of a listed kind. With `every` it recurs, `times` times or
    without agreed end. `evidence` are predicates that a party has to file, all of them; without any, only a
    `fulfilment` statement shows it. A panel may accept until `impossible_by` after the due instant that it was
    impossible, if that was claimed by the due instant; None: not after it. A motion named `waived_by`, when adopted,
    waives what is open then.
    """

    name: Name
    clause: str | None
    text: str
    parties: tuple[Name, ...]
    kinds: tuple[PartyKind, ...]
    starts: tuple[DutyStart, ...]
    together: Together
    every: Length | None
    times: int | None
    calendar: Name | None
    evidence: tuple[Name, ...]
    impossible_by: Length | None
    waived_by: Name | None = None

    def __post_init__(self) -> None:
        check_text(self.text, "text of the duty")
        if self.clause is not None and _CLAUSE.match(self.clause) is None:
            raise MalformedError(f"clause is {self.clause[:24]!r}, want a number such as '4.1'")
        if not self.parties and not self.kinds:
            raise MalformedError(f"duty {self.name} has neither parties nor kinds of parties")
        check_unique(self.parties, "party")
        check_unique((kind.value for kind in self.kinds), "kind")
        check_unique(self.evidence, "evidence")
        check_unique((repr(start) for start in self.starts), "clock")
        if not 1 <= len(self.starts) <= START_COUNT_MAX:
            raise MalformedError(
                f"duty {self.name} has {len(self.starts)} clocks, want 1 to {START_COUNT_MAX}"
            )
        if len(self.starts) == 1 and self.together is not Together.EARLIEST:
            raise MalformedError(f"duty {self.name} has one clock, which is written as the earliest of one")
        self._check_recurrence()

    def _check_recurrence(self) -> None:
        if self.every is None:
            if self.times is not None:
                raise MalformedError(f"duty {self.name} does not recur, so it has no number of times")
            return
        if len(self.starts) != 1:
            raise MalformedError(f"duty {self.name} recurs, so it has one clock, not {len(self.starts)}")
        # Each occurrence becomes a line of what is due: a clock of a second would make millions.
        if self.every.shortest_ms < HOUR_MS:
            raise MalformedError(f"duty {self.name} recurs more than once an hour")
        if self.times is not None and not 2 <= self.times <= OCCURRENCE_COUNT_MAX:
            raise MalformedError(
                f"duty {self.name} recurs {self.times} times, want 2 to {OCCURRENCE_COUNT_MAX}"
            )

    def binds(self, party: Party) -> bool:
        """Tell whether it is a duty of this party."""
        return party.id in self.parties or party.kind in self.kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyTerms:
    """The duties that an agreement lists. Wire form: `{"duties": [...]}`; in TOML `[[duties.duty]]`.

    Range: 1 to DUTY_COUNT_MAX, each name once.
    """

    duties: tuple[Duty, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.duties) <= DUTY_COUNT_MAX:
            raise MalformedError(f"there are {len(self.duties)} duties, want 1 to {DUTY_COUNT_MAX}")
        check_unique((duty.name for duty in self.duties), "duty")


def verify_duties(terms: DutyTerms, agreement: "Agreement") -> None:
    """Check that duties name parties and calendars of the agreement, and that business days have a calendar.

    Raises:
        MalformedError: one does not.
    """
    known = {party.id for party in agreement.parties}
    for duty in terms.duties:
        for party in duty.parties:
            if party not in known:
                raise MalformedError(f"duty {duty.name} binds {party}, who is no party")
        if not any(duty.binds(party) for party in agreement.parties):
            raise MalformedError(f"duty {duty.name} binds nobody: no party is of its kinds")
        calendar_named(agreement.calendars, duty.calendar)
        lengths = [start.within for start in duty.starts] + [duty.every, duty.impossible_by]
        counts = any(one is not None and one.unit is LengthUnit.BUSINESS_DAYS for one in lengths)
        if counts and duty.calendar is None:
            raise MalformedError(f"duty {duty.name} counts business days, and names no calendar")


def parse_duty_terms(fields: Fields) -> DutyTerms:
    """Parse the wire form of the duties.

    Raises:
        MalformedError: they are not in that form.
    """
    duties = tuple(_parse_duty(one) for one in fields.objects("duties", DUTY_COUNT_MAX))
    fields.done()
    return build(fields.where, DutyTerms, duties=duties)


def _parse_duty(fields: Fields) -> Duty:
    duty = build(
        fields.where,
        Duty,
        name=fields.name("name"),
        clause=None if fields.raw("clause") is None else fields.text("clause"),
        text=fields.text("text", 4096),
        parties=fields.names("parties", _LIST_COUNT_MAX),
        kinds=tuple(_parse_kind(text, fields.where) for text in fields.texts("kinds", len(PartyKind))),
        starts=tuple(_parse_start(one) for one in fields.objects("starts", START_COUNT_MAX)),
        together=fields.choice("together", Together),
        every=_parse_optional(fields, "every"),
        times=None if fields.raw("times") is None else fields.integer("times"),
        calendar=None if fields.raw("calendar") is None else fields.name("calendar"),
        evidence=fields.names("evidence", _LIST_COUNT_MAX),
        impossible_by=_parse_optional(fields, "impossibleBy"),
        waived_by=None if fields.raw("waivedBy") is None else fields.name("waivedBy"),
    )
    fields.done()
    return duty


def _parse_kind(text: str, where: str) -> PartyKind:
    for kind in PartyKind:
        if kind.value == text:
            return kind
    wanted = ", ".join(kind.value for kind in PartyKind)
    raise MalformedError(f"{where}.kinds: found {text[:24]!r}, want one of {wanted}")


def _parse_optional(fields: Fields, key: str) -> Length | None:
    return None if fields.raw(key) is None else parse_length(fields.object(key))


def _parse_start(fields: Fields) -> DutyStart:
    start = build(
        fields.where,
        DutyStart,
        event=fields.choice("event", DutyEvent),
        name=None if fields.raw("name") is None else fields.name("name"),
        at=None if fields.raw("at") is None else fields.instant("at"),
        within=parse_length(fields.object("within")),
    )
    fields.done()
    return start


def format_duty_terms(terms: DutyTerms) -> JSON:
    """Return the wire form of the duties."""
    return {"duties": [_format_duty(duty) for duty in terms.duties]}


def _format_duty(duty: Duty) -> JSON:
    return {
        "name": duty.name,
        "clause": duty.clause,
        "text": duty.text,
        "parties": list(duty.parties),
        "kinds": [kind.value for kind in duty.kinds],
        "starts": [_format_start(start) for start in duty.starts],
        "together": duty.together.value,
        "every": None if duty.every is None else format_length(duty.every),
        "times": duty.times,
        "calendar": duty.calendar,
        "evidence": list(duty.evidence),
        "impossibleBy": None if duty.impossible_by is None else format_length(duty.impossible_by),
        "waivedBy": duty.waived_by,
    }


def _format_start(start: DutyStart) -> JSON:
    return {
        "event": start.event.value,
        "name": start.name,
        "at": None if start.at is None else format_instant(start.at),
        "within": format_length(start.within),
    }
