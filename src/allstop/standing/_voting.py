"""Counting votes: which proposals were adopted, when, by whom, and why the others fell.

Implements spec/convening.md, section 6. A pure function of the agreement and the log. Votes are final and only
proven times count, so that no order inside a batch and nothing that is logged later changes what was decided.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from allstop.agreement import (
    Agreement,
    ConveningTerms,
    Count,
    Electorate,
    Veto,
    VotingRule,
    electorate_of,
    find_missing,
    is_adopted,
    trust_domain,
)
from allstop.convening import Choice, Proposal, ProposalKind, ProposalWithdrawal, Vote
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.standing._tally import Tally, TallyEvent, TallyState, run_tally, step_tally
from allstop.standing._texts import TextInForce, TextLine, later
from allstop.times import Instant

__all__ = ["Convening", "Members", "convening_of", "tallies_of"]

Members = Callable[[Name, Instant], bool]
"""Tells whether a party is a member, and so may vote, at an instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Convening:
    """Everything that the table has done: proposals in log order, texts by start, findings.

    `lost` says of an adopted amendment why it changed nothing.
    """

    tallies: tuple[Tally, ...]
    texts: tuple[TextInForce, ...]
    lost: Mapping[Digest, str]

    def text_at(self, at: Instant) -> TextInForce:
        """Return the text in force at `at`."""
        return next(text for text in reversed(self.texts) if text.start <= at)


def everybody(party: Name, at: Instant) -> bool:
    """Tell that every party is a member at all times: so it is before anybody is bound."""
    return True


def convening_of(
    agreement: Agreement,
    state: State,
    *,
    at: Instant | None = None,
    members: Members = everybody,
    recused: Mapping[Digest, frozenset[Name]] | None = None,
) -> Convening:
    """Count every vote on every proposal that is proven by `at`, by default all that the state knows.

    `members` says who may vote when; `recused` who has no vote on motions about a statement, such as the party
    that a finding accuses: it and its whole trust domain are off the roll.
    """
    table = _Table(
        agreement=agreement,
        state=state,
        at=state.at if at is None else min(at, state.at),
        members=members,
        recused=recused or {},
        line=TextLine(agreement),
    )
    table.gather()
    tallies: dict[Digest, Tally] = {}
    for filed in sorted(table.proposals, key=lambda one: (one.not_after, one.entry)):
        # Only what was adopted before this instant counts: the order inside a batch is the operator's.
        table.line.settle(filed.not_after)
        tally = table.count(filed)
        tallies[filed.digest] = tally
        is_amendment = filed.value.kind is ProposalKind.AMENDMENT
        if is_amendment and tally.state is TallyState.ADOPTED and tally.decided_at is not None:
            table.line.adopt(filed, tally.decided_at)
    table.line.settle(None)
    return Convening(
        tallies=tuple(tallies[filed.digest] for filed in table.proposals),
        texts=tuple(table.line.texts),
        lost=table.line.lost,
    )


def tallies_of(
    agreement: Agreement,
    state: State,
    *,
    at: Instant | None = None,
    members: Members = everybody,
    recused: Mapping[Digest, frozenset[Name]] | None = None,
) -> tuple[Tally, ...]:
    """Return how every proposal stands, in log order; arguments as for `convening_of`."""
    return convening_of(agreement, state, at=at, members=members, recused=recused).tallies


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cast:
    """The first vote of a party on a proposal, and when it counts from."""

    filed: Filed[Vote]
    at: Instant

    @property
    def choice(self) -> Choice:
        return self.filed.value.choice


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ballot:
    """One vote that was opened: who may vote, by which rule, until when, and what was cast."""

    rule: VotingRule
    opened: Instant
    closes: Instant
    electorate: Electorate
    cast: Mapping[Name, _Cast]


