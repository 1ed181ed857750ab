"""A small agreement with panels, and logs of filings about findings, without signatures or trees.

Panel: alder-lab, birch-lab, cedar, dogwood, elm; three from two blocs decide. Alder owns alder-lab and Birch owns
birch-lab, so between those two cedar, dogwood and elm must all agree. Appeals: cedar, dogwood, elm; two from two blocs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations

from agreement_examples import agreement, clause, party
from allstop.adjudication import (
    FindingAnswer,
    FindingRaised,
    FindingRuling,
    Outcome,
)
from allstop.agreement import (
    AdjudicationTerms,
    Agreement,
    Edge,
    Ending,
    MeasureKind,
    MeasureTerms,
    Panel,
    PartyKind,
    Relation,
)
from allstop.canon import parse_instant
from allstop.clocks import Length, LengthUnit
from allstop.ids import Digest, Name, digest_of
from allstop.ledger import Filed, State
from allstop.standing import Proceeding, find_adjudication, proceedings_of
from allstop.times import HOUR_MS, Instant

START = parse_instant("2027-03-01T09:00:00Z")
VERDICT = digest_of(b"verdict")
OTHER_VERDICT = digest_of(b"another verdict")
ALDER, BIRCH, CEDAR, DOGWOOD, ELM = (Name(n) for n in ("alder", "birch", "cedar", "dogwood", "elm"))
ALDER_LAB, BIRCH_LAB = Name("alder-lab"), Name("birch-lab")
PARTIES = (ALDER, ALDER_LAB, BIRCH, BIRCH_LAB, CEDAR, DOGWOOD, ELM)
JUDGES = (CEDAR, DOGWOOD, ELM)
BLOCS = {ALDER: "north", ALDER_LAB: "north", BIRCH: "south", BIRCH_LAB: "south"} | {
    CEDAR: "north",
    DOGWOOD: "south",
    ELM: "east",
}


def hours(count: int) -> Length:
    """Return a length in hours: tests count in hours, so that instants are easy to read."""
    return Length(amount=count, unit=LengthUnit.HOURS)


def rung(name: str, kind: MeasureKind, **changes: object) -> MeasureTerms:
    """Return a measure that follows at once and ends with a cure, or never, with these changes."""
    is_last = kind is MeasureKind.TERMINATION
    plain = MeasureTerms(
        name=Name(name),
        kind=kind,
        uncured_for=None,
        after=None,
        by=None,
        clauses=(),
        ends=Ending(cured=not is_last, length=None, motion=None),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # names and types are the caller's business


TERMS = AdjudicationTerms(
    acknowledge=hours(36),
    answer=hours(120),
    cure=hours(48),
    ruling=hours(240),
    appeal=hours(96),
    impediment=hours(72),
    calendar=None,
    panel=Panel(members=(ALDER_LAB, BIRCH_LAB, CEDAR, DOGWOOD, ELM), quorum=3, blocs=2),
    appeal_panel=Panel(members=JUDGES, quorum=2, blocs=2),
    measures=(),
)
"""Answer 120 h after the finding; 48 h to settle after an answer; the panel has 240 h, an appeal 96 h."""


def judged(terms: AdjudicationTerms = TERMS) -> Agreement:
    """Return the agreement of the seven parties under these terms; clause 1.1 binds alder and birch."""
    kinds = {ALDER: PartyKind.STATE, BIRCH: PartyKind.STATE}
    parties = tuple(
        replace(
            party(name, number, kind=kinds.get(name, PartyKind.VERIFIER), critical=name in kinds),
            bloc=Name(BLOCS[name]),
        )
        for number, name in enumerate(PARTIES, start=1)
    )
    owns = Relation.OWNS
    return agreement(
        parties=parties,
        edges=(
            Edge(source=ALDER, relation=owns, target=ALDER_LAB),
            Edge(source=BIRCH, relation=owns, target=BIRCH_LAB),
        ),
        obligations=(clause("1.1", parties=(ALDER, BIRCH)),),
        adjudication=terms,
    )


def hour(count: float) -> Instant:
    """Return the instant so many hours after START."""
    return START.plus(int(count * HOUR_MS))


@dataclass
class Log:
    """Filings in the order in which they are made; `at` is in hours after START."""

    filed: list[Filed[object]] = field(default_factory=list)
    broken: dict[Name, Instant] = field(default_factory=dict)

    def file(self, party: Name, value: object, at: float, *, cosigned: Sequence[Name] = ()) -> Digest:
        """File a statement proven at an hour, and return its digest."""
        entry = len(self.filed)
        digest = digest_of(f"statement {entry} of {party}".encode())
        self.filed.append(
            Filed(
                value=value,
                entry=entry,
                digest=digest,
                party=party,
                sequence=entry,
                signers=frozenset({party, *cosigned}),
                not_before=None,
                not_after=hour(at),
            )
        )
        return digest

    def raise_finding(
        self, at: float = 0, *, by: Name = BIRCH, about: Name = ALDER, **changes: object
    ) -> Digest:
        """File a finding, by default Birch's about Alder."""
        return self.file(by, raised(about=about, **changes), at)

    def answer(self, matter: Digest, at: float, *, by: Name = ALDER) -> Digest:
        """File an answer to a finding or appeal."""
        return self.file(by, FindingAnswer(matter=matter, text="it was calibration", evidence=()), at)

    def rule(
        self,
        matter: Digest,
        at: float,
        *members: Name,
        outcome: Outcome = Outcome.CONFIRMED,
        answer: Digest | None = None,
        replayed: Digest | None = VERDICT,
        false: bool = False,
    ) -> None:
        """File the same ruling by each of these members."""
        for member in members:
            self.file(member, ruling(matter, outcome, answer=answer, replayed=replayed, false=false), at)

    def state(self, at: float | Instant = 10_000) -> State:
        """Return what the log says at an hour."""
        when = at if isinstance(at, Instant) else hour(at)
        facts: dict[type, list[Filed[object]]] = {}
        for one in sorted(self.filed, key=lambda one: (one.not_after.ms, one.entry)):
            if one.not_after <= when:
                facts.setdefault(type(one.value), []).append(one)
        return State(
            at=when,
            counted=len(self.filed),
            pending=0,
            facts={kind: tuple(found) for kind, found in facts.items()},
            distrusted=frozenset(self.broken),
            broken_at={name: since for name, since in self.broken.items() if since <= when},
        )


