"""What rivals and the public see: the same bytes whatever the secrets are, and the listed fields only."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MethodType
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from allstop.accountancy import Verdict
from allstop.agreement import (
    Duty,
    DutyEvent,
    DutyStart,
    DutyTerms,
    OnCoverage,
    Phase,
    PhaseKind,
    PhaseMove,
    PhaseTerms,
    PhaseTransition,
    Together,
)
from allstop.canon import JSON
from allstop.clocks import Length, LengthUnit
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.ledger import PREDICATES
from allstop.standing import DutyStage, DutyState, PhaseSpan, Standing
from allstop.times import HOUR_MS
from allstop.verdict import Band, Bounds, CaseVerdict, PublicDuty, format_public_view, public_view
from report_documents import in_force
from secret_worlds import ONE_VALUE, PAIRS
from source_tree import ROOT
from verdict_world import ALDER, HOUR, LATER, START, World, honest

JUDGED = {name for name, _ in PAIRS}
"""Kinds of statements on which accounts rest."""


def values_of(world: World, predicate: str, field: str) -> list[JSON]:
    """Return a field of every statement of a kind, in log order."""
    found: list[JSON] = []
    for entry in world.entries():
        if entry.statement.predicate == predicate:
            body = entry.statement.body
            assert isinstance(body, dict)
            found.append(body[field])
    return found


def public_bytes(world: World) -> bytes:
    """Return what may be seen of a world."""
    return format_public_view(public_view(world.judge()))


@pytest.mark.parametrize("key", sorted(PAIRS), ids=lambda key: ".".join(key))
def test_a_secret_that_is_another_changes_no_public_byte(key: tuple[str, str]) -> None:
    """Two worlds that differ in one secret field: their logs differ in it, what rivals see does not."""
    plain, other = PAIRS[key]()
    assert values_of(plain, *key) != values_of(other, *key)
    assert public_bytes(plain) == public_bytes(other)


def secrets() -> Iterator[tuple[str, str]]:
    """Yield the secret fields of the kinds of statements on which accounts rest."""
    for predicate in PREDICATES.values():
        if predicate.name in JUDGED:
            yield from ((predicate.name, field) for field in predicate.secret)


def test_no_secret_of_the_accounts_is_left_out() -> None:
    """Every secret field of these kinds has its pair of worlds, or has one legal value; and no pair is for another."""
    assert set(secrets()) == PAIRS.keys() | ONE_VALUE


OTHERS = [
    (predicate.name, field)
    for predicate in PREDICATES.values()
    if predicate.name not in JUDGED
    for field in predicate.secret
]
"""Secret fields of the other kinds: procedure, duties, signals, what was halted."""


def alternatives(value: JSON) -> Iterator[JSON]:
    """Yield values that may be legal in place of another one."""
    match value:
        case None:
            yield from ("9f" * 32, "leak-2028-01")
        case bool():
            yield not value
        case int():
            yield from (value + 1, value - 1)
        case str():
            yield from ("2c" * 32, f"{value}-2", "2027-04-03T00:00:00Z", f"{value} indeed", str(len(value)))
        case list():
            yield value[:-1]
            yield [*value, "2c" * 32]
            for changed in alternatives(value[0]) if value else ():
                yield [changed, *value[1:]]
        case dict():
            for key in value:
                yield from ({**value, key: changed} for changed in alternatives(value[key]))


def rewritten(body: JSON, path: list[str]) -> Iterator[JSON]:
    """Yield a body with another value at a path through objects and the first items of lists."""
    if not path:
        yield from alternatives(body)
    elif isinstance(body, list):
        yield from ([changed, *body[1:]] for changed in (rewritten(body[0], path) if body else ()))
    elif isinstance(body, dict):
        yield from ({**body, path[0]: changed} for changed in rewritten(body[path[0]], path[1:]))


def two_bodies(name: Name, field: str) -> tuple[JSON, JSON]:
    """Return two bodies of a kind, from its vectors, that differ in one field."""
    for path in sorted((ROOT / "vectors" / name).glob("*.json")):
        vector = json.loads(path.read_text("utf-8"))
        if not vector["isValid"]:
            continue
        for other in rewritten(vector["body"], field.split(".")):
            try:
                PREDICATES[name].parse(other)
            except MalformedError:
                continue
            if other != vector["body"]:
                return vector["body"], other
    raise AssertionError(f"no two bodies of {name} differ in {field}")


@pytest.mark.parametrize("key", OTHERS, ids=lambda key: ".".join(key))
def test_a_secret_of_any_other_kind_changes_no_public_byte(key: tuple[Name, str]) -> None:
    """An agreement in force, with phases and a duty, under which Alder files one body or the other."""
    name, field = key
    views = []
    for body in two_bodies(name, field):
        world = with_phases(with_duty(in_force()))
        last = world.filings.pop()
        world.file(ALDER, None, predicate=name, body=body)
        world.filings.append(last)
        views.append(public_bytes(world))
    assert views[0] == views[1]
    assert [["before"], ["late"]] == [
        [one["phase"] for one in json.loads(views[0])["phases"]],
        json.loads(views[0])["parties"][0]["duties"][0]["stages"],
    ]


NOUNS = {
    "CaseVerdict": "verdict",
    "Stand": "standing",
    "VerifiedCase": "case",
    "EntryStatus": "entry",
    "PartyVerdict": "party",
    "ClauseResult": "clause",
    "Finding": "finding",
    "SiteAccount": "site",
    "AreaBalance": "balance",
    "PhaseSpan": "phase",
    "DutyState": "duty",
}
"""Names on the page of the values of which only some fields are read."""


@dataclass
class Spy:
    """Stands for a value, and notes which of its fields are read."""

    value: object
    reads: set[tuple[str, str]]

    def __getattr__(self, name: str) -> object:
        self.reads.add((NOUNS[type(self.value).__name__], name))
        return spied(getattr(self.value, name), self.reads)


def spied(value: object, reads: set[tuple[str, str]]) -> Any:
    """Return a value that notes what is read of it, if it is one of the kinds above."""
    if isinstance(value, tuple):
        return tuple(spied(item, reads) for item in value)
    if isinstance(value, MethodType):
        return lambda: spied(value(), reads)
    return Spy(value, reads) if type(value).__name__ in NOUNS else value


def camel(name: str) -> str:
    """Return a field as the page spells it."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


