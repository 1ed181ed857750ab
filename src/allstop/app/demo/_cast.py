"""The cast of the demo: who takes part, who cheats in which way, and what should be found of each.

Nothing here reaches the accounts: a verdict follows from what was filed. The cast says what each party
will do, and which verdict that should lead to, so that a run can tell whether it went as it should.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from allstop.accountancy import Verdict
from allstop.errors import UsageError
from allstop.ids import Name
from allstop.verdict import CaseVerdict

__all__ = [
    "INSPECTORATE",
    "OPERATORS",
    "REGISTRAR",
    "WITNESSES",
    "Cast",
    "Kind",
    "cast_of",
    "describe",
    "find_unexpected",
    "parse_cheat",
]

ALDER, BIRCH, CEDAR, DOGWOOD, ELM = (Name(name) for name in ("alder", "birch", "cedar", "dogwood", "elm"))
OPERATORS = (ALDER, BIRCH, CEDAR, DOGWOOD, ELM)
REGISTRAR = Name("registrar")
INSPECTORATE = Name("inspectorate")
WITNESSES = (Name("north-witness"), Name("south-witness"), Name("neutral-witness"))


class Kind(Enum):
    """What a party does beside, or instead of, what it declares. The value is what a reader types."""

    HONEST = "honest"
    HIDDEN_TRAINING = "hidden-training"
    FAKE_LOG = "fake-log"
    SMALLER_MODEL = "smaller-model"
    REFUSE_OPENING = "refuse-opening"
    LATE_COMMITMENT = "late-commitment"
    REPLAYED_METER = "replayed-meter"
    METER_OUTAGE = "meter-outage"
    PRECOMPUTED = "precomputed"
    IDLE = "idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What a kind should lead to: one of some verdicts, and a finding that should be among the party's."""

    verdicts: tuple[Verdict, ...]
    code: str | None = None


_OUTCOMES = {
    Kind.HONEST: _Outcome(verdicts=(Verdict.CONSISTENT,)),
    Kind.HIDDEN_TRAINING: _Outcome(verdicts=(Verdict.INCONSISTENT,), code="ACC-001"),
    Kind.FAKE_LOG: _Outcome(verdicts=(Verdict.INCONSISTENT,), code="TRN-001"),
    Kind.SMALLER_MODEL: _Outcome(verdicts=(Verdict.INCONSISTENT,), code="TRN-001"),
    Kind.REFUSE_OPENING: _Outcome(verdicts=(Verdict.INCONSISTENT,), code="TRN-002"),
    Kind.LATE_COMMITMENT: _Outcome(verdicts=(Verdict.UNDETERMINED,), code="TRN-003"),
    Kind.REPLAYED_METER: _Outcome(verdicts=(Verdict.UNDETERMINED,), code="TEL-005"),
    Kind.METER_OUTAGE: _Outcome(verdicts=(Verdict.UNDETERMINED,)),
    Kind.PRECOMPUTED: _Outcome(verdicts=(Verdict.INCONSISTENT,), code="TRN-001"),
    # A machine that waits uses a few ms, which nobody declares: whether a meter shows them is chance.
    Kind.IDLE: _Outcome(verdicts=(Verdict.CONSISTENT, Verdict.UNDETERMINED)),
}

_DEFAULT = {
    ALDER: Kind.HONEST,
    BIRCH: Kind.HIDDEN_TRAINING,
    CEDAR: Kind.FAKE_LOG,
    DOGWOOD: Kind.REPLAYED_METER,
    ELM: Kind.METER_OUTAGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """What each operator does, and which of them runs a machine besides that nobody registered."""

    kinds: Mapping[Name, Kind]
    unregistered: tuple[Name, ...]

    def parties(self, *kinds: Kind) -> tuple[Name, ...]:
        """Return the parties of these kinds."""
        return tuple(party for party, kind in self.kinds.items() if kind in kinds)


def cast_of(*, honest: bool = False, cheats: Mapping[Name, Kind] | None = None) -> Cast:
    """Return the usual cast, or an honest one, with the changes that `cheats` asks for.

    Raises:
        UsageError: a cheat is named for somebody who has no part.
    """
    changed = cheats or {}
    for party in changed:
        if party not in OPERATORS:
            raise UsageError(f"{party} has no site in the demo", hint=f"sites have: {', '.join(OPERATORS)}")
    usual = dict.fromkeys(OPERATORS, Kind.HONEST) if honest else _DEFAULT
    return Cast(kinds={**usual, **changed}, unregistered=() if honest or ELM in changed else (ELM,))


def parse_cheat(text: str) -> tuple[Name, Kind]:
    """Parse `PARTY=KIND`.

    Raises:
        UsageError: it is not in that form, or there is no such party or kind.
    """
    party, _, kind = text.partition("=")
    kinds = {one.value: one for one in Kind}
    if party not in OPERATORS or kind not in kinds:
        raise UsageError(
            f"cannot read {text[:64]!r}, want PARTY=KIND",
            hint=f"parties: {', '.join(OPERATORS)}; kinds: {', '.join(kinds)}",
        )
    return Name(party), kinds[kind]


def find_unexpected(cast: Cast, verdict: CaseVerdict) -> tuple[str, ...]:
    """Return, in words, each verdict that is not what the cast should have led to."""
    found: list[str] = []
    verdicts = {party.party: party.verdict for party in verdict.parties}
    for party, kind in cast.kinds.items():
        wanted = _OUTCOMES[kind]
        codes = sorted({finding.code for finding in verdict.findings if finding.party == party})
        given = verdicts.get(party)
        if given not in wanted.verdicts:
            name = "without a verdict" if given is None else given.value
            want = " or ".join(verdict.value for verdict in wanted.verdicts)
            found.append(f"{party} ({kind.value}) is {name}, want {want}")
        if wanted.code is not None and wanted.code not in codes:
            found.append(f"{party} ({kind.value}) has findings {codes}, want {wanted.code} among them")
    return tuple(found)


def describe(kind: Kind) -> str:
    """Return what a kind does, for people who read along."""
    return _WORDS[kind]


_WORDS: Mapping[Kind, str] = {
    Kind.HONEST: "serves and declares it",
    Kind.HIDDEN_TRAINING: "serves, and secretly trains beside it",
    Kind.FAKE_LOG: "trains instead of serving, and makes up the results",
    Kind.SMALLER_MODEL: "serves a smaller model than it says",
    Kind.REFUSE_OPENING: "serves, and opens nothing that was drawn",
    Kind.LATE_COMMITMENT: "serves, and commits to its first results too late",
    Kind.REPLAYED_METER: "serves, then trains under the meter readings of the first period",
    Kind.METER_OUTAGE: "serves, and loses its meter for a while",
    Kind.PRECOMPUTED: "computes its results before anybody could ask for them",
    Kind.IDLE: "does nothing",
}