def raised(**changes: object) -> FindingRaised:
    """Return a finding about Alder under clause 1.1, with these changes."""
    plain = FindingRaised(
        code="ACC-001",
        about=ALDER,
        clause="1.1",
        text="more was computed than declared",
        rests_on=(digest_of(b"entry 17"),),
        evidence=(),
        verdict_digest=VERDICT,
        judged_at=START,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # names and types are the caller's business


def ruling(
    matter: Digest,
    outcome: Outcome = Outcome.CONFIRMED,
    *,
    answer: Digest | None = None,
    replayed: Digest | None = VERDICT,
    false: bool = False,
) -> FindingRuling:
    """Return a ruling that names the right verdict and no answer, unless told otherwise."""
    return FindingRuling(
        matter=matter,
        outcome=outcome,
        replayed=replayed,
        answer=answer,
        reasons="the verdict replays",
        false_accusation=false,
    )


AGREEMENT = judged()


def one_of(log: Log, at: float | Instant = 10_000) -> Proceeding:
    """Return the only proceeding of a log."""
    state = log.state(at)
    (found,) = proceedings_of(AGREEMENT, state, at=state.at)
    return found


def codes(log: Log, at: float = 10_000) -> list[str]:
    """Return the codes of what is wrong in a log."""
    state = log.state(at)
    found = proceedings_of(AGREEMENT, state, at=state.at)
    return [one.code for one in find_adjudication(AGREEMENT, state, found, at=state.at)]


def coalitions(members: tuple[Name, ...]) -> list[tuple[Name, ...]]:
    """Return every set of members."""
    return list(chain.from_iterable(combinations(members, size) for size in range(len(members) + 1)))
