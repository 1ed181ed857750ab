"""Rules ADJ-001 to ADJ-006: what is wrong in proceedings, put into words, one code each.

None of them changes a verdict. A finding here is a conclusion of software about filings; a finding between parties
is a `Proceeding`, and only a panel confirms one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from allstop.adjudication import Outcome
from allstop.agreement import Agreement
from allstop.finding import ABOUT_CHARS_MAX, Effect, Finding, order_findings
from allstop.ids import Name
from allstop.ledger import State
from allstop.standing._docket import build_docket
from allstop.standing._impediments import ImpedimentStanding, impediments_of
from allstop.standing._proceedings import Proceeding
from allstop.standing._void import VoidFiling, VoidKind
from allstop.times import Instant

__all__ = ["ADJUDICATION_RULES", "find_adjudication"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the rules look at."""

    agreement: Agreement
    proceedings: Sequence[Proceeding]
    impediments: Sequence[ImpedimentStanding]
    void: Sequence[VoidFiling]

    def of_kind(self, kind: VoidKind) -> Iterator[Finding]:
        """Yield every void filing of this kind, in words."""
        for one in self.void:
            if one.kind is kind:
                yield _note(kind.value, one.party, f"{_WHAT[kind]}: {one.why}", one.entry)


_WHAT = {
    VoidKind.SECOND_RULING: "rules twice in one matter",
    VoidKind.RULING: "files a ruling that does not count",
    VoidKind.FILING: "files what counts for nothing in a proceeding",
}


def find_adjudication(
    agreement: Agreement,
    state: State,
    proceedings: Sequence[Proceeding],
    *,
    at: Instant,
    left_at: Mapping[Name, Instant] | None = None,
) -> tuple[Finding, ...]:
    """Return what is wrong in proceedings and impediments at `at`, in the order of all findings."""
    if agreement.adjudication is None:
        return ()
    impediments = impediments_of(agreement, state, at=at)
    void = list(build_docket(agreement, state, at=at, left_at=left_at).void)
    void += [one for proceeding in proceedings for one in proceeding.void]
    void += [one for impediment in impediments for one in impediment.void]
    seen = _Seen(agreement=agreement, proceedings=proceedings, impediments=impediments, void=void)
    return order_findings(tuple(one for rule in ADJUDICATION_RULES.values() for one in rule(seen)))


def find_false_accusations(seen: _Seen) -> Iterator[Finding]:
    """ADJ-001: a false accusation.

    What it detects:
        A finding that was dismissed for good, by a panel of which as many members as it takes to decide said
        that the accusation was false.
    Why it matters:
        Accusing costs nothing unless it can come back. Rivals could drown each other in findings.
    Known problems:
        It is a conclusion about the accuser, no judgement: whoever wants measures raises it as a finding, and
        the accuser is heard like everybody.

    Example:
        Birch accuses Alder on a verdict that nobody can replay.
    How to resolve:
        Raise only what replays; withdraw as soon as the answer explains it.
    Basis:
        spec/adjudication.md, section 6.
    """
    for one in seen.proceedings:
        last = one.first if one.second is None or one.second.decision is None else one.second
        if one.is_false_accusation and last.decision is not None:
            entries = (one.entry, *(ruled.entry for ruled in last.decision.by))
            words = f"accused {one.accused} of {one.raised.code} falsely, as the panel found"
            yield _note("ADJ-001", one.accuser, words, *entries)


def find_second_rulings(seen: _Seen) -> Iterator[Finding]:
    """ADJ-002: a panel member that rules twice.

    What it detects:
        Two rulings of one member in one matter that say different things.
    Why it matters:
        A word that could be taken back could be sold twice. The first one counts.
    Known problems:
        A slip of the hand cannot be mended.

    Example:
        Elm dismisses, and confirms a day later.
    How to resolve:
        Nothing: an appeal is heard by others.
    Basis:
        spec/adjudication.md, section 5.
    """
    yield from seen.of_kind(VoidKind.SECOND_RULING)


