"""Findings about deposits, reservations, successions and leaving: one function, one code each.

Implements spec/binding.md section 10. None of them changes an outcome. A deposit of another text needs no rule
here: a statement under another agreement says nothing in this log, and is STM-007.
"""

from collections.abc import Callable, Iterator, Mapping

from allstop.agreement import DepositBody
from allstop.binding import (
    DepositWithdrawal,
    Provisional,
    Reservation,
    SealedDeposit,
    Succession,
    Withdrawal,
    WithdrawalRevocation,
)
from allstop.finding import Finding, order_findings
from allstop.standing._binding_facts import BindingFacts
from allstop.standing._leaving import sprint_of
from allstop.standing._sealed_findings import (
    binding_finding,
    find_bad_share,
    find_early_share,
    find_silent_custodian,
    find_spoiled,
    find_void_sealed,
)
from allstop.units import PPM

__all__ = ["BINDING_RULES", "BindingRule", "find_all"]

BindingRule = Callable[[BindingFacts], tuple[Finding, ...]]
"""A rule looks at what follows from the log and returns what it found."""


def find_void_withdrawal(facts: BindingFacts) -> tuple[Finding, ...]:
    """BND-006: a deposit taken back in vain.

    What it detects:
        A withdrawal of a deposit where the agreement allows none, that names no open deposit of its party, or that came
        after the condition was met.
    Why it matters:
        The party may believe that it is free, and it is bound, or will be.
    Known problems:
        None known.

    Example:
        birch takes a deposit back after the condition was met (entry 30).
    How to resolve:
        The party gives notice of withdrawal, where the agreement has terms of leaving.
    Basis:
        spec/binding.md section 5 steps 2 and 4.
    """

    def find() -> Iterator[Finding]:
        own = {(one.party, one.digest) for one in facts.state.of(DepositBody)}
        met_at = facts.entry.met_at
        for one in facts.state.of(DepositWithdrawal):
            if not facts.terms.is_withdrawable:
                why = "the agreement does not let deposits be taken back"
            elif (one.party, one.value.deposit) not in own:
                why = "it has no such open deposit; a sealed one cannot be taken back"
            elif met_at is not None and one.not_after > met_at:
                why = "the condition had been met before"
            else:
                continue
            yield binding_finding("BND-006", one.party, f"takes a deposit back in vain: {why}", one.entry)

    return tuple(find())


def find_late_deposit(facts: BindingFacts) -> tuple[Finding, ...]:
    """BND-007: a deposit that binds nobody because it came too late.

    What it detects:
        A deposit that counts only after entry into force, and that no terms of accession make binding, or after the
        deadline of an agreement that never entered into force. A deposit counts from when signature and approval are
        there, where its party needs them.
    Why it matters:
        The others may count on a party that is not bound.
    Known problems:
        None known.

    Example:
        elm deposited after entry into force, and the agreement has no accession (entry 77).
    How to resolve:
        The parties make a new agreement, or admit the party where the agreement says how.
    Basis:
        spec/binding.md section 5 steps 5 and 6.
    """

    def find() -> Iterator[Finding]:
        start, deadline = facts.entry.in_force_from, facts.agreement.entry.deadline
        entries = {one.digest: one.entry for one in facts.state.of(DepositBody)}
        entries |= {one.digest: one.entry for one in facts.state.of(SealedDeposit)}
        for act in facts.acts:
            if act.digest is None or act.party in facts.bound_from or act.taken_back is not None:
                continue
            entry = entries[act.digest]
            if start is not None and act.since > start:
                yield binding_finding("BND-007", act.party, "deposited after entry into force", entry)
            elif start is None and act.since > deadline:
                yield binding_finding("BND-007", act.party, "deposited after the deadline", entry)

    return tuple(find())


def find_void_reservation(facts: BindingFacts) -> tuple[Finding, ...]:
    """BND-008: a reservation, or a provisional application, that the text does not allow.

    What it detects:
        A reservation to a clause that allows none or that came no earlier than the deposit; provisional application
        of a clause that is not open to it.
    Why it matters:
        Every clause binds as if the statement were not there, which its party may not expect.
    Known problems:
        Words that a party adds elsewhere, and that amount to a reservation, are not read.

    Example:
        alder reserves clause 4.1, which allows no reservation (entry 12).
    How to resolve:
        Deposit without it, or agree on another text.
    Basis:
        spec/binding.md section 6.
    """

    def find() -> Iterator[Finding]:
        counted = {one.entry for kept in facts.reservations.values() for one in kept}
        for one in facts.state.of(Reservation):
            if one.entry in counted:
                continue
            bad = [clause for clause in one.value.clauses if clause not in facts.terms.reservable]
            why = f"clause {bad[0]} allows none" if bad else "it came no earlier than the deposit"
            yield binding_finding("BND-008", one.party, f"makes a reservation in vain: {why}", one.entry)
        for applied in facts.state.of(Provisional):
            bad = [clause for clause in applied.value.clauses if clause not in facts.terms.provisional]
            if bad:
                text = f"applies clause {bad[0]} provisionally, which is not open to that"
                yield binding_finding("BND-008", applied.party, text, applied.entry)

    return tuple(find())


