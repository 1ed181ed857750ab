"""Adjudication: clocks of a finding, who judges by which majority, and the ladder of measures that follow.

Implements spec/adjudication.md section 2. An agreement without it knows no panel: findings stay findings, and
nothing that software prints confirms one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from allstop.agreement._calendar_terms import calendar_named
from allstop.agreement._checks import build, check_unique
from allstop.agreement._domains import trust_domains
from allstop.canon import JSON, Fields
from allstop.clocks import Length, LengthUnit, format_length, parse_length
from allstop.errors import MalformedError
from allstop.ids import Name

if TYPE_CHECKING:
    from allstop.agreement._agreement import Agreement

__all__ = [
    "AdjudicationTerms",
    "Ending",
    "MeasureKind",
    "MeasureTerms",
    "Panel",
    "format_adjudication_terms",
    "parse_adjudication_terms",
    "verify_adjudication",
]

PANEL_MEMBERS_MAX = 64
MEASURE_COUNT_MAX = 64
_CLAUSE_COUNT_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Who judges: `quorum` members from at least `blocs` blocs must say the same.

        {"members": ["cedar", "dogwood", "elm"], "quorum": 2, "blocs": 2}

    Range: `1 <= blocs <= quorum <= len(members)`, and the quorum is more than half of the members, so that no
    panel ever decides two things.
    """

    members: tuple[Name, ...]
    quorum: int
    blocs: int

    def __post_init__(self) -> None:
        check_unique(self.members, "panel member")
        if len(self.members) > PANEL_MEMBERS_MAX:
            raise MalformedError(f"panel has {len(self.members)} members, want at most {PANEL_MEMBERS_MAX}")
        if not 1 <= self.blocs <= self.quorum <= len(self.members):
            raise MalformedError(
                f"panel of {len(self.members)} has quorum {self.quorum} from {self.blocs} blocs, want"
                " 1 <= blocs <= quorum <= members"
            )
        if 2 * self.quorum <= len(self.members):
            raise MalformedError(
                f"panel of {len(self.members)} has quorum {self.quorum}, want more than half, or it could"
                " decide two things"
            )