PAGE = (ROOT / "spec/audience.md").read_text("utf-8")
PHASES = (
    PhaseSpan(
        phase=Name("before"), kind=PhaseKind.BEFORE, start=START, until=HOUR.end, move=None, why="in force"
    ),
    PhaseSpan(
        phase=Name("paused"),
        kind=PhaseKind.PAUSED,
        start=HOUR.end,
        until=None,
        move=PhaseMove.TRIGGER,
        why="birch",
    ),
)


@dataclass(frozen=True)
class Stand:
    """Stands for where an agreement stands, with these phases and duties."""

    binding: object
    spans: tuple[PhaseSpan, ...]
    states: tuple[DutyState, ...]

    def duties(self) -> tuple[DutyState, ...]:
        """Return where every duty stands."""
        return self.states


def standing(verdict: CaseVerdict, *states: DutyState, spans: tuple[PhaseSpan, ...] = PHASES) -> CaseVerdict:
    """Return a verdict with these phases and states of duties."""
    stand = Stand(binding=verdict.standing.binding, spans=spans, states=states)
    return replace(verdict, standing=cast(Standing, stand))


def duty(stage: DutyStage, **changes: object) -> DutyState:
    """Return one occurrence of a duty of Alder."""
    plain: dict[str, object] = {
        "duty": "register",
        "matter": None,
        "occurrence": 1,
        "party": ALDER,
        "clauses": ("1.1",),
        "text": "register every chip",
        "stage": stage,
        "trigger": START,
        "due": HOUR.end,
        "met_at": None,
        "earlier_met": 0,
        "why": "an hour after the start",
        "note": "",
    }
    return DutyState(**(plain | changes))  # type: ignore[arg-type]  # fields of a state


def with_duty(world: World) -> World:
    """Let the agreement of a world name the duty of Alder."""
    start = DutyStart(
        event=DutyEvent.IN_FORCE, name=None, at=None, within=Length(amount=1, unit=LengthUnit.HOURS)
    )
    one = Duty(
        name=Name("register"),
        clause=None,
        text="Register every chip.",
        parties=(ALDER,),
        kinds=(),
        starts=(start,),
        together=Together.EARLIEST,
        every=None,
        times=None,
        calendar=None,
        evidence=(),
        impossible_by=None,
    )
    world.agreement = replace(world.agreement, duties=DutyTerms(duties=(one,)))
    return world


