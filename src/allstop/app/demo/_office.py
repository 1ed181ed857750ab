"""The office of the demo: one desk at which all parties file, with every key at hand.

In the demo one program acts for everybody. Elsewhere each party holds its own key and files for itself; the
statements and the log are the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from allstop.agreement import (
    Agreement,
    ObligationKind,
    format_agreement,
    parse_agreement_toml,
    with_keys,
)
from allstop.app import Clock, Desk, init_desk, open_desk
from allstop.app.demo._cast import INSPECTORATE, OPERATORS, REGISTRAR, WITNESSES
from allstop.case import quote_note
from allstop.config import load_agreement_text
from allstop.finding import Channel, ChipRange, Grade
from allstop.ids import Digest, Name, digest_of
from allstop.keys import KeyKind, NoteKey, NoteKeyType, SigningKey
from allstop.registry import (
    CHIPS_PREDICATE,
    METER_PREDICATE,
    SITE_PREDICATE,
    Chips,
    ChipTable,
    ChipType,
    Meter,
    Site,
    Source,
    format_chip_table,
)
from allstop.service import Chain, file_statement
from allstop.statement import Predicate, Subject
from allstop.store import FileWitness, create_key, create_note_key, init_witness
from allstop.times import HOUR_MS, Instant
from allstop.witness import (
    Group,
    Policy,
    PolicyLog,
    PolicyWitness,
    format_policy,
)

__all__ = ["CORE", "Office", "cores_of", "lot_of", "meter_of", "open_office", "register_site", "site_of"]

CORE = Name("core")
"""Chip type: one core of this machine."""

_METER_ERROR_PPM = 10_000
_SEALING_MS = 4_000
"""Time to seal, to hand out shares and to receipt them: five to ten times what it takes on a quiet machine."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A desk with the keys of all parties and the witnesses of all blocs."""

    desk: Desk
    keys: Mapping[Name, SigningKey]
    witnesses: Sequence[FileWitness]
    policy: Policy
    _chains: dict[Name, Chain] = field(default_factory=dict)

    def file(
        self, predicate: Predicate[_T], value: _T, *, party: Name, subjects: Sequence[Subject] = ()
    ) -> Digest:
        """File a party's next statement and return its digest."""
        chain = file_statement(
            self.desk,
            predicate,
            value,
            party=party,
            signers=[self.keys[party]],
            subjects=subjects,
            chain=self.chain(party),
        )
        if chain.previous is None:
            raise AssertionError("a chain stands behind its last statement")
        # Nobody else files while the desk is open, so the log need not be read again.
        self._chains[party] = chain
        return chain.previous

    def chain(self, party: Name) -> Chain:
        """Return where a party's chain stands."""
        return self._chains.get(party) or self.desk.chain(party, signers=[self.keys[party]])

    def forget(self, party: Name) -> None:
        """Look a party's chain up again: something was filed past this office."""
        self._chains.pop(party, None)

    def publish(self) -> bytes:
        """Publish what is pending, have it cosigned by all witnesses, and return the note as the log will quote it."""
        note = self.desk.publish(
            operator_keys=[self.keys[REGISTRAR]], witnesses=self.witnesses, policy=self.policy
        )
        # The log's operator has signed a statement of its own with the batch.
        self.forget(REGISTRAR)
        return quote_note(note).note or b""


@contextmanager
def open_office(
    folder: Path, *, clock: Clock, peak_flop_per_second: int, period_ms: int | None
) -> Iterator[Office]:
    """Make keys, the agreement, a log and three witnesses in an empty folder.

    `period_ms` None takes the length of the periods from the agreement's template.
    """
    (folder / "keys").mkdir(mode=0o700)
    keys = {
        party: create_key(folder / "keys" / party, KeyKind.ED25519)
        for party in (*OPERATORS, REGISTRAR, INSPECTORATE)
    }
    table = _table(peak_flop_per_second)
    terms = with_keys(
        parse_agreement_toml(load_agreement_text("demo"), template=True),
        keys={party: [key.public] for party, key in keys.items()},
        references={Name("chips"): digest_of(format_chip_table(table))},
    )
    agreement = format_agreement(_dated(_scaled(terms, table, period_ms), clock()))
    log_keys = init_desk(folder / "desk", agreement=agreement, references=[format_chip_table(table)])
    witnesses, policy = _witnesses(folder, log_keys, clock)
    (folder / "policy").write_bytes(format_policy(policy))
    with open_desk(folder / "desk", clock=clock) as desk:
        yield Office(desk=desk, keys=keys, witnesses=witnesses, policy=policy)


