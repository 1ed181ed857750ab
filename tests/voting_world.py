"""Small tables for tests: parties around a table, rules, and a log of what they file, all as values."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from agreement_examples import agreement, party
from allstop.agreement import (
    Agreement,
    BlocsAtLeast,
    ConveningTerms,
    Edge,
    Motion,
    Party,
    PartyKind,
    Relation,
    ShareAtLeast,
    Veto,
    VoteFormula,
    Voters,
    VotingRule,
    agreement_changes,
    format_agreement,
)
from allstop.convening import Choice, Proposal, ProposalKind, Vote
from allstop.ids import Digest, Name, digest_of
from allstop.ledger import Filed, State
from allstop.times import DAY_MS, Instant

START = Instant(1_800_000_000_000)
OPEN_MS = 10 * DAY_MS
CLOSE = START.plus(OPEN_MS)
EARLY, LATE = START.plus(DAY_MS), CLOSE.plus(1)
AFTER = CLOSE.plus(DAY_MS)
MAJORITY = ShareAtLeast(ppm=500_001)
MOTION = Name("start")
ALDER, BIRCH, CEDAR, DOGWOOD, ELM = (Name(one) for one in ("alder", "birch", "cedar", "dogwood", "elm"))


def rule_of(adopt: VoteFormula, **changes: object) -> VotingRule:
    """Return a rule under which everybody proposes and votes for ten days, with these changes."""
    plain = VotingRule(
        name=Name("rule"),
        voters=Voters(),
        proposers=Voters(),
        adopt=adopt,
        veto=Veto.NONE,
        tacit=False,
        open_ms=OPEN_MS,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # names and types are the caller's business


def members_of(blocs: Sequence[str] = ("north", "south", "north", "south")) -> tuple[Party, ...]:
    """Return Alder and Birch, both critical, Cedar, Dogwood and so on, in these blocs."""
    names = ("alder", "birch", "cedar", "dogwood", "elm")[: len(blocs)]
    return tuple(
        replace(
            party(name, number, kind=PartyKind.STATE, critical=number < 3),
            bloc=Name(bloc),
        )
        for number, (name, bloc) in enumerate(zip(names, blocs, strict=True), 1)
    )


def owns(source: Name, target: Name) -> Edge:
    """Return that one party owns another."""
    return Edge(source=source, relation=Relation.OWNS, target=target)


def table(rule: VotingRule, **changes: object) -> Agreement:
    """Return an agreement whose table decides motions, texts and amendments by one rule."""
    terms = ConveningTerms(
        rules=(rule,),
        motions=(Motion(name=MOTION, rule=rule.name),),
        text_rule=rule.name,
        amendment_rule=rule.name,
        amendment_lead_ms=0,
    )
    return agreement(**({"parties": members_of(), "convening": terms} | changes))


def motion(name: str = "start-now", **changes: object) -> Proposal:
    """Return a motion to start, with these changes."""
    plain = Proposal(name=Name(name), kind=ProposalKind.MOTION, motion=MOTION)
    return replace(plain, **changes)  # type: ignore[arg-type]  # names and types are the caller's business


def amendment(name: str, old: Agreement, new: Agreement, **changes: object) -> Proposal:
    """Return the amendment that leads from one agreement to another."""
    plain = Proposal(
        name=Name(name),
        kind=ProposalKind.AMENDMENT,
        base=digest_of(format_agreement(old)),
        text=digest_of(format_agreement(new)),
        changes=agreement_changes(old, new),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # names and types are the caller's business


@dataclass
class VotingWorld:
    """A log of filed facts, and the parties whose chains are broken, since when."""

    filed: list[Filed[object]] = field(default_factory=list)
    broken: dict[Name, Instant] = field(default_factory=dict)
    counts: Counter[Name] = field(default_factory=Counter)

    def file(self, by: Name, value: object, at: Instant = EARLY) -> Digest:
        """File a statement, proven at `at`, and return its digest."""
        number = self.counts[by]
        self.counts[by] += 1
        digest = digest_of(f"{by} {number}".encode())
        self.filed.append(
            Filed(
                value=value,
                entry=len(self.filed),
                digest=digest,
                party=by,
                sequence=number,
                signers=frozenset({by}),
                not_before=None,
                not_after=at,
            )
        )
        return digest

    def vote(self, by: Name, proposal: Digest, choice: Choice, at: Instant = EARLY) -> None:
        """File a vote."""
        self.file(by, Vote(proposal=proposal, choice=choice), at)

    def votes(self, proposal: Digest, *, agree: Iterable[Name], at: Instant = EARLY) -> None:
        """File votes in favour."""
        for name in agree:
            self.vote(name, proposal, Choice.FOR, at)

    def state(self, at: Instant = AFTER) -> State:
        """Return what the log says at `at`: statements by proven time, then as filed."""
        return state_of(self.filed, self.broken, at)


def state_of(filed: Sequence[Filed[object]], broken: dict[Name, Instant], at: Instant) -> State:
    """Return the state of these facts, entries renumbered in the order of proven times."""
    facts: dict[type, list[Filed[object]]] = {}
    for entry, one in enumerate(sorted(filed, key=lambda fact: fact.not_after)):
        if one.not_after <= at:
            facts.setdefault(type(one.value), []).append(
                one if one.entry == entry else replace(one, entry=entry)
            )
    known = {party: since for party, since in broken.items() if since <= at}
    return State(
        at=at,
        counted=sum(map(len, facts.values())),
        pending=0,
        facts={kind: tuple(found) for kind, found in facts.items()},
        distrusted=frozenset(known),
        broken_at=known,
    )


DOUBLE_MAJORITY_BLOCS = BlocsAtLeast(count=2, ppm=500_001)
