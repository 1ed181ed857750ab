"""Findings about sealed deposits: one function, one code each.

Implements spec/binding.md section 10. None of them changes an outcome; each says what somebody should look at.
"""

from allstop.binding import Choice, SealedDeposit, Share
from allstop.finding import Effect, Finding
from allstop.ids import Name
from allstop.standing._binding_facts import BindingFacts
from allstop.standing._sealing import SealState

__all__ = [
    "binding_finding",
    "find_bad_share",
    "find_early_share",
    "find_silent_custodian",
    "find_spoiled",
    "find_void_sealed",
]


def binding_finding(code: str, party: Name, about: str, *entries: int) -> Finding:
    """Return a finding that is shown and changes no account."""
    return Finding(
        code=code,
        party=party,
        site=None,
        about=about,
        rests_on=tuple(sorted(set(entries))),
        effect=Effect.NOTE,
        subgoals=(),
    )


def find_void_sealed(facts: BindingFacts) -> tuple[Finding, ...]:
    """BND-001: a sealed deposit that cannot count.

    What it detects:
        A sealed deposit after another one of the same party, after the close, shared otherwise than the agreement
        says, or without enough receipts by the close.
    Why it matters:
        Two sealed deposits of one party look like an attempt to choose later which one was meant. The first that fits
        the agreement counts, so nothing is gained; the others see that it was tried, or that somebody is not in.
    Known problems:
        A party whose custodians did not answer in time is hit without fault of its own.

    Example:
        alder sealed a deposit before this one (entry 41).
    How to resolve:
        Before the close: hand the shares out again and ask for receipts. Afterwards: deposit openly.
    Basis:
        spec/binding.md section 4 steps 1 to 3.
    """
    return tuple(
        binding_finding(
            "BND-001", one.filed.party, f"sealed deposit does not count: {one.why}", one.filed.entry
        )
        for one in facts.sealed
        if one.state is SealState.VOID
    )


def find_bad_share(facts: BindingFacts) -> tuple[Finding, ...]:
    """BND-002: an opening that matches nothing.

    What it detects:
        A share that names no sealed deposit in the log, is not the one that was committed to, or is not by the
        custodian who keeps it.
    Why it matters:
        It opens nothing. A custodian that shows garbage instead of its share blocks like one that shows nothing.
    Known problems:
        A dealer that gave out a share which never matched is not told apart, unless the custodian gave no receipt.

    Example:
        cedar shows a share that matches no commitment (entry 52).
    How to resolve:
        The custodian files the share that it gave a receipt for.
    Basis:
        spec/binding.md section 4 step 4.
    """
    filed_by = {one.entry: one.party for one in facts.state.of(Share)}
    known = {one.digest for one in facts.state.of(SealedDeposit)}
    bad = {entry for sealed in facts.sealed for entry in sealed.bad_shares}
    bad |= {one.entry for one in facts.state.of(Share) if one.value.deposit not in known}
    return tuple(
        binding_finding("BND-002", filed_by[entry], "shows a share that matches no commitment of its", entry)
        for entry in sorted(bad)
    )


def find_spoiled(facts: BindingFacts) -> tuple[Finding, ...]:
    """BND-003: a sealed deposit that its party spoiled.

    What it detects:
        A sealed deposit whose shares match their commitments but are no shares of one secret, or whose secret names no
        choice. It counts as a deposit.
    Why it matters:
        Spoiling would otherwise be a way out after the others are bound.
    Known problems:
        A faulty program spoils as a cheater does. Sealing with allstop checks itself before it files.

    Example:
        alder sealed a deposit that opens as nothing, and counts as having deposited (entry 17).
    How to resolve:
        Nothing undoes it. The party may explain itself to the panel.
    Basis:
        spec/binding.md section 4 step 6.
    """
    return tuple(
        binding_finding(
            "BND-003",
            one.filed.party,
            "sealed a deposit whose shares fit no choice; it counts as a deposit",
            one.filed.entry,
        )
        for one in facts.sealed
        if one.choice is Choice.SPOILED
    )


def find_silent_custodian(facts: BindingFacts) -> tuple[Finding, ...]:
    """BND-004: a custodian that gave a receipt and opened nothing.

    What it detects:
        A custodian whose receipt counted and whose matching share was not in the log by the time to open, whether or
        not the others sufficed.
    Why it matters:
        So many silent custodians as to leave fewer than the threshold keep everybody unbound.
    Known problems:
        The log operator, or witnesses that stall, can keep a share out as well; and a custodian that was given no
        matching share gave a false receipt. The finding does not tell these apart.

    Example:
        elm gave a receipt for the sealed deposit of alder and did not open it by the agreed time (entries 17, 21).
    How to resolve:
        The custodian says why, and shows the share to the panel.
    Basis:
        spec/binding.md section 4 step 5.
    """
    terms = facts.terms.sealed
    if terms is None or facts.state.at < terms.open_by:
        return ()
    return tuple(
        binding_finding(
            "BND-004",
            name,
            f"gave a receipt for the sealed deposit of {one.filed.party} and did not open it in time",
            one.filed.entry,
        )
        for one in facts.sealed
        if one.state in (SealState.OPEN, SealState.UNOPENED)
        for name in one.receipts
        if name not in {shown for shown, _ in one.shares}
    )


def find_early_share(facts: BindingFacts) -> tuple[Finding, ...]:
    """BND-005: a share that was shown before the close.

    What it detects:
        A matching share that was in the log by the close. It counts as shown at the close.
    Why it matters:
        With as many as the threshold, a party that has not sealed yet knows what another one chose.
    Known problems:
        Shares that custodians show one another outside the log are not seen.

    Example:
        cedar showed its share of the sealed deposit of alder before the close (entry 17).
    How to resolve:
        Nothing undoes it. The parties may name another custodian next time.
    Basis:
        spec/binding.md section 4 step 5.
    """
    terms = facts.terms.sealed
    return tuple(
        binding_finding(
            "BND-005",
            name,
            f"showed its share of the sealed deposit of {one.filed.party} before the close",
            one.filed.entry,
        )
        for one in facts.sealed
        for name, at in one.shares
        if terms is not None and at <= terms.close
    )
