"""The room to hide, for a site and for all of them: the sentences that a minister reads (DESIGN section 6).

Nothing that was left out may look like nothing to hide: without chips, or without an ended period, there is
no bound, and the words say so.
"""

from collections.abc import Sequence

from allstop.accountancy import time_needed_ms
from allstop.agreement import Verification
from allstop.ids import Name
from allstop.report._document import Amount, Room
from allstop.report._document_amounts import flop, missing, share_of
from allstop.report._words import format_days, format_flop, format_percent, join_words
from allstop.units import PPM, Unit
from allstop.verdict import CaseVerdict, SiteAccount

__all__ = [
    "UNDECLARED",
    "caught_sentence",
    "rate_of",
    "room_of",
    "room_sentence",
    "seen_share",
    "smallest_run_caught",
    "time_needed",
]

UNDECLARED = "This says nothing about undeclared sites."

_RUN = "one forbidden run"


def room_of(verdict: CaseVerdict) -> Room:
    """Return the room to hide over all declared sites together."""
    terms = verdict.agreement.verification
    unbounded = tuple(party.party for party in verdict.parties if party.room_flop is None)
    reason = _unbounded_words(verdict, unbounded)
    values = (None, None) if reason else verdict.room_flop
    room, liar = (flop(value, up=True) if value is not None else missing(Unit.FLOP) for value in values)
    shares = [share_of(v, terms.significant_quantity_flop, up=True) for v in values]
    caught = smallest_run_caught(verdict, verdict.smallest_run_caught_flop)
    allowed = terms.significant_quantity_flop * terms.buffer_ppm // PPM
    return Room(
        flop=room,
        flop_liar=liar,
        share=shares[0],
        share_liar=shares[1],
        significant_quantity=flop(terms.significant_quantity_flop, up=False),
        allowed=flop(allowed, up=False),
        smallest_run_caught=caught,
        unbounded_by=unbounded,
        sentences=_all_sentences(verdict, reason, shares, caught),
    )


def _unbounded_words(verdict: CaseVerdict, unbounded: Sequence[Name]) -> str | None:
    """Say why nothing bounds the room to hide, None if something does."""
    if not verdict.windows:
        return "no accounting period has ended"
    if not verdict.sites:
        return "no site is named"
    if unbounded:
        return f"{join_words(unbounded)} named no chips"
    return None


def _all_sentences(
    verdict: CaseVerdict, reason: str | None, shares: Sequence[Amount], caught: Amount
) -> tuple[str, ...]:
    quantity = verdict.agreement.verification.significant_quantity_flop
    seen, rate = seen_share(verdict.sites), sum(rate_of(site) for site in verdict.sites)
    where = "at all declared sites together"
    lines = [_seen_sentence(seen)]
    if reason is None:
        lines.append(room_sentence(where, shares[0], shares[1]))
    else:
        lines.append(f"Could have been hidden {where}: no bound; {reason}.")
    lines.append(f"Time they would need for one together: {time_needed(quantity, rate).words}.")
    lines.append(caught_sentence(verdict.agreement.verification, caught))
    unbound = [party for party in verdict.entry.missing if _is_asked(verdict, party)]
    if unbound and not verdict.is_retrospective:
        lines.append(f"Without a deposit, so not bound: {join_words(unbound)}.")
    return (*lines, UNDECLARED)


def _is_asked(verdict: CaseVerdict, party: Name) -> bool:
    return any(party in clause.parties for clause in verdict.facts.clauses)


def room_sentence(where: str, share: Amount, liar: Amount) -> str:
    """Say how much could have been hidden, at no trust domain that lies and at one."""
    return (
        f"Could have been hidden {where}: at most {share.words} of {_RUN};"
        f" {liar.words} if one meter's owner lies."
    )


def caught_sentence(terms: Verification, caught: Amount) -> str:
    """Say what the checks would catch, with the agreed probability."""
    probability = terms.detection_probability_ppm
    often = (
        "nine times in ten" if probability == 900_000 else f"at {format_percent(probability, PPM, up=False)}"
    )
    return f"Smallest hidden run our checks would catch {often}: {caught.words}."


def smallest_run_caught(verdict: CaseVerdict, caught: int | None) -> Amount:
    """Return the smallest run that re-execution would have caught with the agreed probability.

    It holds inside the jobs that were re-executed and says nothing about any other chip-time.
    """
    if caught is not None:
        words = f"{format_flop(caught, up=True)} FLOP, inside re-executed jobs; elsewhere not established"
        return Amount(value=caught, unit=Unit.FLOP, words=words)
    if any(one.passed or one.failed for one in verdict.replays):
        return missing(Unit.FLOP, "not established by what was re-executed")
    return missing(Unit.FLOP, "not established; nothing was re-executed")


def _seen_sentence(seen: Amount) -> str:
    return f"Seen by a meter of its own: {seen.words} of chip-hours."


def seen_share(sites: Sequence[SiteAccount]) -> Amount:
    """Return the share of chip-time that a meter saw, rounded down; nothing where there is no chip-time."""
    balances = [pair[0] for site in sites for pair in site.balances]
    whole = sum(balance.chip_ms for balance in balances)
    if not whole:
        return missing(Unit.PPM, "nothing")
    return share_of(whole - sum(balance.unobserved_chip_ms for balance in balances), whole, up=False)


def rate_of(site: SiteAccount) -> int:
    """Return the largest capacity that a site had in any period, in FLOP per second."""
    return max((pair[0].capacity_flop_per_second for pair in site.balances), default=0)


def time_needed(quantity: int, rate: int) -> Amount:
    """Return how long a capacity needs for one significant quantity, rounded down; unknown without chips."""
    if not rate:
        return missing(Unit.MILLISECOND, "not established; no chips are named")
    needed = time_needed_ms(flop=quantity, flop_per_second=rate)
    return Amount(value=needed, unit=Unit.MILLISECOND, words=format_days(needed))