def find_void_rulings(seen: _Seen) -> Iterator[Finding]:
    """ADJ-003: a ruling that does not count.

    What it detects:
        A ruling by a party without a seat or recused, before an answer was heard or its time had run out, after
        the time to rule or the decision, on nothing that a panel decides, or one that confirms by another
        verdict than the one raised or does not name the answer that was filed.
    Why it matters:
        Whoever counts by hand may count it.
    Known problems:
        A member may rule in good faith a moment too soon; it can rule again.

    Example:
        Dogwood rules about Alder, which owns it.
    How to resolve:
        A member with a seat rules again in time, on the verdict that it replayed.
    Basis:
        spec/adjudication.md, section 5.
    """
    yield from seen.of_kind(VoidKind.RULING)


def find_void_filings(seen: _Seen) -> Iterator[Finding]:
    """ADJ-004: a filing that counts for nothing in a proceeding.

    What it detects:
        An accusation of oneself or of nobody, or the same one again; a reply by somebody who is no side of the
        matter, or whose chain is broken; a withdrawal or an appeal that comes too late.
    Why it matters:
        The filer may believe that a clock stopped.
    Known problems:
        None is known.

    Example:
        Cedar withdraws a finding that Birch raised.
    How to resolve:
        Let the right side file it in time.
    Basis:
        spec/adjudication.md, section 6.
    """
    yield from seen.of_kind(VoidKind.FILING)


def find_unknown_clauses(seen: _Seen) -> Iterator[Finding]:
    """ADJ-005: an accusation under a clause that does not bind the accused.

    What it detects:
        A finding or impediment that names a clause which the deposited text does not have, or which does not
        bind the party that it is about.
    Why it matters:
        Nobody breaks a clause that does not bind it.
    Known problems:
        A clause that was amended in later is not in the deposited text: the panel looks at the text in force.

    Example:
        Birch accuses Alder under clause 9.9.
    How to resolve:
        Raise it under the clause that was broken, or under none.
    Basis:
        spec/adjudication.md, section 6.
    """
    bound = {one.clause: one.parties for one in seen.agreement.obligations}
    for one in seen.proceedings:
        clause = one.raised.clause
        if clause is not None and one.accused not in bound.get(clause, ()):
            words = f"accuses {one.accused} under clause {clause}, which does not bind it"
            yield _note("ADJ-005", one.accuser, words, one.entry)
    for claim in seen.impediments:
        strange = [clause for clause in claim.claim.clauses if claim.party not in bound.get(clause, ())]
        if strange:
            words = f"claims an impediment to clause {strange[0]}, which does not bind it"
            yield _note("ADJ-005", claim.party, words, claim.entry)


def find_refused_impediments(seen: _Seen) -> Iterator[Finding]:
    """ADJ-006: an impediment that the panel refused.

    What it detects:
        A claim that a court or authority forbids performance, which the panel refused.
    Why it matters:
        While it lasted on its party's word, clocks stood still.
    Known problems:
        An order may be real and still not forbid what the clause asks.

    Example:
        Birch claims an injunction that forbids publication, not metering.
    How to resolve:
        Perform; the party's word is not taken a second time for the same clause.
    Basis:
        spec/adjudication.md, section 8.
    """
    for claim in seen.impediments:
        if claim.decision is not None and claim.decision.outcome is Outcome.REFUSED:
            entries = (claim.entry, *(ruled.entry for ruled in claim.decision.by))
            words = f"claimed an impediment by {claim.claim.authority} that the panel refused"
            yield _note("ADJ-006", claim.party, words, *entries)


def _note(code: str, party: Name, about: str, *entries: int) -> Finding:
    return Finding(
        code=code,
        party=party,
        site=None,
        about=about[:ABOUT_CHARS_MAX],
        rests_on=tuple(sorted(set(entries))),
        effect=Effect.NOTE,
        subgoals=(),
    )


ADJUDICATION_RULES: Mapping[str, Callable[[_Seen], Iterator[Finding]]] = {
    "ADJ-001": find_false_accusations,
    "ADJ-002": find_second_rulings,
    "ADJ-003": find_void_rulings,
    "ADJ-004": find_void_filings,
    "ADJ-005": find_unknown_clauses,
    "ADJ-006": find_refused_impediments,
}
"""Every rule, by code; each docstring says what it detects."""
