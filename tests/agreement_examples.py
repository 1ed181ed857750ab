"""Agreements for tests: small, complete, with keys that are the same in every run."""

from dataclasses import replace
from pathlib import Path

from allstop.agreement import (
    Accounting,
    Agreement,
    CriticalAll,
    Definitions,
    EntryIntoForce,
    LogTerms,
    Obligation,
    ObligationKind,
    Party,
    PartyKind,
    Reference,
    ReplayTerms,
    Response,
    Silence,
    Verification,
    parse_agreement_toml,
    with_keys,
)
from allstop.canon import format_base64, parse_instant
from allstop.finding import Custody, Level, Subgoal
from allstop.ids import Name, digest_of
from allstop.keys import PublicKey, SigningKey, parse_private_key
from allstop.times import DAY_MS, HOUR_MS
from source_tree import ROOT

PEAKS = {Name("h100-sxm-80gb"): 1_979 * 10**12, Name("a100-sxm-80gb"): 624 * 10**12}
TABLE = digest_of(b"chip table")
NAMES = tuple(Name(name) for name in ("alder", "birch", "cedar", "dogwood", "elm"))
EVIDENCE = tuple(
    Name(name) for name in ("site", "chips", "transfer", "meter", "measurement", "job", "period-close")
)
REPLAY_EVIDENCE = tuple(Name(name) for name in ("job", "transcript", "opening", "period-close"))
REPLAY = ReplayTerms(
    forged_share_ppm=200_000,
    commit_ms=HOUR_MS,
    open_ms=DAY_MS,
    fresh_ms=HOUR_MS // 2,
    timing_error_ppm=250_000,
)
"""Terms of replay under which the plain clause of the kind `verify` can be met."""

_EVIDENCE_OF = {
    ObligationKind.VERIFY: REPLAY_EVIDENCE,
    ObligationKind.HALT: (*EVIDENCE[:-1], Name("inventory"), EVIDENCE[-1]),
}
_TOLERANCES = {ObligationKind.PROHIBIT: 10**28, ObligationKind.VERIFY: 500_000}


def signing_key(number: int) -> SigningKey:
    """Return the key whose seed is `number` in 32 bytes; for tests only, since anybody can guess it."""
    seed = format_base64(number.to_bytes(32, "big"))
    return parse_private_key(f"allstop-private-key/v1 ed25519 {seed}\n".encode())


def public_key(number: int) -> PublicKey:
    """Return the public half of `signing_key(number)`."""
    return signing_key(number).public


def party(name: str, number: int, *, kind: PartyKind = PartyKind.OPERATOR, critical: bool = False) -> Party:
    """Return a party with one key."""
    return Party(
        id=Name(name),
        name=name.title(),
        kind=kind,
        bloc=Name("north" if number % 2 else "south"),
        critical=critical,
        keys=(public_key(number),),
        threshold=1,
    )


def clause(
    number: str = "1.1", kind: ObligationKind = ObligationKind.DECLARE, **changes: object
) -> Obligation:
    """Return a clause in which lint finds nothing, with these changes; `verify` needs terms of replay besides."""
    plain = Obligation(
        clause=number,
        kind=kind,
        parties=(Name("alder"),),
        text="Every use is declared.",
        subgoals=(Subgoal.KNOWN_SITES_ACCOUNTED,),
        tolerance=_TOLERANCES.get(kind, 36 * 10**8),
        level=Level.DECLARED,
        custody=Custody.SELF_REPORTED,
        silence=Silence.UNDETERMINED,
        undeclared_is_training=False,
        timeliness_ms=None,
        evidence=_EVIDENCE_OF.get(kind, EVIDENCE),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # names and types are the caller's business


def agreement(**changes: object) -> Agreement:
    """Return an agreement of Alder (critical), Birch (critical), Cedar and Dogwood, with these changes."""
    plain = Agreement(
        title="An example",
        log=LogTerms(origin="log.example.org/example", operator=Name("dogwood")),
        parties=(
            party("alder", 1, critical=True),
            party("birch", 2, kind=PartyKind.TENANT, critical=True),
            party("cedar", 3, kind=PartyKind.VERIFIER),
            party("dogwood", 4, kind=PartyKind.CUSTODIAN),
        ),
        edges=(),
        definitions=Definitions(
            counting_rule="operations in the format used",
            h100e_flop_per_second=990 * 10**12,
            terms=(),
            bands=(),
            clocks=(),
        ),
        references=(Reference(name=Name("chips"), digest=TABLE),),
        obligations=(clause(),),
        entry=EntryIntoForce(
            condition=CriticalAll(), deadline=parse_instant("2027-01-01T00:00:00Z"), lead_ms=30 * DAY_MS
        ),
        accounting=Accounting(start=None, period_ms=DAY_MS, periods=None),
        verification=Verification(
            significant_quantity_flop=10**24,
            buffer_ppm=1_000_000,
            window_ms=365 * DAY_MS,
            detection_probability_ppm=900_000,
            false_alarm_ppm=50_000,
            liars=0,
            gap_ms_max=10_000,
            observed_share_min_ppm=950_000,
            total_tolerance_ppm=5_000,
            mfu_low_ppm=200_000,
            mfu_high_ppm=600_000,
        ),
        assumptions=(),
        response=Response(answer_ms=10 * DAY_MS, cure_ms=30 * DAY_MS),
        legal_basis="",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # names and types are the caller's business


def template_path(name: str) -> Path:
    """Return the file of a template that comes with the package."""
    return ROOT / "src" / "allstop" / "agreements" / f"{name}.toml"


def template(name: str) -> Agreement:
    """Return a template that comes with the package, without keys."""
    return parse_agreement_toml(template_path(name).read_text("utf-8"), template=True)


def filled(name: str) -> Agreement:
    """Return that template with a key for each party and a chip table."""
    empty = template(name)
    keys = {member.id: (public_key(i + 1),) for i, member in enumerate(empty.parties)}
    return with_keys(empty, keys=keys, references={Name("chips"): TABLE})
