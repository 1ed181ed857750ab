"""The ceremony of the demo: sealed deposits are opened and bind all at one instant; later a vote halts all at one.

Every custodian is a party of the demo, so one program acts for all; elsewhere shares travel as files between
organisations that do not trust each other. The statements, and what a reader derives from them, are the same.
"""

import secrets
from collections.abc import Callable, Mapping

from allstop.agreement import SIGNATURE_PREDICATE, Agreement, SignatureBody, custodians_of
from allstop.app.demo._cast import OPERATORS, REGISTRAR
from allstop.app.demo._office import Office, register_site, site_of
from allstop.app.demo._processes import AGAIN
from allstop.binding import (
    SEALED_DEPOSIT_PREDICATE,
    SECRET_RANDOM_BYTES,
    SHARE_PREDICATE,
    SHARE_RECEIPT_PREDICATE,
    HandedShare,
    SealContext,
    Share,
    ShareReceipt,
    seal_choice,
)
from allstop.convening import (
    PROPOSAL_PREDICATE,
    VOTE_PREDICATE,
    Choice,
    Proposal,
    ProposalKind,
    Vote,
)
from allstop.errors import OperationalError
from allstop.halting import INVENTORY_PREDICATE, Inventory, RunningJob
from allstop.ids import Digest, Name
from allstop.times import Instant, Window
from allstop.witness import open_checkpoint
from allstop.workload import JobKind

__all__ = ["bring_into_force", "call_halt", "file_inventories"]

MOTION = Name("stand-still")
_OPENED_AFTER_MS = 1100
"""Witnesses sign whole seconds: a share shown sooner could be proven to have been shown before the close."""
_WaitUntil = Callable[[Instant], None]


def bring_into_force(office: Office, *, wait_until: _WaitUntil) -> tuple[tuple[Window, ...], bytes]:
    """Sign, seal, register, open; return the accounting periods, and the note that proves the deposits.

    The first period begins when the agreement enters into force, at one instant for all.

    Raises:
        OperationalError: the machine is too busy: receipts or shares came after their time.
    """
    terms = office.desk.terms
    if terms.binding is None or terms.binding.sealed is None:
        raise AssertionError("the demo's agreement has sealed deposits")
    sealed = terms.binding.sealed
    office.desk.propose(signers=[office.keys[REGISTRAR]])
    handed: list[tuple[Digest, HandedShare]] = []
    for party in OPERATORS:
        office.file(SIGNATURE_PREDICATE, SignatureBody(), party=party)
        handed += _seal(office, terms, party, sealed.threshold)
        register_site(office, party)
    for deposit, share in handed:
        receipt = ShareReceipt(deposit=deposit, index=share.index)
        office.file(SHARE_RECEIPT_PREDICATE, receipt, party=share.custodian)
    office.publish()
    _check_in_time(office, sealed.close, "sealed deposits were receipted")
    wait_until(sealed.close.plus(_OPENED_AFTER_MS))
    for deposit, share in handed:
        opened = Share(deposit=deposit, index=share.index, share=share.share)
        office.file(SHARE_PREDICATE, opened, party=share.custodian)
    note = office.publish()
    opened_at = _check_in_time(office, sealed.open_by, "sealed deposits were opened")
    length = terms.accounting.period_ms
    first = opened_at.plus(terms.entry.lead_ms)
    starts = [first.plus(length * index) for index in range(terms.accounting.periods or 1)]
    return tuple(Window(start=start, end=start.plus(length)) for start in starts), note


def _seal(office: Office, terms: Agreement, party: Name, threshold: int) -> list[tuple[Digest, HandedShare]]:
    context = SealContext(agreement=office.desk.agreement, party=party, threshold=threshold)
    sealed, shares = seal_choice(
        is_deposit=True,
        random=secrets.token_bytes(SECRET_RANDOM_BYTES),
        context=context,
        custodians=custodians_of(terms, party),
    )
    digest = office.file(SEALED_DEPOSIT_PREDICATE, sealed, party=party)
    return [(digest, share) for share in shares]


def _check_in_time(office: Office, limit: Instant, what: str) -> Instant:
    """Return when what was just published is proven.

    Raises:
        OperationalError: that is after `limit`.
    """
    proven = _proven(office)
    if proven > limit:
        raise OperationalError(f"machine too busy: {what} too late", hint=AGAIN)
    return proven


def _proven(office: Office) -> Instant:
    return open_checkpoint(office.desk.note() or b"", office.policy).upper_median()


def call_halt(office: Office) -> tuple[Instant, bytes]:
    """Move that all stand still, vote, publish; return the instant at which the halt begins, and the note."""
    terms = office.desk.terms.phases
    if terms is None:
        raise AssertionError("the demo's agreement has phases")
    motion = Proposal(name=MOTION, kind=ProposalKind.MOTION, motion=MOTION)
    proposal = office.file(PROPOSAL_PREDICATE, motion, party=OPERATORS[0])
    for party in OPERATORS:
        office.file(VOTE_PREDICATE, Vote(proposal=proposal, choice=Choice.FOR), party=party)
    note = office.publish()
    return _proven(office).plus(terms.transitions[0].lead_ms), note


def file_inventories(office: Office, halt_at: Instant, running: Mapping[Name, Name]) -> None:
    """File what ran at each site at the instant of the halt: the job of that period, by party."""
    for party in OPERATORS:
        jobs = [
            RunningJob(job=job, chips=1, kind=JobKind.INFERENCE.value, checkpoint=None)
            for job in (running.get(party),)
            if job is not None
        ]
        inventory = Inventory(site=site_of(party), at=halt_at, jobs=tuple(jobs))
        office.file(INVENTORY_PREDICATE, inventory, party=party)