@dataclass(slots=True, kw_only=True)
class _Table:
    """What is looked at while proposals are counted one after another."""

    agreement: Agreement
    state: State
    at: Instant
    members: Members
    recused: Mapping[Digest, frozenset[Name]]
    line: TextLine
    proposals: tuple[Filed[Proposal], ...] = ()
    votes: dict[Digest, list[Filed[Vote]]] = field(default_factory=dict)
    withdrawals: dict[Digest, list[Filed[ProposalWithdrawal]]] = field(default_factory=dict)
    named: dict[tuple[Name, Name], Digest] = field(default_factory=dict)
    everyone: Electorate | None = None

    def gather(self) -> None:
        """Sort what was filed by the proposal that it is about."""
        self.proposals = tuple(one for one in self.state.of(Proposal) if one.not_after <= self.at)
        for vote in sorted(self.state.of(Vote), key=_own_order):
            if vote.not_after <= self.at:
                self.votes.setdefault(vote.value.proposal, []).append(vote)
        for withdrawal in self.state.of(ProposalWithdrawal):
            if withdrawal.not_after <= self.at:
                self.withdrawals.setdefault(withdrawal.value.proposal, []).append(withdrawal)
        for proposal in sorted(self.proposals, key=_own_order):
            self.named.setdefault((proposal.party, proposal.value.name), proposal.digest)

    def count(self, filed: Filed[Proposal]) -> Tally:
        """Return how one proposal stands."""
        found = self._open(filed)
        if isinstance(found, str):
            return _void(filed, found)
        events = list(self._events(filed, found))
        state, decided_at, event = run_tally(events)
        moment = self.at if decided_at is None else decided_at
        agreeing = self._agreeing(found, moment, is_close=found.rule.tacit)
        counted = {party: cast for party, cast in found.cast.items() if self._counts(party, cast, moment)}
        names = [party.id for party in found.electorate.roll]
        missing = find_missing(found.rule.adopt, found.electorate, agreeing)

        def chose(choice: Choice) -> tuple[Name, ...]:
            return tuple(name for name in names if name in counted and counted[name].choice is choice)

        return Tally(
            proposal=filed,
            rule=found.rule.name,
            state=state,
            closes=found.closes,
            decided_at=decided_at,
            agreed=chose(Choice.FOR),
            opposed=chose(Choice.AGAINST),
            abstained=chose(Choice.ABSTAIN),
            silent=tuple(name for name in names if name not in counted),
            late=tuple(name for name in names if name in found.cast and found.cast[name].at > moment),
            missing=() if state is TallyState.ADOPTED else missing,
            why=self._why(filed, found, event, missing),
        )

    def _open(self, filed: Filed[Proposal]) -> _Ballot | str:
        """Return the vote that a proposal opens, or why it opens none."""
        opened, proposal = filed.not_after, filed.value
        party = self.agreement.party(filed.party)
        rule = _rule_of(self.line.before(opened).agreement.convening, proposal)
        if isinstance(rule, str):
            return rule
        if party is None or not rule.proposers.holds(party):
            return f"{filed.party} may not propose this under rule {rule.name}"
        if rule.voters.holds(party) and not self.members(filed.party, opened):
            return f"{filed.party} is no member"
        if not self.state.is_trusted(filed.party, opened):
            return f"the chain of {filed.party} contradicts itself"
        if self.named[(filed.party, proposal.name)] != filed.digest:
            return f"{filed.party} has another proposal with the name {proposal.name}"
        refused = self.line.refuse(proposal) if proposal.kind is ProposalKind.AMENDMENT else None
        if refused is not None:
            return refused
        return _Ballot(
            rule=rule,
            opened=opened,
            closes=later(opened, rule.open_ms),
            electorate=self._electorate(rule, filed),
            cast=self._cast(filed),
        )

    def _electorate(self, rule: VotingRule, filed: Filed[Proposal]) -> Electorate:
        """Return the roll as it is when the vote opens; nobody joins it afterwards."""
        absent = {party.id for party in self.agreement.parties if not self.members(party.id, filed.not_after)}
        if filed.value.about is not None:
            for accused in self.recused.get(filed.value.about, frozenset()):
                absent |= trust_domain(self.agreement, accused)
        self.everyone = electorate_of(self.agreement, rule.voters, absent=absent, like=self.everyone)
        return self.everyone

    def _cast(self, filed: Filed[Proposal]) -> dict[Name, _Cast]:
        cast: dict[Name, _Cast] = {}
        for vote in self.votes.get(filed.digest, ()):
            # The first vote of a party is final.
            if vote.party not in cast:
                cast[vote.party] = _Cast(filed=vote, at=max(vote.not_after, filed.not_after))
        return cast

    def _counts(self, party: Name, cast: _Cast, moment: Instant) -> bool:
        return cast.at <= moment and self.members(party, cast.at) and self.state.is_trusted(party, moment)

    def _agreeing(self, ballot: _Ballot, moment: Instant, *, is_close: bool) -> frozenset[Name]:
        """Return who agrees at `moment`; at the close of a tacit vote also who has said nothing."""
        agreeing = {
            party
            for party, cast in ballot.cast.items()
            if cast.choice is Choice.FOR and self._counts(party, cast, moment)
        }
        if is_close and ballot.rule.tacit:
            for one in ballot.electorate.roll:
                has_voted = one.id in ballot.cast and ballot.cast[one.id].at <= moment
                # Who has left, or has a chain that nobody can follow, does not consent by silence.
                if not has_voted and self.members(one.id, moment) and self.state.is_trusted(one.id, moment):
                    agreeing.add(one.id)
        return frozenset(agreeing)

    def _events(self, filed: Filed[Proposal], ballot: _Ballot) -> Iterator[tuple[Instant, TallyEvent]]:
        rule, closes = ballot.rule, ballot.closes
        for withdrawal in self.withdrawals.get(filed.digest, ()):
            moment = max(withdrawal.not_after, ballot.opened)
            is_own = withdrawal.party == filed.party and self.state.is_trusted(filed.party, moment)
            if is_own and moment <= closes:
                yield moment, TallyEvent.WITHDRAWN
        if rule.veto is Veto.CRITICAL:
            yield from ((at, TallyEvent.VETOED) for _, at in self._vetoes(ballot))
        if rule.is_early:
            first = self._first_enough(ballot)
            if first is not None:
                yield first, TallyEvent.ENOUGH
        if closes <= self.at:
            agreeing = self._agreeing(ballot, closes, is_close=True)
            is_enough = is_adopted(rule.adopt, ballot.electorate, agreeing)
            yield closes, TallyEvent.ENOUGH if is_enough else TallyEvent.SHORT

    def _first_enough(self, ballot: _Ballot) -> Instant | None:
        """Return the earliest instant at which enough agreed, None if they never did.

        Only a vote in favour can make them enough. Unless a chain breaks meanwhile, more instants never mean fewer
        who agree, and the earliest is found by halving: one by one took nine tenths of the time of large tables.
        """
        favourable = {party: cast.at for party, cast in ballot.cast.items() if cast.choice is Choice.FOR}
        moments = sorted({at for at in favourable.values() if at <= ballot.closes})

        def is_enough(index: int) -> bool:
            agreeing = self._agreeing(ballot, moments[index], is_close=False)
            return is_adopted(ballot.rule.adopt, ballot.electorate, agreeing)

        if favourable.keys() & self.state.broken_at.keys():
            return next((moment for index, moment in enumerate(moments) if is_enough(index)), None)
        low = bisect_left(range(len(moments)), True, key=is_enough)
        return moments[low] if low < len(moments) else None

    def _vetoes(self, ballot: _Ballot) -> Iterator[tuple[Name, Instant]]:
        for party in ballot.electorate.roll:
            cast = ballot.cast.get(party.id)
            if not party.critical or cast is None or cast.choice is not Choice.AGAINST:
                continue
            if cast.at <= ballot.closes and self._counts(party.id, cast, cast.at):
                yield party.id, cast.at

    def _why(
        self, filed: Filed[Proposal], ballot: _Ballot, event: TallyEvent | None, missing: tuple[Count, ...]
    ) -> str:
        name = ballot.rule.name
        if event is TallyEvent.WITHDRAWN:
            return f"{filed.party} withdrew it"
        if event is TallyEvent.VETOED:
            first = min(at for _, at in self._vetoes(ballot))
            parties = ", ".join(party for party, at in self._vetoes(ballot) if at == first)
            return f"rule {name} gives critical parties a veto, and against it voted {parties}"
        if event is TallyEvent.ENOUGH:
            return f"enough agreed under rule {name}" + (", silence included" if ballot.rule.tacit else "")
        words = "; ".join(f"{one.found} {one.what} agreed, want {one.wanted}" for one in missing)
        if event is TallyEvent.SHORT:
            return f"under rule {name} too few agreed: {words}"
        if not missing:
            return f"nothing is missing under rule {name}, which decides when the vote closes"
        return f"still missing under rule {name}: {words}"


def _own_order(filed: Filed[Proposal] | Filed[Vote]) -> tuple[int, int, str]:
    """Order a party's statements by proven time, then as it counted them itself: a batch is the operator's to order."""
    return filed.not_after.ms, filed.sequence, filed.digest


def _rule_of(terms: ConveningTerms | None, proposal: Proposal) -> VotingRule | str:
    """Return the rule by which a proposal is decided, or why there is none."""
    if terms is None:
        return "the agreement has no table"
    if proposal.kind is ProposalKind.MOTION:
        return terms.rule_of_motion(proposal.motion) or f"there is no motion {proposal.motion}"
    name = terms.text_rule if proposal.kind is ProposalKind.TEXT else terms.amendment_rule
    return terms.rule(name) or f"the agreement has no rule by which the table adopts a {proposal.kind.value}"


def _void(filed: Filed[Proposal], why: str) -> Tally:
    return Tally(
        proposal=filed,
        rule=None,
        state=step_tally(TallyState.OPEN, TallyEvent.BROKEN),
        closes=None,
        decided_at=filed.not_after,
        agreed=(),
        opposed=(),
        abstained=(),
        silent=(),
        late=(),
        missing=(),
        why=why,
    )
