"""Lint of what rivals do together: clauses, duties and votes without a stated legal basis."""

from dataclasses import replace

from agreement_examples import PEAKS, agreement, clause, party
from allstop.agreement import (
    Agreement,
    ConveningTerms,
    Duty,
    DutyEvent,
    DutyStart,
    DutyTerms,
    LintFinding,
    Motion,
    PartyKind,
    Seat,
    ShareAtLeast,
    Together,
    Veto,
    Voters,
    VotingRule,
    lint,
)
from allstop.clocks import Length, LengthUnit
from allstop.ids import Name
from allstop.times import DAY_MS


def calm(**changes: object) -> Agreement:
    """Return an agreement whose one clause binds one operator, with these changes."""
    return agreement(**{"obligations": (clause(),), **changes})


def found(value: Agreement) -> list[LintFinding]:
    """Return what is said about rivals."""
    return [one for one in lint(value, PEAKS) if one.code == "AGR-017"]


def at_a_table(*voters: Name, **changes: object) -> Agreement:
    """Return an agreement with a voting rule for these parties, two of whom compete."""
    rivals = (party("elm", 5, kind=PartyKind.DEVELOPER), replace(party("fir", 6), seat=Seat.COMPANY))
    rule = VotingRule(
        name=Name("majority"),
        voters=Voters(parties=voters),
        proposers=Voters(),
        adopt=ShareAtLeast(ppm=500_001),
        veto=Veto.NONE,
        tacit=False,
        open_ms=DAY_MS,
    )
    motion = Motion(name=Name("start"), rule=rule.name)
    table = ConveningTerms(
        rules=(rule,), motions=(motion,), text_rule=None, amendment_rule=None, amendment_lead_ms=0
    )
    return calm(parties=(*agreement().parties, *rivals), convening=table, **changes)


def test_rivals_who_vote_among_themselves_are_warned() -> None:
    """A vote of a developer and a company alone coordinates them, though no clause binds either; others who vote with
    them change that, and so does a legal basis.
    """
    alone = at_a_table(Name("elm"), Name("fir"))
    (finding,) = found(alone)
    assert "under voting rule majority nobody votes but elm and fir" in finding.text
    assert [] == found(replace(alone, legal_basis="an authorisation by statute"))
    assert [] == found(at_a_table(Name("elm"), Name("fir"), Name("birch")))
    assert [] == found(at_a_table(Name("elm")))


def test_rivals_whom_a_duty_binds_are_warned() -> None:
    """A duty of every developer and operator coordinates them as a clause does."""
    start = DutyStart(
        event=DutyEvent.IN_FORCE, name=None, at=None, within=Length(amount=1, unit=LengthUnit.DAYS)
    )
    duty = Duty(
        name=Name("inventory"),
        clause=None,
        text="List what runs.",
        parties=(),
        kinds=(PartyKind.DEVELOPER, PartyKind.OPERATOR),
        starts=(start,),
        together=Together.EARLIEST,
        every=None,
        times=None,
        calendar=None,
        evidence=(),
        impossible_by=None,
    )
    rival = party("elm", 5, kind=PartyKind.DEVELOPER)
    value = calm(parties=(*agreement().parties, rival), duties=DutyTerms(duties=(duty,)))
    (finding,) = found(value)
    assert "alder and elm may be competitors" in finding.text