def find_void_succession(facts: BindingFacts) -> tuple[Finding, ...]:
    """BND-009: a succession that nobody consented to.

    What it detects:
        A statement of succession that neither the predecessor nor a state responsible for it signed.
    Why it matters:
        Anybody could otherwise claim another one's place.
    Known problems:
        Where a party has ceased to exist and no state is responsible for it, nobody can succeed it.

    Example:
        elm says that it succeeds birch, and neither birch nor its state signed (entry 90).
    How to resolve:
        File it again with the other signature: allstop agreement succeed --cosign.
    Basis:
        spec/binding.md section 7.
    """
    counted = {one.entry for one in facts.successions}
    return tuple(
        binding_finding(
            "BND-009",
            one.party,
            f"says that it succeeds {one.value.predecessor}, and neither that party nor its state signed",
            one.entry,
        )
        for one in facts.state.of(Succession)
        if one.entry not in counted
    )


def find_void_notice(facts: BindingFacts) -> tuple[Finding, ...]:
    """BND-010: a notice of withdrawal, or its revocation, that does not count.

    What it detects:
        A notice under an agreement without terms of leaving, by a party that is not bound, or while another notice
        of it runs; a revocation that names no running notice of its party.
    Why it matters:
        The party may believe that its time runs, and it does not.
    Known problems:
        None known.

    Example:
        cedar gives notice and is not bound (entry 61).
    How to resolve:
        Wait until bound, or for the running notice.
    Basis:
        spec/binding.md section 8 steps 1 and 4.
    """

    def find() -> Iterator[Finding]:
        counted = {one.filed.entry for one in facts.departures}
        revoked = {one.filed.digest for one in facts.departures if one.revoked_at is not None}
        for one in facts.state.of(Withdrawal):
            if one.entry not in counted:
                text = "gives a notice of withdrawal that does not count"
                yield binding_finding("BND-010", one.party, text, one.entry)
        for back in facts.state.of(WithdrawalRevocation):
            if back.value.withdrawal not in revoked:
                text = "revokes a notice that is not its own or does not run"
                yield binding_finding("BND-010", back.party, text, back.entry)

    return tuple(find())


def find_sprint(facts: BindingFacts) -> tuple[Finding, ...]:
    """BND-011: a sprint before leaving.

    What it detects:
        A party that gave notice, together with all it is one with, registered more chips from the agreed window before
        its notice until it is free than the agreed growth allows.
    Why it matters:
        Whoever plans to leave is best placed if its machines stand ready on the day.
    Known problems:
        Chips outside the register are not seen. Chips of all types count alike. A revoked notice is looked at as well.

    Example:
        alder registered 4096 chips around its notice, 40 % of the 10240 before (entries 300, 301).
    How to resolve:
        The parties ask for an inspection, or take the measures that the agreement has.
    Basis:
        spec/binding.md section 8 step 6.
    """

    def find() -> Iterator[Finding]:
        terms = facts.agreement.leaving
        for departure in facts.departures:
            sprint = sprint_of(facts.agreement, facts.state, departure)
            if sprint is None or terms is None or terms.sprint is None:
                continue
            if sprint.reaches(terms.sprint.growth_ppm):
                share = f", {sprint.added * PPM // sprint.before * 100 // PPM} %" if sprint.before else ""
                text = (
                    f"registered {sprint.added} chips around its notice{share} of the {sprint.before} before"
                )
                yield binding_finding(
                    "BND-011", departure.party, text, *sprint.entries, departure.filed.entry
                )

    return tuple(find())


BINDING_RULES: Mapping[str, BindingRule] = {
    "BND-001": find_void_sealed,
    "BND-002": find_bad_share,
    "BND-003": find_spoiled,
    "BND-004": find_silent_custodian,
    "BND-005": find_early_share,
    "BND-006": find_void_withdrawal,
    "BND-007": find_late_deposit,
    "BND-008": find_void_reservation,
    "BND-009": find_void_succession,
    "BND-010": find_void_notice,
    "BND-011": find_sprint,
}
"""Every rule by the code of its finding."""


def find_all(facts: BindingFacts) -> tuple[Finding, ...]:
    """Return what every rule finds, in the order of findings."""
    return order_findings(tuple(one for rule in BINDING_RULES.values() for one in rule(facts)))
