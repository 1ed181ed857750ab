"""Assessments: what an audit came to, in the form in which a verifier signs it.

Implements spec/phases.md section 6. It says nothing that the verdict does not say; its digest leads whoever holds the
same case back to all of it.
"""

from allstop.accountancy import weakest
from allstop.canon import format_instant
from allstop.errors import UsageError
from allstop.finding import Effect, Verdict
from allstop.ids import Name
from allstop.signals import AssessedParty, Assessment
from allstop.times import Window
from allstop.units import PPM
from allstop.verdict._duties import is_tenant
from allstop.verdict._format import verdict_digest
from allstop.verdict._verdict import CaseVerdict, PartyVerdict

__all__ = ["assess"]


def assess(verdict: CaseVerdict, *, window: Window | None = None) -> Assessment:
    """Return the assessment of one judged period, or of all of them together.

    Raises:
        UsageError: no period has ended, nobody is bound, or the window is no judged period.
    """
    if not verdict.windows or not verdict.parties:
        raise UsageError(
            f"there is nothing to assess at {format_instant(verdict.at)}",
            hint="assess when the agreement binds somebody and an accounting period has ended",
        )
    if window is not None and window not in verdict.windows:
        raise UsageError(
            f"no judged period is {format_instant(window.start)} until {format_instant(window.end)}"
        )
    whole = Window(start=verdict.windows[0].start, end=verdict.windows[-1].end)
    parties = sorted(verdict.parties, key=lambda one: one.party)
    return Assessment(
        window=window or whole,
        at=verdict.at,
        verdict_digest=verdict_digest(verdict),
        parties=tuple(
            AssessedParty(
                party=one.party,
                verdict=one.verdict if window is None else _verdict_in(verdict, one, window),
                coverage_ppm=_coverage_in(verdict, one.party, window),
            )
            for one in parties
        ),
    )


def _verdict_in(verdict: CaseVerdict, party: PartyVerdict, window: Window) -> Verdict:
    """Return the weakest of the clauses that are judged in a period, and of those that are judged over all."""
    if any(one.party == party.party and one.effect is Effect.BREACH_1A for one in verdict.findings):
        return Verdict.INCONSISTENT
    inside = (one for one in party.clauses if one.window is None or window.holds(one.window))
    return weakest(tuple(one.verdict for one in inside))


def _coverage_in(verdict: CaseVerdict, party: Name, window: Window | None) -> int | None:
    """Return the share of a party's chip-time that was observed, rounded down; a tenant's own sites only."""
    wary = min(1, verdict.agreement.verification.liars)
    balances = [
        pair[wary]
        for site in verdict.sites
        if site.operator == party
        for when, pair in zip(verdict.windows, site.balances, strict=True)
        if window is None or when == window
    ]
    chip_ms = sum(balance.chip_ms for balance in balances)
    if not chip_ms:
        # Who rents has nothing of its own to be seen; who runs machines and names none shows nothing.
        return PPM if is_tenant(verdict.facts, party) else None
    unobserved = sum(balance.unobserved_chip_ms for balance in balances)
    return max(0, chip_ms - unobserved) * PPM // chip_ms