class MeasureKind(Enum):
    """What a measure is, mildest first. The value is the wire form."""

    NOTICE = "notice"
    INSPECTION = "inspection"
    SUSPEND_BENEFIT = "suspend-benefit"
    COUNTER_SUSPENSION = "counter-suspension"
    SNAP_BACK = "snap-back"
    TERMINATION = "termination"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """When a measure ends: at the earliest of what is given. Wire form: `{"cured": true, "length": null, "motion": null}`.

    `cured` is the instant at which the panel accepted a cure, `length` runs from the start of the measure,
    `motion` is the name of a motion adopted after that start.
    """

    cured: bool
    length: Length | None
    motion: Name | None

    @property
    def is_never(self) -> bool:
        """Whether nothing ends the measure."""
        return not self.cured and self.length is None and self.motion is None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureTerms:
    """One rung of the ladder: what follows a finding that is confirmed for good, when, and until when.

        {"name": "suspend", "kind": "counter-suspension", "when": {"confirmed": true, "after": "notice",
         "uncuredFor": {"amount": 30, "unit": "days"}}, "by": null, "clauses": ["4.1"],
         "ends": {"cured": true, "length": null, "motion": null}}

    The measure starts when the finding has been uncured for `uncured_for` since it became final or, with `after`,
    since that measure started. With `by`, only once a motion of this name is adopted from then on. `clauses` are
    those that no longer bind; for a counter-suspension none means the clause that was broken. Every measure but
    a termination says when it ends; a termination ends with nothing.
    """

    name: Name
    kind: MeasureKind
    uncured_for: Length | None
    after: Name | None
    by: Name | None
    clauses: tuple[str, ...]
    ends: Ending

    def __post_init__(self) -> None:
        check_unique(self.clauses, "clause")
        is_final = self.kind is MeasureKind.TERMINATION
        if is_final and not self.ends.is_never:
            raise MalformedError(f"measure {self.name} terminates the agreement and cannot end")
        if not is_final and self.ends.is_never:
            raise MalformedError(
                f"measure {self.name} never ends, want cured, a length or a motion that ends it"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjudicationTerms:
    """Clocks, panels and measures of an agreement.

        {"acknowledge": {"amount": 36, "unit": "hours"}, "answer": {"amount": 5, "unit": "days"}, "cure": null,
         "ruling": {"amount": 60, "unit": "days"}, "appeal": null, "impediment": null, "calendar": null,
         "panel": {...}, "appealPanel": null, "measures": []}

    `acknowledge` and `answer` run from when the finding is proven to be in the log. `cure` runs from an answer
    given in time: until then the matter can be settled; who does not answer has no such time. `ruling` bounds the
    panel, `appeal` runs from its decision. `impediment` is how long a party's word for one lasts; without it,
    nothing. All clocks count by the calendar of this name, else in UTC.
    """

    acknowledge: Length
    answer: Length
    cure: Length | None
    ruling: Length
    appeal: Length | None
    impediment: Length | None
    calendar: Name | None
    panel: Panel
    appeal_panel: Panel | None
    measures: tuple[MeasureTerms, ...]

    def __post_init__(self) -> None:
        if (self.appeal is None) != (self.appeal_panel is None):
            raise MalformedError("a time to appeal and an appeal panel go together")
        for clock in (self.acknowledge, self.answer, self.ruling, self.appeal):
            # An answer that nobody had time to give was not heard, and a panel needs time to replay.
            if clock is not None and clock.amount == 0:
                raise MalformedError("a clock of adjudication is nothing, want a length of at least 1")
        check_unique((measure.name for measure in self.measures), "measure")
        seen: set[Name] = set()
        for measure in self.measures:
            if measure.after is not None and measure.after not in seen:
                raise MalformedError(
                    f"measure {measure.name} follows {measure.after}, which is no earlier measure"
                )
            seen.add(measure.name)


def verify_adjudication(terms: AdjudicationTerms, agreement: "Agreement") -> None:
    """Check that everybody and every clause named is in the agreement, and that every bound party can be judged.

    Raises:
        MalformedError: a panel member is no party or one trust domain with another member, a clause or calendar
            is not there, business days have no calendar, or with one party and its trust domain recused a panel could never decide.
    """
    calendar_named(agreement.calendars, terms.calendar)
    if terms.calendar is None and any(one.unit is LengthUnit.BUSINESS_DAYS for one in lengths_of(terms)):
        raise MalformedError("a clock of adjudication counts business days, and no calendar is named")
    known = {party.id for party in agreement.parties}
    clauses = {obligation.clause for obligation in agreement.obligations}
    for measure in terms.measures:
        for clause in measure.clauses:
            if clause not in clauses:
                raise MalformedError(f"measure {measure.name} names clause {clause}, which does not exist")
    for what, panel in (("panel", terms.panel), ("appeal panel", terms.appeal_panel)):
        for member in panel.members if panel else ():
            if member not in known:
                raise MalformedError(f"the {what} has member {member}, who is no party")
        if panel is not None:
            _verify_panel(what, panel, agreement)


def lengths_of(terms: AdjudicationTerms) -> tuple[Length, ...]:
    """Return every length that the terms state."""
    given = [terms.acknowledge, terms.answer, terms.cure, terms.ruling, terms.appeal, terms.impediment]
    given += [length for one in terms.measures for length in (one.uncured_for, one.ends.length)]
    return tuple(length for length in given if length is not None)


def _verify_panel(what: str, panel: Panel, agreement: "Agreement") -> None:
    domains = trust_domains(agreement.parties, agreement.edges)
    seats: dict[Name, Name] = {}
    for member in panel.members:
        # Two seats under one hand would be two voices of one judge.
        other = seats.setdefault(domains[member], member)
        if other != member:
            raise MalformedError(f"the {what} seats {other} and {member}, who are one trust domain")
    bound = {party for obligation in agreement.obligations for party in obligation.parties}
    for party in sorted(bound):
        if not can_decide(panel, agreement, recused=[party]):
            raise MalformedError(
                f"the {what} cannot reach {panel.quorum} members from {panel.blocs} blocs about {party}, whose"
                " trust domain is recused"
            )


def can_decide(panel: Panel, agreement: "Agreement", *, recused: Sequence[Name]) -> bool:
    """Tell whether a panel can still reach its quorum when these parties and their trust domains do not count."""
    domains = trust_domains(agreement.parties, agreement.edges)
    out = {domains[party] for party in recused}
    blocs = {party.id: party.bloc for party in agreement.parties}
    left = [member for member in panel.members if domains[member] not in out]
    return len(left) >= panel.quorum and len({blocs[member] for member in left}) >= panel.blocs


def parse_adjudication_terms(fields: Fields) -> AdjudicationTerms:
    """Parse the wire form of the terms of adjudication.

    Raises:
        MalformedError: it is not in that form.
    """
    has_appeal_panel = fields.raw("appealPanel") is not None
    calendar = None if fields.raw("calendar") is None else fields.name("calendar")
    terms = build(
        fields.where,
        AdjudicationTerms,
        acknowledge=parse_length(fields.object("acknowledge")),
        answer=parse_length(fields.object("answer")),
        cure=_parse_length(fields, "cure"),
        ruling=parse_length(fields.object("ruling")),
        appeal=_parse_length(fields, "appeal"),
        impediment=_parse_length(fields, "impediment"),
        calendar=calendar,
        panel=_parse_panel(fields.object("panel")),
        appeal_panel=_parse_panel(fields.object("appealPanel")) if has_appeal_panel else None,
        measures=tuple(_parse_measure(measure) for measure in fields.objects("measures", MEASURE_COUNT_MAX)),
    )
    fields.done()
    return terms


def format_adjudication_terms(terms: AdjudicationTerms) -> JSON:
    """Return the wire form of the terms of adjudication."""
    return {
        "acknowledge": format_length(terms.acknowledge),
        "answer": format_length(terms.answer),
        "cure": _format_length(terms.cure),
        "ruling": format_length(terms.ruling),
        "appeal": _format_length(terms.appeal),
        "impediment": _format_length(terms.impediment),
        "calendar": terms.calendar,
        "panel": _format_panel(terms.panel),
        "appealPanel": None if terms.appeal_panel is None else _format_panel(terms.appeal_panel),
        "measures": [_format_measure(measure) for measure in terms.measures],
    }


def _parse_length(fields: Fields, key: str) -> Length | None:
    return None if fields.raw(key) is None else parse_length(fields.object(key))


def _format_length(length: Length | None) -> JSON:
    return None if length is None else format_length(length)


def _parse_panel(fields: Fields) -> Panel:
    panel = build(
        fields.where,
        Panel,
        members=fields.names("members", PANEL_MEMBERS_MAX),
        quorum=fields.integer("quorum"),
        blocs=fields.integer("blocs"),
    )
    fields.done()
    return panel


def _format_panel(panel: Panel) -> JSON:
    return {"members": list(panel.members), "quorum": panel.quorum, "blocs": panel.blocs}


def _parse_measure(fields: Fields) -> MeasureTerms:
    when, ends = fields.object("when"), fields.object("ends")
    # Written out so that a reader of the document sees it; there is no measure without a confirmed finding.
    if not when.boolean("confirmed"):
        raise MalformedError(f"{when.where}.confirmed: found false, want true")
    measure = build(
        fields.where,
        MeasureTerms,
        name=fields.name("name"),
        kind=fields.choice("kind", MeasureKind),
        uncured_for=_parse_length(when, "uncuredFor"),
        after=None if when.raw("after") is None else when.name("after"),
        by=None if fields.raw("by") is None else fields.name("by"),
        clauses=fields.texts("clauses", _CLAUSE_COUNT_MAX),
        ends=Ending(
            cured=ends.boolean("cured"),
            length=_parse_length(ends, "length"),
            motion=None if ends.raw("motion") is None else ends.name("motion"),
        ),
    )
    when.done()
    ends.done()
    fields.done()
    return measure


def _format_measure(measure: MeasureTerms) -> JSON:
    return {
        "name": measure.name,
        "kind": measure.kind.value,
        "when": {
            "confirmed": True,
            "uncuredFor": _format_length(measure.uncured_for),
            "after": measure.after,
        },
        "by": measure.by,
        "clauses": list(measure.clauses),
        "ends": {
            "cured": measure.ends.cured,
            "length": _format_length(measure.ends.length),
            "motion": measure.ends.motion,
        },
    }
