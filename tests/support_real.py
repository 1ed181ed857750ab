"""Cases of published measurements, made through the same functions of `allstop.app` that a user's commands call.

A `RealRun` is what the importers read from the published files. `make_case` files it: site, chips, meters,
readings, declaration and closes, with what `CaseTerms` leaves out or changes, under the shipped agreement for
a look back. The clock stands still, so that nothing depends on today.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from allstop.accountancy import ChipTime
from allstop.agreement import (
    Accounting,
    Agreement,
    ObligationKind,
    format_agreement,
    parse_agreement_toml,
    with_keys,
)
from allstop.app import (
    Desk,
    MeterTerms,
    close_period,
    file_measurements,
    file_meters,
    init_desk,
    open_desk,
    spread_chips,
)
from allstop.case import blob_path
from allstop.config import load_agreement_text, load_chip_table
from allstop.errors import NotFoundError
from allstop.finding import ChipRange, Custody
from allstop.ids import Digest, Name, digest_of
from allstop.ingest import (
    JobImport,
    MeterImport,
    ParquetSeriesReader,
    read_loadgen_summary,
    read_mlperf_power,
    read_mlperf_training_result,
    read_ptdaemon,
)
from allstop.keys import KeyKind, NoteKey, NoteKeyType, SigningKey, generate_key
from allstop.registry import CHIPS_PREDICATE, SITE_PREDICATE, Chips, Site
from allstop.service import audit_case
from allstop.store import DirectoryCaseFiles, FileWitness, create_key, init_witness
from allstop.telemetry import Series
from allstop.times import Instant, Window
from allstop.units import Quantity
from allstop.verdict import CaseVerdict, ClauseResult, PartyVerdict
from allstop.witness import Group, Policy, PolicyLog, PolicyWitness, format_policy
from allstop.workload import JOB_PREDICATE, Job, Purpose

__all__ = [
    "ALDER",
    "BIRCH",
    "CEDAR",
    "GPT3",
    "H200",
    "LORA",
    "RUN",
    "CaseTerms",
    "Cases",
    "RealCase",
    "RealRun",
    "audit",
    "chip_hours",
    "chip_ms_of",
    "clause_of",
    "codes_of",
    "make_case",
    "party_of",
    "read_gpt3",
    "read_h200",
    "read_lora",
    "subgoals_of",
]

GPT3 = "mlperf_raw/training_results_v4.0/smc-dc-power/results/64xSMC-H100-SXM-80GB/gpt3"
LORA = "mlperf_raw/training_results_v4.0/smc-dc-power/results/1xSMC-H100-SXM-80GB/llama2_70b_lora"
H200 = "mlperf_raw/inference_results_v4.1/closed/NVIDIA/results/H200-SXM-141GBx8_TRT_MaxQ/llama2-70b-99"

ALDER, BIRCH, CEDAR, DOGWOOD = Name("alder"), Name("birch"), Name("cedar"), Name("dogwood")
SITE, LOT, RUN = Name("hall-1"), Name("lot-1"), Name("run-1")
CHIPS_PER_NODE = 8
NOW = Instant(1_795_430_000_000)
"""2026-11-23T10:33:20Z, when everything is filed: years after what was measured."""

WITNESSES = ("w-north", "w-neutral")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RealRun:
    """One published run as its importers read it, and the type of its chips."""

    name: str
    meters: MeterImport
    job: JobImport
    chip_type: Name

    @property
    def nodes(self) -> tuple[Name, ...]:
        """Meters that cover chips, in the order of the files."""
        return tuple(one.meter for one in self.meters.meters if one.covers_chips)

    @property
    def chips(self) -> int:
        """Number of accelerators."""
        return CHIPS_PER_NODE * len(self.nodes)

    @property
    def window(self) -> Window:
        """When the job ran, by its own log."""
        return self.job.window


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTerms:
    """What is filed and what is agreed; by default everything, honestly.

    `unread` are meters that are registered and whose readings are never filed. `silent` are statements that
    are never filed at all: `site`, `chips`, `measurement`, `job`, `period-close` with the party before a
    colon, or `meter:` and the meter's name. `factor` multiplies the declared operations, `periods` the
    length of the accounting period. `filer` is who meters, `custody` the least that every clause asks for.
    """

    unread: frozenset[Name] = frozenset()
    silent: frozenset[str] = frozenset()
    factor: int = 1
    periods: int = 1
    significant_flop: int | None = None
    prohibited_above_flop: int | None = None
    liars: int | None = None
    custody: Custody | None = None
    filers: tuple[Name, ...] = (ALDER,)


@dataclass(frozen=True, slots=True, kw_only=True)
class RealCase:
    """A case in a folder, with what a reader brings from outside: policy and agreement."""

    folder: Path
    policy: bytes
    agreement: Digest


def read_gpt3(data: Path) -> RealRun:
    """Read the GPT-3 175B run on 64 nodes of 8 H100."""
    folder = data / GPT3
    return RealRun(
        name="gpt3",
        meters=read_mlperf_power(folder),
        job=read_mlperf_training_result(next(folder.glob("result_*.txt"))),
        chip_type=Name("h100-sxm-80gb"),
    )


def read_lora(data: Path) -> RealRun:
    """Read the Llama 2 70B LoRA run on one node of 8 H100."""
    folder = data / LORA
    return RealRun(
        name="lora",
        meters=read_mlperf_power(folder),
        job=read_mlperf_training_result(next(folder.glob("result_*.txt"))),
        chip_type=Name("h100-sxm-80gb"),
    )


def read_h200(data: Path, scenario: str) -> RealRun:
    """Read the Llama 2 70B inference run of one scenario on one node of 8 H200."""
    folder = data / H200 / scenario / "performance"
    client = folder / "power" / "client.json"
    return RealRun(
        name=f"h200-{scenario.lower()}",
        meters=read_ptdaemon(folder / "run_1" / "spl.txt", client, meter=Name("wall-1")),
        job=read_loadgen_summary(folder / "run_1" / "mlperf_log_summary.txt", client, chips_count=8),
        chip_type=Name("h200-sxm-141gb"),
    )


def make_case(folder: Path, run: RealRun, terms: CaseTerms | None = None) -> RealCase:
    """File a run at a desk in `folder` and write the case; keys stay beside it as `PARTY.key`."""
    terms = terms or CaseTerms()
    table = load_chip_table()
    keys = {
        party: create_key(folder / f"{party}.key", KeyKind.ED25519)
        for party in (ALDER, BIRCH, CEDAR, DOGWOOD)
    }
    agreement = format_agreement(
        with_keys(
            _agreed(parse_agreement_toml(load_agreement_text("retrospective"), template=True), run, terms),
            keys={party: [key.public] for party, key in keys.items()},
            references={Name("chips"): table.digest},
        )
    )
    log_keys = init_desk(folder / "desk", agreement=agreement, references=[table.data])
    witnesses, policy = _witnesses(folder, log_keys)
    with open_desk(folder / "desk", clock=lambda: NOW) as desk:
        desk.propose(signers=[keys[DOGWOOD]])
        _file_run(desk, run, terms, keys)
        for _ in range(2):  # The second quotes the first, which proves the time of what it covers.
            desk.publish(operator_keys=[keys[DOGWOOD]], witnesses=witnesses, policy=policy)
        desk.write_case(folder / "case", policy=format_policy(policy))
    return RealCase(folder=folder / "case", policy=format_policy(policy), agreement=digest_of(agreement))


def _agreed(agreement: Agreement, run: RealRun, terms: CaseTerms) -> Agreement:
    verification = agreement.verification
    if terms.significant_flop is not None:
        verification = replace(verification, significant_quantity_flop=terms.significant_flop)
    if terms.liars is not None:
        verification = replace(verification, liars=terms.liars)
    obligations = agreement.obligations
    if terms.prohibited_above_flop is not None:
        obligations = tuple(
            replace(one, tolerance=terms.prohibited_above_flop + 1)
            if one.kind is ObligationKind.PROHIBIT
            else one
            for one in obligations
        )
    if terms.custody is not None:
        obligations = tuple(replace(one, custody=terms.custody) for one in obligations)
    return replace(
        agreement,
        accounting=Accounting(
            start=run.window.start, period_ms=run.window.duration_ms * terms.periods, periods=1
        ),
        verification=verification,
        obligations=obligations,
    )


def _witnesses(folder: Path, log_keys: Sequence[NoteKey]) -> tuple[list[FileWitness], Policy]:
    witnesses, lines = [], []
    for name in WITNESSES:
        init_witness(folder / name)
        key = generate_key(KeyKind.ED25519)
        witness = FileWitness(folder / name, name=f"{name}.example", keys=[key], clock=lambda: NOW)
        witness.add_log(log_keys)
        witnesses.append(witness)
        note_key = NoteKey(name=witness_name(name), type=NoteKeyType.COSIGNATURE_ED25519, key=key.public)
        lines.append(PolicyWitness(name=name, key=note_key))
    return witnesses, Policy(
        logs=tuple(PolicyLog(key=key) for key in log_keys),
        witnesses=tuple(lines),
        groups=(Group(name="both", threshold=len(WITNESSES), members=WITNESSES),),
        quorum="both",
    )


def witness_name(name: str) -> str:
    """Return the name under which a witness signs."""
    return f"{name}.example"


def _file_run(desk: Desk, run: RealRun, terms: CaseTerms, keys: dict[Name, SigningKey]) -> None:
    signers = [keys[ALDER]]
    if "site" not in terms.silent:
        site = Site(site=SITE, operator=ALDER, note="as published")
        desk.file(SITE_PREDICATE, site, party=ALDER, signers=signers)
    if "chips" not in terms.silent:
        lot = Chips(
            lot=LOT,
            site=SITE,
            chip_type=run.chip_type,
            count=run.chips,
            serials_root=None,
            serials_count=0,
        )
        desk.file(CHIPS_PREDICATE, lot, party=ALDER, signers=signers)
    for filer in terms.filers:
        _file_meters(desk, run, terms, filer, keys[filer])
    if "job" not in terms.silent:
        job = declare(run, factor=terms.factor)
        desk.file(JOB_PREDICATE, job, party=ALDER, signers=[keys[ALDER], keys[BIRCH]])
    period = Window(start=run.window.start, end=run.window.start.plus(run.window.duration_ms * terms.periods))
    for party, inventory in ((ALDER, {LOT: run.chips}), (BIRCH, {}), (CEDAR, {})):
        is_filing = party in (ALDER, BIRCH, *terms.filers)
        if is_filing and f"{party}:period-close" not in terms.silent:
            close_period(desk, period=period, inventory=inventory, party=party, signers=[keys[party]])


def _file_meters(desk: Desk, run: RealRun, terms: CaseTerms, filer: Name, key: SigningKey) -> None:
    covers = spread_chips(run.meters.meters, lot=LOT, chips_per_meter=CHIPS_PER_NODE)
    registered = [one for one in run.meters.meters if f"meter:{one.meter}" not in terms.silent]
    file_meters(
        desk,
        replace(run.meters, meters=tuple(registered)),
        site=SITE,
        covers=covers,
        chip_types={LOT: run.chip_type},
        table=load_chip_table().table,
        terms=MeterTerms(),
        party=filer,
        signers=[key],
    )
    if "measurement" not in terms.silent:
        file_measurements(desk, run.meters, site=SITE, party=filer, signers=[key], leave_out=terms.unread)


def declare(run: RealRun, *, factor: int = 1) -> Job:
    """Return the declaration of a run, its operations multiplied by `factor`."""
    job = run.job.complete(
        job=RUN,
        site=SITE,
        operator=ALDER,
        tenant=BIRCH,
        purpose=Purpose.RESEARCH,
        lineage=Name("model-1"),
        chips=(ChipRange(lot=LOT, first=0, until=run.chips),),
    )
    if factor == 1 or job.tokens is None:
        return job
    # The formula has to fit the figures, so whoever overstates operations overstates tokens.
    tokens = Quantity(low=job.tokens.low * factor, high=job.tokens.high * factor, unit=job.tokens.unit)
    operations = Quantity(
        low=job.operations.low * factor, high=job.operations.high * factor, unit=job.operations.unit
    )
    return replace(job, tokens=tokens, operations=operations)


class _WithoutBlobs:
    """A case of which a reader does not hold some blobs."""

    def __init__(self, folder: Path, hidden: Collection[Digest]) -> None:
        self._files = DirectoryCaseFiles(folder)
        self._hidden = frozenset(blob_path(digest) for digest in hidden)

    def paths(self) -> tuple[str, ...]:
        """Return the path of every file that the reader holds."""
        return tuple(path for path in self._files.paths() if path not in self._hidden)

    def read(self, path: str) -> bytes:
        """Return the content of a file that the reader holds."""
        if path in self._hidden:
            raise NotFoundError(f"there is no file {path}")
        return self._files.read(path)


class _KeptReader:
    """Reads the series of a case, each content once a session: bytes with one digest are the same bytes."""

    kept: ClassVar[dict[tuple[Digest, int], Series]] = {}

    def __init__(self, folder: Path, hidden: Collection[Digest]) -> None:
        self._reader = ParquetSeriesReader(lambda digest: folder / blob_path(digest))
        self._hidden = frozenset(hidden)

    def read(self, blob: Digest, row: int, count_max: int) -> Series:
        """Return a series, unless its blob is hidden."""
        if blob in self._hidden:
            raise NotFoundError(f"blob {blob} is not held")
        if (blob, row) not in self.kept:
            self.kept[blob, row] = self._reader.read(blob, row=row, count_max=count_max)
        return self.kept[blob, row]


def audit(case: RealCase, *, hidden: Collection[Digest] = ()) -> CaseVerdict:
    """Audit a case of which the blobs `hidden` are not held, with policy and agreement from outside."""
    return audit_case(
        _WithoutBlobs(case.folder, hidden),
        reader=_KeptReader(case.folder, hidden),
        policy=case.policy,
        agreement=case.agreement,
    ).verdict


class Cases:
    """Cases and their verdicts, each made when first asked for and kept."""

    def __init__(self, folder: Callable[[str], Path]) -> None:
        self._folder = folder
        self._cases: dict[tuple[str, CaseTerms], RealCase] = {}
        self._verdicts: dict[tuple[str, CaseTerms, frozenset[Digest]], CaseVerdict] = {}

    def case(self, run: RealRun, terms: CaseTerms | None = None) -> RealCase:
        """Return the case of a run under these terms."""
        key = (run.name, terms or CaseTerms())
        if key not in self._cases:
            self._cases[key] = make_case(self._folder(run.name), run, key[1])
        return self._cases[key]

    def verdict(
        self, run: RealRun, terms: CaseTerms | None = None, *, hidden: Collection[Digest] = ()
    ) -> CaseVerdict:
        """Return the verdict on the case of a run under these terms, some blobs not held."""
        key = (run.name, terms or CaseTerms(), frozenset(hidden))
        if key not in self._verdicts:
            self._verdicts[key] = audit(self.case(run, key[1]), hidden=key[2])
        return self._verdicts[key]


def chip_hours(chip_ms: int | None) -> float:
    """Return chip-time in chip-hours."""
    return -1.0 if chip_ms is None else chip_ms / 3_600_000


def party_of(verdict: CaseVerdict, party: Name) -> PartyVerdict:
    """Return what was judged of one party."""
    return next(one for one in verdict.parties if one.party == party)


def clause_of(verdict: CaseVerdict, party: Name, clause: str) -> ClauseResult:
    """Return one clause of one party, in the one period of these cases."""
    return next(one for one in party_of(verdict, party).clauses if one.clause == clause)


def subgoals_of(verdict: CaseVerdict, party: Name) -> dict[str, str]:
    """Return the subgoals of one party in words."""
    found = party_of(verdict, party).subgoals
    return {goal.value: "NOT COVERED" if one is None else one.value for goal, one in found.items()}


def codes_of(verdict: CaseVerdict) -> dict[str, int]:
    """Return how many findings there are of each code."""
    found: dict[str, int] = {}
    for finding in verdict.findings:
        found[finding.code] = found.get(finding.code, 0) + 1
    return found


def chip_ms_of(verdict: CaseVerdict, kind: ChipTime) -> int:
    """Return the chip-time of one class at the one site."""
    return dict(verdict.sites[0].balances[0][0].by_class)[kind]