def test_the_view_reads_the_listed_fields_only() -> None:
    """A spy in place of every value notes what is read; the page lists just that."""
    reads: set[tuple[str, str]] = set()
    world = with_duty(honest())
    del world.filings[6]
    verdict = standing(world.judge(), duty(DutyStage.MET))
    assert public_view(verdict) == public_view(spied(verdict, reads))
    rows = re.findall(r"^\| (\w+) \| ((?:`\w+`(?:, )?)+) \|$", PAGE, re.MULTILINE)
    listed = {(noun, field) for noun, fields in rows for field in re.findall(r"`(\w+)`", fields)}
    assert listed == {(noun, camel(field)) for noun, field in reads}


def test_the_example_of_the_page_is_what_comes_out() -> None:
    """A busy hour that nobody declared: the side, the code, and nothing of how much or where."""
    world = honest()
    del world.filings[6]
    (example,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert json.loads(example) == json.loads(public_bytes(world))
    assert b"hall-1" not in public_bytes(world)


def test_what_rivals_may_know_does_show() -> None:
    """A verdict, a side, a code and a band that change do change the view, so that the tests above can fail."""
    undeclared, blind = honest(), honest()
    del undeclared.filings[6]
    views = [public_view(one) for one in (honest().judge(), undeclared.judge(), blind.judge(without={4, 5}))]
    alders = [view.parties[0] for view in views]
    assert [Verdict.CONSISTENT, Verdict.INCONSISTENT, Verdict.UNDETERMINED] == [one.verdict for one in alders]
    sides = [{clause.clause: clause.bounds for clause in one.clauses} for one in alders]
    assert [Bounds.WITHIN, Bounds.OVER, Bounds.NOT_SHOWN] == [one["2.1"] for one in sides]
    assert [(), ("ACC-001",), ()] == [one.codes for one in alders]
    assert [500_000, 500_000, 0] == [one.seen and one.seen.low for one in alders]


def with_phases(world: World) -> World:
    """Let the agreement of a world end once coverage was too low for an hour."""
    leaf = OnCoverage(floor_ppm=900_000, longer_than_ms=HOUR_MS, parties=1, verifiers=1, blocs=1)
    ended = PhaseTransition(source=Name("before"), target=Name("ended"), lead_ms=0, when=leaf)
    both = (
        Phase(name=Name("before"), kind=PhaseKind.BEFORE),
        Phase(name=Name("ended"), kind=PhaseKind.ENDED),
    )
    phases = PhaseTerms(phases=both, transitions=(ended,))
    world.agreement = replace(world.agreement, phases=phases)
    return world


def test_bands_lie_between_shares_that_the_agreement_names() -> None:
    """A floor of coverage in the phases is one more edge, and no share between two edges shows."""
    world = with_phases(honest())
    assert Band(low=900_000, high=1_000_000) == public_view(world.judge()).parties[0].seen
    half = public_view(world.judge(without={5})).parties[0].seen
    assert Band(low=500_000, high=900_000) == half


def test_of_duties_the_states_show_and_neither_number_nor_time() -> None:
    """One late and any number met look the same; duties that the agreement does not name are left out."""
    verdict = with_duty(honest()).judge()
    few = (duty(DutyStage.LATE), duty(DutyStage.MET, occurrence=2))
    many = (duty(DutyStage.LATE, earlier_met=40, due=LATER, met_at=LATER, matter="leak-2027"),)
    other = (*few, duty(DutyStage.OPEN, duty="measurement at hall-1"))
    shown = [public_view(standing(verdict, *one)).parties[0].duties for one in (few, many, other)]
    expected = (PublicDuty(duty=Name("register"), stages=(DutyStage.LATE, DutyStage.MET)),)
    assert [expected] * 3 == shown
    assert () == public_view(standing(verdict, *few)).parties[1].duties


def test_a_public_view_fits_its_schema() -> None:
    """With phases, duties and findings, and before any period has ended; an unknown key does not fit."""
    schema = Draft202012Validator(
        json.loads((ROOT / "spec/schemas/public-view.schema.json").read_text("utf-8"))
    )
    full = public_view(standing(with_duty(honest()).judge(), duty(DutyStage.LATE)))
    early = public_view(honest().judge(at=START.plus(1)))
    for view in (full, early):
        value = json.loads(format_public_view(view))
        assert [] == [error.message for error in schema.iter_errors(value)]
        assert [*schema.iter_errors(value | {"roomToHideFlop": "1"})]
