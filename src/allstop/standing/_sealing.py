"""Sealed deposits in the log: which one of a party counts, who keeps it, when it opens, and as what.

Implements spec/binding.md section 4, steps 1 to 8. No chain fault of anybody decides here: a fault can come and go
with what is logged later (spec/case.md step 6), and the instant must not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from allstop.agreement import Agreement, SealedTerms, custodians_of, format_agreement
from allstop.binding import Choice, SealContext, SealedDeposit, Share, ShareReceipt, is_share, open_seal
from allstop.ids import Digest, Name, digest_of
from allstop.ledger import Filed, State
from allstop.times import Instant

__all__ = ["SealState", "SealedStanding", "sealed_of"]


class SealState(Enum):
    """Where a sealed deposit stands. The value is the word for people.

    VOID counts nothing. WAITING lacks receipts and may still get them. KEPT has them, and can no longer be taken
    back. OPEN shows its choice. UNOPENED was not opened in time, and counts nothing.
    """

    VOID = "void"
    WAITING = "waiting for receipts"
    KEPT = "kept"
    OPEN = "open"
    UNOPENED = "not opened in time"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedStanding:
    """One sealed deposit, and what the log says of it at `state.at`.

    `receipts` are the custodians whose receipts came by the close, `shares` those whose matching share is there, with
    the earliest instant of each; both in the order of the custodians. `opened_at` and `choice` are set where it opens.
    `closed_at` is when it came to nothing, for a deposit that is VOID or UNOPENED or opened as none. `why` says why
    it is VOID. `is_first`: it is the one of its party that may count. `bad_shares` are log entries that claim to hold a share of it
    and hold none, or are not by the custodian whose share it is.
    """

    filed: Filed[SealedDeposit]
    state: SealState
    receipts: tuple[Name, ...] = ()
    shares: tuple[tuple[Name, Instant], ...] = ()
    choice: Choice | None = None
    opened_at: Instant | None = None
    closed_at: Instant | None = None
    is_first: bool = True
    bad_shares: tuple[int, ...] = ()
    why: str = ""

    @property
    def counts_from(self) -> Instant | None:
        """When it became a deposit, None if it is none or not open."""
        return self.opened_at if self.choice is not None and self.choice.is_deposit else None


def sealed_of(
    agreement: Agreement, state: State, *, identity: Digest | None = None
) -> tuple[SealedStanding, ...]:
    """Return every sealed deposit in the order of the log, each with where it stands.

    `identity` is the digest of the agreement; without it, it is computed where a share needs it.
    """
    found = state.of(SealedDeposit)
    if not found:
        return ()
    terms = None if agreement.binding is None else agreement.binding.sealed
    digest = digest_of(format_agreement(agreement)) if identity is None else identity
    firsts: dict[Name, Digest] = {}
    reasons: dict[Digest, str] = {}
    # First by proven time, then by the party's own numbers: the order within a batch is the log operator's.
    for filed in sorted(found, key=lambda one: (one.not_after, one.sequence, one.digest)):
        reason = _why_void(filed, agreement, terms)
        if reason is None and firsts.setdefault(filed.party, filed.digest) != filed.digest:
            reason = "its party had sealed another one before"
        if reason is not None:
            reasons[filed.digest] = reason
    standings = []
    for filed in found:
        if filed.digest in reasons or terms is None:
            why = reasons.get(filed.digest, "")
            standings.append(
                SealedStanding(
                    filed=filed, state=SealState.VOID, why=why, closed_at=filed.not_after, is_first=False
                )
            )
        else:
            context = SealContext(agreement=digest, party=filed.party, threshold=terms.threshold)
            standings.append(_stand(filed, terms, context, state))
    return tuple(standings)


def _why_void(filed: Filed[SealedDeposit], agreement: Agreement, terms: SealedTerms | None) -> str | None:
    """Say why a sealed deposit cannot count, whatever follows; None if it may."""
    if terms is None:
        return "the agreement knows no sealed deposits"
    if agreement.party(filed.party) is None:
        return "its filer is no party"
    custodians = custodians_of(agreement, filed.party)
    if len(custodians) < terms.receipts:
        return f"only {len(custodians)} custodians are independent of its party, want {terms.receipts}"
    if filed.value.custodians != custodians or filed.value.threshold != terms.threshold:
        return f"it is not shared among {', '.join(custodians)} with threshold {terms.threshold}"
    if filed.not_after > terms.close:
        return "it was logged after the close"
    return None


def _stand(
    filed: Filed[SealedDeposit], terms: SealedTerms, context: SealContext, state: State
) -> SealedStanding:
    """Follow one sealed deposit through receipts, close and opening."""
    receipts = _receipts(filed, terms, state)
    held, times, bad = _shares(filed, context, state, terms.open_by)
    is_kept = len(receipts) >= terms.receipts
    standing = SealedStanding(
        filed=filed,
        state=SealState.KEPT if is_kept else SealState.WAITING,
        receipts=receipts,
        shares=times,
        bad_shares=bad,
    )
    if not is_kept:
        return _void_at(standing, terms.close, state, SealState.VOID, "too few receipts by the close")
    if len(held) < terms.threshold:
        return _void_at(standing, terms.open_by, state, SealState.UNOPENED, "")
    # What was shown before the close counts as shown at the close: nobody is early by looking early.
    opened_at = max(terms.close, sorted(at for _, at in times)[terms.threshold - 1])
    if opened_at > state.at:
        return standing
    choice = open_seal(held, commitments=filed.value.commitments, context=context)
    return replace(
        standing,
        state=SealState.OPEN,
        choice=choice,
        opened_at=opened_at,
        closed_at=None if choice.is_deposit else opened_at,
    )


def _void_at(
    standing: SealedStanding, limit: Instant, state: State, ended: SealState, why: str
) -> SealedStanding:
    """Return the standing as it is until `limit`, and as come to nothing from then on."""
    # At the limit itself another note may still be dated, and it is in time.
    if state.at <= limit:
        return standing
    return replace(standing, state=ended, closed_at=limit, why=why)


def _receipts(filed: Filed[SealedDeposit], terms: SealedTerms, state: State) -> tuple[Name, ...]:
    custodians = filed.value.custodians
    given = {
        one.value.index
        for one in state.of(ShareReceipt)
        if one.value.deposit == filed.digest
        and one.not_after <= terms.close
        and _is_keeper(one.party, one.value.index, custodians)
    }
    return tuple(name for index, name in enumerate(custodians, start=1) if index in given)


def _shares(
    filed: Filed[SealedDeposit], context: SealContext, state: State, open_by: Instant
) -> tuple[dict[int, bytes], tuple[tuple[Name, Instant], ...], tuple[int, ...]]:
    """Return the matching shares that came in time, by index; when each first did; and entries that match nothing."""
    custodians, commitments = filed.value.custodians, filed.value.commitments
    held: dict[int, bytes] = {}
    first: dict[int, Instant] = {}
    bad: list[int] = []
    for one in state.of(Share):
        index = one.value.index
        if one.value.deposit != filed.digest:
            continue
        if not _is_keeper(one.party, index, custodians) or not is_share(
            one.value.share, index=index, commitments=commitments, context=context
        ):
            bad.append(one.entry)
        elif one.not_after <= open_by:
            held[index] = one.value.share
            first[index] = min(first.get(index, one.not_after), one.not_after)
    times = tuple((custodians[index - 1], first[index]) for index in sorted(first))
    return held, times, tuple(bad)


def _is_keeper(party: Name, index: int, custodians: Sequence[Name]) -> bool:
    """Tell whether this share is this party's to keep: no depositor may open in a custodian's place."""
    return index <= len(custodians) and custodians[index - 1] == party
