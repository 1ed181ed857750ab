"""What lies on the table at a desk: looked up for whoever proposes, comments or votes next, never judged."""

from dataclasses import dataclass

from allstop.agreement import Agreement
from allstop.app._lookup import list_filed
from allstop.app._workspace import Desk
from allstop.convening import PROPOSAL_PREDICATE, VOTE_PREDICATE
from allstop.errors import MalformedError, NotFoundError, UsageError
from allstop.ids import Digest, Name
from allstop.statement import parse_envelope, parse_statement, statement_digest

__all__ = ["FiledProposal", "find_proposal", "list_proposals", "list_votes", "newest_text"]

DIGEST_DIGITS_MIN = 8
"""Fewest digits of a digest by which a proposal may be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledProposal:
    """A proposal at a desk. Example: party `alder`, name `shorter-answer`, the digest of its statement."""

    party: Name
    name: Name
    digest: Digest

    @property
    def label(self) -> str:
        """What people call it: `alder/shorter-answer`."""
        return f"{self.party}/{self.name}"

    def is_meant(self, reference: str) -> bool:
        """Tell whether people may mean it by `alder/shorter-answer`, `shorter-answer` or the start of its digest."""
        is_digest = len(reference) >= DIGEST_DIGITS_MIN and self.digest.startswith(reference)
        return reference in (self.label, self.name) or is_digest


def list_proposals(desk: Desk) -> tuple[FiledProposal, ...]:
    """Return every proposal in log order, pending ones too."""
    found = []
    for entry in desk.entries():
        payload = parse_envelope(entry).payload
        statement = parse_statement(payload)
        if statement.predicate == PROPOSAL_PREDICATE.name:
            try:
                name = PROPOSAL_PREDICATE.parse(statement.body).name
            except MalformedError:
                continue  # The audit says so; here it names nothing.
            party = statement.header.party
            found.append(FiledProposal(party=party, name=name, digest=statement_digest(payload)))
    return tuple(found)


def list_votes(desk: Desk) -> frozenset[tuple[Name, Digest]]:
    """Return who has voted on what, pending votes too."""
    return frozenset((party, vote.proposal) for party, vote in list_filed(desk, VOTE_PREDICATE))


def find_proposal(desk: Desk, reference: str) -> FiledProposal:
    """Return the one proposal that is meant.

    Raises:
        UsageError: there is none, or there are several; a vote must not go to another text than the voter's.
    """
    every = list_proposals(desk)
    found = [one for one in every if one.is_meant(reference)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{one.label} {one.digest[:12]}" for one in found)
        raise UsageError(f"{reference[:64]} could be {len(found)} proposals", hint=f"they are {names}")
    known = ", ".join(one.label for one in every) or "none yet"
    raise UsageError(f"there is no proposal {reference[:64]}", hint=f"proposals are: {known}")


def newest_text(desk: Desk) -> Agreement:
    """Return the text that the table adopted last, as far as the published log proves it."""
    try:
        case = desk.open_published()
    except (NotFoundError, FileNotFoundError):
        return desk.terms
    if case.newest is None:
        return desk.terms
    # Needed here only: loading these takes longer than filing a vote.
    from allstop.ledger import fold
    from allstop.standing import standing_of

    state = fold(case.entries, chain_faults=case.chain_faults, at=case.newest)
    return standing_of(desk.terms, state).convening.texts[-1].agreement
