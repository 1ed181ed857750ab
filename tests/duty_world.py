"""A small world for duties: Alder and Birch are bound from 1 March 2027, Cedar and Dogwood judge, and any log.

Instants are written as days of March 2027 and on: `day(1)` is 2027-03-01T00:00:00Z.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agreement_examples import agreement, clause
from allstop.agreement import (
    AdjudicationTerms,
    Agreement,
    CalendarTerms,
    Duty,
    DutyEvent,
    DutyStart,
    DutyTerms,
    Panel,
    PartyKind,
    Together,
)
from allstop.canon import format_instant, parse_instant
from allstop.clocks import Length, LengthUnit
from allstop.duty import Awareness, DutyKey, Fulfilment, Impossibility
from allstop.ids import Digest, Name, digest_of
from allstop.ledger import Filed, State
from allstop.registry import Chips, Site
from allstop.standing import DutyEvents, DutyStage, DutyState, Happening, duties_of
from allstop.times import DAY_MS, Instant
from clock_calendars import VIENNA

ALDER, BIRCH, CEDAR, DOGWOOD = (Name(name) for name in ("alder", "birch", "cedar", "dogwood"))
BASE = parse_instant("2027-02-28T00:00:00Z")
PANEL = AdjudicationTerms(
    acknowledge=Length(amount=36, unit=LengthUnit.HOURS),
    answer=Length(amount=5, unit=LengthUnit.DAYS),
    cure=None,
    ruling=Length(amount=30, unit=LengthUnit.DAYS),
    appeal=None,
    impediment=None,
    calendar=None,
    panel=Panel(members=(CEDAR, DOGWOOD), quorum=2, blocs=2),
    appeal_panel=None,
    measures=(),
)


def day(number: float) -> Instant:
    """Return midnight in UTC of a day of March 2027, counted on through April and later."""
    return BASE.plus(round(number * DAY_MS))


def end_of(number: int) -> str:
    """Return the last millisecond of a day in UTC."""
    return format_instant(day(number + 1).plus(-1))


def length(amount: int, unit: str = "days") -> Length:
    """Return a length from the word of its unit."""
    return Length(amount=amount, unit=LengthUnit(unit))


def start(
    event: str = "in-force",
    *,
    within: Length | None = None,
    name: str | None = None,
    at: Instant | None = None,
) -> DutyStart:
    """Return a clock of ten days unless told otherwise."""
    return DutyStart(
        event=DutyEvent(event),
        name=None if name is None else Name(name),
        at=at,
        within=within or length(10),
    )


def duty(*starts: DutyStart, **changes: object) -> Duty:
    """Return a duty of Alder to file chips within ten days of entry into force, with these changes."""
    plain = Duty(
        name=Name("register"),
        clause=None,
        text="Submit the register.",
        parties=(ALDER,),
        kinds=(),
        starts=starts or (start(),),
        together=Together.EARLIEST,
        every=None,
        times=None,
        calendar=None,
        evidence=(Name("chips"),),
        impossible_by=None,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # names and types are the caller's business


def of(*duties: Duty, **changes: object) -> Agreement:
    """Return an agreement with these duties, a panel and a calendar; its clause has no time limit of its own."""
    given: dict[str, object] = {
        "obligations": (clause(evidence=(Name("site"),)),),
        "duties": DutyTerms(duties=duties) if duties else None,
        "calendars": CalendarTerms(tables=(VIENNA,)),
        "adjudication": PANEL,
        **changes,
    }
    return agreement(**given)


def happened(**others: object) -> DutyEvents:
    """Return entry into force on day 1 with Alder and Birch bound since, and what else is given."""
    plain = (
        Happening(event=DutyEvent.IN_FORCE, at=day(1)),
        Happening(event=DutyEvent.BOUND, at=day(1), party=ALDER),
        Happening(event=DutyEvent.BOUND, at=day(1), party=BIRCH),
    )
    more = others.pop("more", ())
    return DutyEvents(happened=(*plain, *more), **others)  # type: ignore[misc, arg-type]  # fields of the caller's choice


Act = tuple[Name, object, Instant]


def log(acts: Sequence[Act], *, at: Instant, broken_at: Mapping[Name, Instant] | None = None) -> State:
    """Return the state of a log with these acts by `at`, in order of time; each has a digest of its own."""
    facts: dict[type, list[Filed[object]]] = {}
    counted = sorted((act for act in acts if act[2] <= at), key=lambda act: act[2])
    for entry, (party, value, when) in enumerate(counted):
        filed = Filed(
            value=value,
            entry=entry,
            digest=digest_act(party, value, when),
            party=party,
            sequence=entry,
            signers=frozenset({party}),
            not_before=None,
            not_after=when,
        )
        facts.setdefault(type(value), []).append(filed)
    broken = {party: since for party, since in (broken_at or {}).items() if since <= at}
    return State(
        at=at,
        counted=len(counted),
        pending=len(acts) - len(counted),
        facts={kind: tuple(found) for kind, found in facts.items()},
        distrusted=frozenset(broken),
        broken_at=broken,
    )


def digest_act(party: Name, value: object, when: Instant) -> Digest:
    """Return the digest that the log gives to an act."""
    return digest_of(repr((party, value, when)).encode())


def chips(party: Name = ALDER, *, at: float) -> Act:
    """Return the filing of a lot."""
    lot = Chips(
        lot=Name("lot-1"),
        site=Name("hall-1"),
        chip_type=Name("fast"),
        count=8,
        serials_root=None,
        serials_count=0,
    )
    return (party, lot, day(at))


def site(party: Name = ALDER, *, at: float, name: str = "hall-1") -> Act:
    """Return the declaration of a site."""
    return (party, Site(site=Name(name), operator=party, note=""), day(at))


def key(name: str = "register", *, matter: str | None = None, occurrence: int = 0) -> DutyKey:
    """Return what names one thing to do."""
    return DutyKey(duty=Name(name), matter=matter, occurrence=occurrence)


def fulfilment(
    party: Name = ALDER, *, at: float, of: DutyKey | None = None, evidence: Sequence[Act] = ()
) -> Act:
    """Return the word of a party that it did something, with these acts as evidence."""
    digests = tuple(sorted({digest_act(*act) for act in evidence}))
    return (party, Fulfilment(key=of or key(), evidence=digests, note=""), day(at))


def impossible(party: Name = ALDER, *, at: float, of: DutyKey | None = None) -> Act:
    """Return a claim that something cannot be done."""
    return (party, Impossibility(key=of or key(), evidence=(), reason="the hall burned down"), day(at))


def aware(
    party: Name = ALDER,
    *,
    at: float,
    since: float,
    by: Name | None = None,
    matter: str = "leak-1",
    event: str = "incident",
) -> Act:
    """Return the word that a party has known of an event, by itself or by another."""
    value = Awareness(event=Name(event), matter=matter, party=party, aware_at=day(since))
    return (by or party, value, day(at))


def states(
    text: Agreement,
    acts: Sequence[Act],
    *,
    at: float,
    events: DutyEvents | None = None,
    broken_at: Mapping[Name, Instant] | None = None,
    **options: object,
) -> tuple[DutyState, ...]:
    """Return where every duty stands on a day."""
    state = log(acts, at=day(at), broken_at=broken_at)
    return duties_of(text, events or happened(), state, at=day(at), **options)  # type: ignore[arg-type]  # options of the caller's choice


def only(
    text: Agreement,
    acts: Sequence[Act],
    *,
    at: float,
    events: DutyEvents | None = None,
    broken_at: Mapping[Name, Instant] | None = None,
) -> DutyState:
    """Return where the one duty stands on a day."""
    found = states(text, acts, at=at, events=events, broken_at=broken_at)
    if len(found) != 1:
        raise ValueError(f"there are {len(found)} duties, want 1: {found}")
    return found[0]


def stages(
    text: Agreement, acts: Sequence[Act], *, at: float, events: DutyEvents | None = None
) -> list[tuple[int, DutyStage]]:
    """Return number and state of each listed occurrence."""
    return [(one.occurrence, one.stage) for one in states(text, acts, at=at, events=events)]


OPERATOR = PartyKind.OPERATOR