def _table(peak_flop_per_second: int) -> ChipTable:
    """Return the table of the one chip type: a core of this machine, at twice the rate that was measured."""
    core = ChipType(
        id=CORE,
        name="one core of this machine",
        peaks={"fp32": 2 * peak_flop_per_second},
        tdp_milliwatt=1,
        memory_bytes=1,
        floor_milliwatt=0,
        idle_milliwatt=0,
        unit_milliwatt=1,
        joule_per_flop_min_attojoule=1,
    )
    measured = Source(
        figures=("fp32",), grade=Grade.DERIVED, text="Best rate of one second on this machine, times two."
    )
    unused = Source(
        figures=tuple(sorted(core.figures - {"fp32"})),
        grade=Grade.DERIVED,
        text="Not used: the demo meters CPU time, not power.",
    )
    return ChipTable(title="This machine", chips=(replace(core, sources=(measured, unused)),))


def _scaled(terms: Agreement, table: ChipTable, period_ms: int | None) -> Agreement:
    """Set the significant quantity, and what is prohibited, to what one core can do in an hour.

    With another length of the periods the halt comes at the same share of the last one.
    """
    quantity = table.chips[0].peak_flop_per_second * HOUR_MS // 1000
    phases = terms.phases
    if phases is not None and period_ms is not None:
        leads = (one.lead_ms * period_ms // terms.accounting.period_ms for one in phases.transitions)
        moved = tuple(replace(one, lead_ms=lead) for one, lead in zip(phases.transitions, leads, strict=True))
        phases = replace(phases, transitions=moved)
    return replace(
        terms,
        phases=phases,
        accounting=replace(terms.accounting, period_ms=period_ms or terms.accounting.period_ms),
        verification=replace(terms.verification, significant_quantity_flop=quantity),
        obligations=tuple(
            replace(clause, tolerance=quantity) if clause.kind is ObligationKind.PROHIBIT else clause
            for clause in terms.obligations
        ),
    )


def _dated(terms: Agreement, now: Instant) -> Agreement:
    """Let sealed deposits close soon, and be opened as soon after that as the text says."""
    if terms.binding is None or terms.binding.sealed is None:
        return terms
    sealed = terms.binding.sealed
    close = now.plus(_SEALING_MS)
    dated = replace(sealed, close=close, open_by=close.plus(sealed.open_by.ms - sealed.close.ms))
    return replace(terms, binding=replace(terms.binding, sealed=dated))


def _witnesses(folder: Path, log_keys: Sequence[NoteKey], clock: Clock) -> tuple[list[FileWitness], Policy]:
    """Make three witnesses, one a bloc and one neutral; the quorum is all of them."""
    witnesses, lines = [], []
    for name in WITNESSES:
        init_witness(folder / name)
        key, note_key = create_note_key(
            folder / "keys" / name, name=f"{name}.example.org", type=NoteKeyType.COSIGNATURE_ED25519
        )
        witness = FileWitness(folder / name, name=note_key.name, keys=[key], clock=clock)
        witness.add_log(log_keys)
        witnesses.append(witness)
        lines.append(PolicyWitness(name=name, key=note_key))
    policy = Policy(
        logs=tuple(PolicyLog(key=key) for key in log_keys),
        witnesses=tuple(lines),
        groups=(Group(name="blocs", threshold=len(lines), members=tuple(WITNESSES)),),
        quorum="blocs",
    )
    return witnesses, policy


def register_site(office: Office, party: Name) -> None:
    """File a party's site, its one core and its meter."""
    site = Site(site=site_of(party), operator=party, note="one process on one core")
    office.file(SITE_PREDICATE, site, party=party)
    lot = Chips(
        lot=lot_of(party),
        site=site_of(party),
        chip_type=CORE,
        count=1,
        serials_root=None,
        serials_count=0,
    )
    office.file(CHIPS_PREDICATE, lot, party=party)
    office.file(METER_PREDICATE, _meter(party), party=party)


def _meter(party: Name) -> Meter:
    return Meter(
        meter=meter_of(party),
        site=site_of(party),
        channel=Channel.BUSY,
        covers=cores_of(party),
        rated_milliwatt=0,
        idle_milliwatt=0,
        random_error_ppm=_METER_ERROR_PPM,
        systematic_error_ppm=0,
        calibration=Name("kernel"),
    )


def cores_of(party: Name) -> tuple[ChipRange, ...]:
    """Return the cores of a party: one."""
    return (ChipRange(lot=lot_of(party), first=0, until=1),)


def site_of(party: Name) -> Name:
    """Return the name of a party's site."""
    return Name(f"{party}-site")


def lot_of(party: Name) -> Name:
    """Return the name of a party's lot of cores."""
    return Name(f"{party}-cores")


def meter_of(party: Name) -> Name:
    """Return the name of a party's meter."""
    return Name(f"{party}-cpu-time")
