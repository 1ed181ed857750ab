"""Rules VOT-001 to VOT-006: what is wrong at the table, put into words, one code each.

None of them changes a verdict: what breaks a rule of voting counts for nothing, and is shown.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from allstop.agreement import Agreement
from allstop.convening import Proposal, ProposalWithdrawal, Vote
from allstop.finding import Effect, Finding, order_findings
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.standing._tally import Tally, TallyState
from allstop.standing._voting import Convening

__all__ = ["VOTING_RULES", "find_voting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the rules look at."""

    agreement: Agreement
    state: State
    tallies: Mapping[Digest, Tally]

    def open_votes(self) -> Iterator[tuple[Filed[Vote], Tally]]:
        """Yield every vote on a proposal on which there was something to vote."""
        for vote in self.state.of(Vote):
            tally = self.tallies.get(vote.value.proposal)
            if tally is not None and tally.state is not TallyState.VOID:
                yield vote, tally


def find_voting(agreement: Agreement, state: State, convening: Convening) -> tuple[Finding, ...]:
    """Return what is wrong at the table, in the order of all findings."""
    tallies = {tally.proposal.digest: tally for tally in convening.tallies}
    seen = _Seen(agreement=agreement, state=state, tallies=tallies)
    return order_findings(tuple(one for rule in VOTING_RULES.values() for one in rule(seen)))


def find_strangers(seen: _Seen) -> Iterator[Finding]:
    """VOT-001: a vote by somebody who has none.

    What it detects:
        A vote by a party that was not on the roll when the vote opened: of another class of the table, no
        member yet or no longer, or recused because the motion is about itself.
    Why it matters:
        Whoever counts by hand may count it. It counts for nothing here.
    Known problems:
        A party may vote in good faith before it knows that it has left.

    Example:
        Elm, an observer, votes for a motion that states decide.
    How to resolve:
        Nothing: an endorsement says the same without being a vote.
    Basis:
        spec/convening.md, section 6.
    """
    for vote, tally in seen.open_votes():
        roll = {*tally.agreed, *tally.opposed, *tally.abstained, *tally.silent}
        if vote.party not in roll:
            yield _note("VOT-001", vote.party, f"votes on {tally.label}, on which it has no vote", vote.entry)


def find_changed_votes(seen: _Seen) -> Iterator[Finding]:
    """VOT-002: a second vote that says something else.

    What it detects:
        Two votes of one party on one proposal with different choices.
    Why it matters:
        A vote that could be taken back could be sold twice. The first one counts.
    Known problems:
        A slip of the hand cannot be mended.

    Example:
        Birch votes for, and an hour later against.
    How to resolve:
        Propose the contrary, and vote on that.
    Basis:
        spec/convening.md, section 6.
    """
    first: dict[tuple[Name, Digest], Filed[Vote]] = {}
    for vote in seen.state.of(Vote):
        before = first.setdefault((vote.party, vote.value.proposal), vote)
        if before.value.choice is not vote.value.choice:
            words = f"voted {before.value.choice.value} on a proposal and then {vote.value.choice.value}"
            yield _note("VOT-002", vote.party, words, before.entry, vote.entry)


def find_shared_names(seen: _Seen) -> Iterator[Finding]:
    """VOT-003: two texts under one name.

    What it detects:
        Two proposals with one name and different contents, by one party or by two.
    Why it matters:
        Who speaks of the name could mean either. Votes name digests, so no vote is moved; of two by one
        party only the first is open for votes.
    Known problems:
        Two parties may choose the same name by accident.

    Example:
        Alder files a longer text as `treaty` after others have endorsed `treaty`.
    How to resolve:
        Choose another name for the second, and file it as a counter-text to the first.
    Basis:
        spec/convening.md, section 4.
    """
    first: dict[Name, Filed[Proposal]] = {}
    for proposal in seen.state.of(Proposal):
        before = first.setdefault(proposal.value.name, proposal)
        if before.value != proposal.value:
            words = f"proposes another text under the name {before.party}/{before.value.name}"
            yield _note("VOT-003", proposal.party, words, before.entry, proposal.entry)


def find_void_proposals(seen: _Seen) -> Iterator[Finding]:
    """VOT-004: a proposal that nobody can adopt.

    What it detects:
        A proposal that breaks a rule when it is made: the proposer may not make it, there is no such motion,
        it changes a text that is not the agreed one or a part that cannot be amended, or its changes do not
        lead to the text that it names.
    Why it matters:
        Votes on it would decide nothing, however many there are.
    Known problems:
        An amendment may be overtaken by another while it is written.

    Example:
        Cedar amends the keys of a party.
    How to resolve:
        Propose it again on the text in force, or seal another agreement.
    Basis:
        spec/convening.md, sections 5 to 7.
    """
    for tally in seen.tallies.values():
        if tally.state is TallyState.VOID:
            filed = tally.proposal
            yield _note("VOT-004", filed.party, f"proposal {tally.label} is void: {tally.why}", filed.entry)


def find_foreign_withdrawals(seen: _Seen) -> Iterator[Finding]:
    """VOT-005: a proposal withdrawn by somebody else.

    What it detects:
        A withdrawal of a proposal by a party that did not make it.
    Why it matters:
        Nobody may silence another's proposal. It stays open.
    Known problems:
        None is known.

    Example:
        Birch withdraws what Alder proposed.
    How to resolve:
        Vote against it.
    Basis:
        spec/convening.md, section 6.
    """
    for one in seen.state.of(ProposalWithdrawal):
        tally = seen.tallies.get(one.value.proposal)
        if tally is not None and tally.proposal.party != one.party:
            yield _note("VOT-005", one.party, f"withdraws {tally.label}, which it did not propose", one.entry)


def find_votes_on_nothing(seen: _Seen) -> Iterator[Finding]:
    """VOT-006: a vote on something that is no proposal.

    What it detects:
        A vote that names a digest under which no proposal is in the log.
    Why it matters:
        The voter may have been shown a proposal that the others were not.
    Known problems:
        The proposal may still come; votes that were logged before it then count from its opening.

    Example:
        Alder votes for a text that Birch mailed and never filed.
    How to resolve:
        File the proposal.
    Basis:
        spec/convening.md, section 6.
    """
    for vote in seen.state.of(Vote):
        if vote.value.proposal not in seen.tallies:
            words = f"votes on {vote.value.proposal[:12]}, which is no proposal in the log"
            yield _note("VOT-006", vote.party, words, vote.entry)


def _note(code: str, party: Name, about: str, *entries: int) -> Finding:
    return Finding(
        code=code,
        party=party,
        site=None,
        about=about[:2000],
        rests_on=tuple(sorted(set(entries))),
        effect=Effect.NOTE,
        subgoals=(),
    )


VOTING_RULES: Mapping[str, Callable[[_Seen], Iterator[Finding]]] = {
    "VOT-001": find_strangers,
    "VOT-002": find_changed_votes,
    "VOT-003": find_shared_names,
    "VOT-004": find_void_proposals,
    "VOT-005": find_foreign_withdrawals,
    "VOT-006": find_votes_on_nothing,
}
"""Every rule, by code; each docstring says what it detects."""
