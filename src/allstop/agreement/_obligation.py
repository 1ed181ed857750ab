"""What a clause asks: kind, who is bound, the smallest amount that breaks it, the evidence it takes.

Implements spec/agreement.md, section "Obligations". Judges nothing: that is `verdict`.
"""

import re
from dataclasses import dataclass
from enum import Enum

from allstop.agreement._checks import build, check_duration, check_text, check_unique
from allstop.canon import JSON, Fields, format_decimal
from allstop.errors import MalformedError
from allstop.finding import Custody, Level, Subgoal
from allstop.ids import Name
from allstop.units import PPM, QUANTITY_MAX, Unit

__all__ = ["EVIDENCE", "Obligation", "ObligationKind", "Silence", "format_obligation", "parse_obligation"]

_CLAUSE = re.compile(r"[0-9A-Z]{1,6}(?:\.[0-9a-zA-Z]{1,6}){0,5}\Z", re.ASCII)
_LIST_COUNT_MAX = 256

EVIDENCE = tuple(
    Name(name)
    for name in (
        "chips",
        "inventory",
        "job",
        "measurement",
        "meter",
        "opening",
        "period-close",
        "site",
        "transcript",
        "transfer",
    )
)
"""Predicates that this version can judge; a clause that asks for another one is told so by `lint`."""


class ObligationKind(Enum):
    """What a clause forbids or asks for. The value is the wire form.

    PROHIBIT training above an amount of FLOP in one lineage; REGISTER every chip; DECLARE every use;
    METER every chip; VERIFY declared work by re-executing a sample of it; HALT everything but what the
    agreement lets go on.
    """

    PROHIBIT = "prohibit"
    REGISTER = "register"
    DECLARE = "declare"
    METER = "meter"
    VERIFY = "verify"
    HALT = "halt"

    @property
    def unit(self) -> Unit:
        """Unit of the tolerance: FLOP, chips (a plain number), chip-milliseconds, or a share in ppm."""
        return _UNITS[self]


_UNITS = {
    ObligationKind.PROHIBIT: Unit.FLOP,
    ObligationKind.REGISTER: Unit.ONE,
    ObligationKind.DECLARE: Unit.CHIP_MS,
    ObligationKind.METER: Unit.CHIP_MS,
    ObligationKind.VERIFY: Unit.PPM,
    ObligationKind.HALT: Unit.CHIP_MS,
}


class Silence(Enum):
    """What it means that a party filed nothing: nothing is known, or the clause is broken."""

    UNDETERMINED = "undetermined"
    BREACH = "breach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """One clause. Example: clause "4.1", prohibit, tolerance 1000000000000000000000001 FLOP.

    `tolerance` is the smallest amount that is a breach, in the unit of the kind: a verdict is INCONSISTENT
    when the lower bound reaches it; for VERIFY a share of declared operations in ppm. `level` and `custody` are the least that can earn CONSISTENT.
    `phases` are those in which the clause applies; empty means always.
    Range: `1 <= tolerance <= QUANTITY_MAX`; parties and subgoals are not empty.
    """

    clause: str
    kind: ObligationKind
    parties: tuple[Name, ...]
    text: str
    subgoals: tuple[Subgoal, ...]
    tolerance: int
    level: Level
    custody: Custody
    silence: Silence
    undeclared_is_training: bool
    timeliness_ms: int | None
    evidence: tuple[Name, ...]
    phases: tuple[Name, ...] = ()

    def __post_init__(self) -> None:
        if _CLAUSE.match(self.clause) is None:
            raise MalformedError(f"clause is {self.clause[:24]!r}, want a number such as '4.1'")
        if not self.parties or not self.subgoals:
            raise MalformedError(f"clause {self.clause} binds no party or serves no subgoal")
        check_text(self.text, "text of the clause")
        check_unique(self.parties, "party")
        check_unique((subgoal.value for subgoal in self.subgoals), "subgoal")
        check_unique(self.evidence, "evidence")
        check_unique(self.phases, "phase")
        if not 1 <= self.tolerance <= QUANTITY_MAX:
            raise MalformedError(f"tolerance is {self.tolerance}, want 1 to {QUANTITY_MAX}")
        if self.timeliness_ms is not None:
            check_duration(self.timeliness_ms, "timeliness", low=1)
        if self.kind is ObligationKind.VERIFY and self.tolerance > PPM:
            raise MalformedError(
                f"tolerance is {self.tolerance} ppm of declared operations, want at most {PPM}"
            )
        if self.undeclared_is_training and self.kind is not ObligationKind.PROHIBIT:
            raise MalformedError("undeclared use counts as training only where training is prohibited")


def parse_obligation(fields: Fields) -> Obligation:
    """Parse the wire form of a clause.

    Raises:
        MalformedError: it is not in that form.
    """
    obligation = build(
        fields.where,
        Obligation,
        clause=fields.text("clause"),
        kind=fields.choice("kind", ObligationKind),
        parties=fields.names("parties", _LIST_COUNT_MAX),
        text=fields.text("text", 4096),
        subgoals=tuple(_parse_subgoal(text, fields.where) for text in fields.texts("subgoals", len(Subgoal))),
        tolerance=fields.decimal("tolerance"),
        level=fields.choice("level", Level),
        custody=fields.choice("custody", Custody),
        silence=fields.choice("silence", Silence),
        undeclared_is_training=fields.boolean("undeclaredIsTraining"),
        timeliness_ms=None if fields.raw("timelinessMs") is None else fields.integer("timelinessMs"),
        evidence=fields.names("evidence", _LIST_COUNT_MAX),
        phases=fields.names("phases", _LIST_COUNT_MAX) if fields.has("phases") else (),
    )
    fields.done()
    return obligation


def format_obligation(obligation: Obligation) -> JSON:
    """Return the wire form of a clause."""
    # Written only where agreed, so that a clause that always applies keeps its spelling.
    phases: dict[str, JSON] = {"phases": list(obligation.phases)} if obligation.phases else {}
    return {
        **phases,
        "clause": obligation.clause,
        "kind": obligation.kind.value,
        "parties": list(obligation.parties),
        "text": obligation.text,
        "subgoals": [subgoal.value for subgoal in obligation.subgoals],
        "tolerance": format_decimal(obligation.tolerance),
        "level": obligation.level.value,
        "custody": obligation.custody.value,
        "silence": obligation.silence.value,
        "undeclaredIsTraining": obligation.undeclared_is_training,
        "timelinessMs": obligation.timeliness_ms,
        "evidence": list(obligation.evidence),
    }


def _parse_subgoal(text: str, where: str) -> Subgoal:
    for subgoal in Subgoal:
        if subgoal.value == text:
            return subgoal
    raise MalformedError(f"{where}.subgoals: found {text[:24]!r}, want one of 1A, 1B, 2A, 2B")
