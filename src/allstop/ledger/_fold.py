"""The fold: entries in, state out. Pure, total and deterministic (DESIGN section 3).

A statement that breaks a rule never stops the fold: it becomes a fault, is kept for all to see, and
nothing that helps its filer rests on it.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from allstop.case import ChainFault, ChainFaultKind, Entry, QuotedNote
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.ledger._predicates import PREDICATES
from allstop.ledger._state import Fault, FaultKind, Filed, State
from allstop.registry import Chips, Site
from allstop.telemetry import PeriodClose
from allstop.times import Instant
from allstop.workload import Job

__all__ = ["fold"]

_KINDS = {
    ChainFaultKind.GAP: FaultKind.CHAIN,
    ChainFaultKind.FORK: FaultKind.CHAIN,
    ChainFaultKind.WRONG_PREVIOUS: FaultKind.CHAIN,
    # The next three can be the doing of the log or of a bystander, so they break no chain.
    ChainFaultKind.REPLAY: FaultKind.MISPLACED,
    ChainFaultKind.OUT_OF_ORDER: FaultKind.MISPLACED,
    ChainFaultKind.FOREIGN_AGREEMENT: FaultKind.MISPLACED,
    ChainFaultKind.FALSE_CHECKPOINT: FaultKind.BACKDATED,
    ChainFaultKind.EXPIRED: FaultKind.EXPIRED,
    ChainFaultKind.BAD_NOTE: FaultKind.BAD_NOTE,
    ChainFaultKind.SPLIT_VIEW: FaultKind.BAD_NOTE,
    ChainFaultKind.TIME_BACKWARDS: FaultKind.BAD_NOTE,
}

_VOID = (ChainFaultKind.REPLAY, ChainFaultKind.FOREIGN_AGREEMENT, ChainFaultKind.EXPIRED)
"""Statements that say nothing here: a copy, one under another agreement, one that had expired."""


@dataclass(slots=True)
class _Gathered:
    """Facts by type, in log order, while the fold runs."""

    facts: dict[type, list[Filed[object]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def of(self, kind: type) -> list[Filed[object]]:
        return self.facts.setdefault(kind, [])


def fold(entries: Sequence[Entry], *, chain_faults: Sequence[ChainFault], at: Instant) -> State:
    """Fold verified entries into what the log says at `at`.

    Entries whose proven time is later than `at`, or not proven at all, are pending and ignored. Chain
    faults of counted entries make their filer distrusted. Nothing is judged here.
    """
    counted = tuple(entry for entry in entries if entry.not_after is not None and entry.not_after <= at)
    gathered = _Gathered()
    void = {fault.entry_index for fault in chain_faults if fault.kind in _VOID}
    elsewhere = {
        fault.entry_index
        for fault in chain_faults
        if fault.kind in (ChainFaultKind.REPLAY, ChainFaultKind.FOREIGN_AGREEMENT)
    }
    for entry in counted:
        if entry.index not in void:
            _take(entry, gathered)
    # Entries are proven in log order, so what is counted is a prefix.
    for chain in chain_faults:
        if chain.entry_index < len(counted):
            gathered.faults.append(
                Fault(kind=_KINDS[chain.kind], party=chain.party, entry=chain.entry_index, text=chain.text)
            )
    _authorise(gathered)
    faults = tuple(sorted(gathered.faults, key=lambda fault: (fault.entry, fault.kind.value, fault.text)))
    return State(
        at=at,
        counted=len(counted),
        pending=len(entries) - len(counted),
        facts={kind: tuple(found) for kind, found in gathered.facts.items()},
        faults=faults,
        distrusted=frozenset(fault.party for fault in faults if fault.kind is FaultKind.CHAIN),
        broken_at=_broken_at(counted, elsewhere),
    )


def _broken_at(counted: Sequence[Entry], left_out: AbstractSet[int]) -> dict[Name, Instant]:
    """Return since when each chain contradicts itself, which nothing that is logged later takes back.

    Two statements with one number do, and so does one that follows another than the statement before it. A
    missing number does not: the operator of the log could hold a statement back, and what is filled in later
    would give the party back what had been decided without it.
    """
    chains: dict[Name, dict[int, list[Entry]]] = {}
    broken: dict[Name, Instant] = {}
    for entry in counted:
        header, proven = entry.statement.header, entry.not_after
        if proven is None or entry.index in left_out or header.party in broken:
            continue
        chain = chains.setdefault(header.party, {})
        same = chain.setdefault(header.sequence, [])
        strange = any(one.digest != header.previous for one in chain.get(header.sequence - 1, ()))
        strange |= any(
            one.statement.header.previous != entry.digest for one in chain.get(header.sequence + 1, ())
        )
        if same or strange:
            broken[header.party] = proven
        same.append(entry)
    return broken


def _take(entry: Entry, gathered: _Gathered) -> None:
    """Read one entry: a fact, or a fault."""
    statement = entry.statement
    header = statement.header

    def fault(kind: FaultKind, text: str) -> None:
        gathered.faults.append(Fault(kind=kind, party=header.party, entry=entry.index, text=text))

    predicate = PREDICATES.get(statement.predicate)
    if predicate is None:
        fault(FaultKind.UNKNOWN_PREDICATE, f"predicate {statement.predicate} is unknown to this version")
        return
    try:
        value = predicate.parse(statement.body)
    except MalformedError as exc:
        fault(FaultKind.MALFORMED_BODY, f"{statement.predicate} cannot be read: {exc.message}")
        return
    filed_by = entry.not_after
    if filed_by is None or isinstance(value, QuotedNote):
        return
    if isinstance(value, PeriodClose) and (value.count, value.head) != (header.sequence + 1, header.previous):
        fault(FaultKind.MALFORMED_BODY, "period-close states another count or head than its own chain has")
        return
    filed: Filed[object] = Filed(
        value=value,
        entry=entry.index,
        digest=entry.digest,
        party=header.party,
        sequence=header.sequence,
        signers=entry.signers,
        not_before=entry.not_before,
        not_after=filed_by,
    )
    gathered.of(type(value)).append(filed)


def _authorise(gathered: _Gathered) -> None:
    """Drop facts about a site or lot by a party that has no say in it; each becomes a fault.

    A site's operator is the first party that declared it as its own, or filed chips or a job there: neither
    leaving out the declaration nor a friend's that comes after may empty the register. It is looked up over
    the whole log, so that a lot or job filed before its site loses nothing.
    """
    operators: dict[Name, Name] = {}
    claims = [filed for kind in (Site, Chips, Job) for filed in gathered.of(kind)]
    for filed in sorted(claims, key=lambda filed: filed.entry):
        value = filed.value
        if isinstance(value, Chips | Job) or (isinstance(value, Site) and filed.party == value.operator):
            operators.setdefault(value.site, filed.party)
    for kind in (Site, Chips, Job):
        kept = []
        for filed in gathered.of(kind):
            reason = _why_not(filed, operators)
            if reason is None:
                kept.append(filed)
            else:
                gathered.faults.append(
                    Fault(kind=FaultKind.NOT_AUTHORISED, party=filed.party, entry=filed.entry, text=reason)
                )
        gathered.facts[kind] = kept


def _why_not(filed: Filed[object], operators: dict[Name, Name]) -> str | None:
    """Say why a filer has no say in what it states, or None where it has."""
    value = filed.value
    if not isinstance(value, Site | Chips | Job):
        return None
    operator = operators.get(value.site)
    if operator is None:
        return f"site {value.site} has not been declared by its operator"
    if filed.party != operator:
        return f"site {value.site} is operated by {operator}, not by {filed.party}"
    if isinstance(value, Site | Job) and value.operator != operator:
        return f"site {value.site} is operated by {operator}, not by {value.operator}"
    return None
