"""The demo: a small case from measurements of this machine, from keys to verdict, with nothing scripted.

Three parties run one process each, on one core each: Alder works and declares it, Birch idles, Cedar
works and declares nothing. Their CPU time is metered, filed, logged, cosigned by three witnesses, and
audited. Each verdict follows from what was measured.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from allstop.agreement import (
    DEPOSIT_PREDICATE,
    SIGNATURE_PREDICATE,
    Agreement,
    DepositBody,
    SignatureBody,
    format_agreement,
    parse_agreement_toml,
    with_keys,
)
from allstop.app import _worker
from allstop.app._auditing import audit_directory
from allstop.app._importing import file_measurements
from allstop.app._workspace import Desk, init_desk, machine_clock, open_desk
from allstop.config import load_agreement_text
from allstop.errors import OperationalError
from allstop.finding import Channel, ChipRange, CountingRule, Grade
from allstop.ids import Digest, Name, digest_of
from allstop.ingest import MeterImport, MeterReadings, record_busy
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
from allstop.service import Audit, chain_of
from allstop.store import FileWitness, create_key, create_note_key, init_witness
from allstop.telemetry import PERIOD_CLOSE_PREDICATE, PeriodClose
from allstop.times import Window
from allstop.units import Quantity, Unit
from allstop.witness import (
    Group,
    Policy,
    PolicyLog,
    PolicyWitness,
    format_policy,
    open_checkpoint,
    parse_policy,
)
from allstop.workload import JOB_PREDICATE, Formula, Job, JobKind, Purpose

__all__ = ["DemoResult", "run_demo"]

_PARTIES = {Name("alder"): "work", Name("birch"): "idle", Name("cedar"): "work"}
_LOG_OPERATOR = Name("dogwood")
_WITNESSES = (Name("north-witness"), Name("south-witness"), Name("neutral-witness"))
_CORE = Name("core")
_INTERVAL_MS = 250
_SPARE_MS = 1000
_BUSY_MS_MIN = 1500
"""Least CPU time of a working process: three times the tolerance of the demo's agreement."""
_READY_SECONDS_MAX = 60

Say = Callable[[str], None]
Tick = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """The audit, and where the case, the policy and the agreement's digest are."""

    audit: Audit
    case: Path
    policy: Path
    agreement: Digest


def run_demo(folder: Path, *, say: Say, tick: Tick) -> DemoResult:
    """Build a case in an empty folder from this machine's own measurements, and audit it.

    Takes about twenty seconds. `say` is told each step, `tick(done, total)` the progress of the
    measurement.

    Raises:
        OperationalError: the machine is too busy to be measured, or a process ended early.
    """
    say("making keys, an agreement, a log and three witnesses")
    (folder / "keys").mkdir(mode=0o700)
    keys = {
        party: create_key(folder / "keys" / party, KeyKind.ED25519) for party in (*_PARTIES, _LOG_OPERATOR)
    }
    table = _measure_core(say)
    terms = with_keys(
        parse_agreement_toml(load_agreement_text("demo"), template=True),
        keys={party: [key.public] for party, key in keys.items()},
        references={Name("chips"): digest_of(format_chip_table(table))},
    )
    terms = _scaled(terms, table)
    agreement = format_agreement(terms)
    log_keys = init_desk(folder / "desk", agreement=agreement, references=[format_chip_table(table)])
    witnesses, policy = _witnesses(folder, log_keys)
    (folder / "policy").write_bytes(policy)
    with open_desk(folder / "desk") as desk:

        def publish() -> bytes:
            return desk.publish(
                operator_keys=[keys[_LOG_OPERATOR]], witnesses=witnesses, policy=parse_policy(policy)
            )

        # The processes run before the period begins, so that starting them is not counted in it.
        with _processes() as processes:
            window = _bind(desk, keys, publish, parse_policy(policy), terms, say)
            readings, steps = _measure(processes, window, say, tick)
        say("filing measurements, one declaration, and closing the period")
        _file_evidence(desk, keys, readings, steps, window)
        publish()
        publish()
        desk.write_case(folder / "case", policy=policy)
    say("auditing the case")
    audit = audit_directory(folder / "case", policy=policy, agreement=digest_of(agreement))
    return DemoResult(
        audit=audit, case=folder / "case", policy=folder / "policy", agreement=digest_of(agreement)
    )


def _measure_core(say: Say) -> ChipTable:
    """Calibrate: what one core of this machine can do at most, with a factor of two to spare."""
    say("measuring what one core of this machine can do")
    done = subprocess.run(
        _command("calibrate"), env=_environment(), capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode != 0:
        raise OperationalError("the calibration process ended early")
    peak = 2 * int(done.stdout)
    core = ChipType(
        id=_CORE,
        name="one core of this machine",
        peaks={"fp32": peak},
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


def _scaled(terms: Agreement, table: ChipTable) -> Agreement:
    """Set the significant quantity, and what clause 3.1 prohibits, to what one core can do in an hour."""
    quantity = table.chips[0].peak_flop_per_second * 3600
    return replace(
        terms,
        verification=replace(terms.verification, significant_quantity_flop=quantity),
        obligations=tuple(
            replace(clause, tolerance=quantity) if clause.clause == "3.1" else clause
            for clause in terms.obligations
        ),
    )


def _witnesses(folder: Path, log_keys: Sequence[NoteKey]) -> tuple[list[FileWitness], bytes]:
    """Make three witnesses, one a bloc and one neutral; the quorum is all of them."""
    witnesses, lines = [], []
    for name in _WITNESSES:
        init_witness(folder / name)
        key, note_key = create_note_key(
            folder / "keys" / name, name=f"{name}.example.org", type=NoteKeyType.COSIGNATURE_ED25519
        )
        witness = FileWitness(folder / name, name=note_key.name, keys=[key], clock=machine_clock)
        witness.add_log(log_keys)
        witnesses.append(witness)
        lines.append(PolicyWitness(name=name, key=note_key))
    policy = Policy(
        logs=tuple(PolicyLog(key=key) for key in log_keys),
        witnesses=tuple(lines),
        groups=(Group(name="blocs", threshold=len(lines), members=tuple(_WITNESSES)),),
        quorum="blocs",
    )
    return witnesses, format_policy(policy)


def _bind(
    desk: Desk,
    keys: Mapping[Name, SigningKey],
    publish: Callable[[], bytes],
    policy: Policy,
    terms: Agreement,
    say: Say,
) -> Window:
    """Sign, deposit and register; return the accounting period, which begins when the agreement is in force."""
    say("signing and depositing; the agreement enters into force for all at one instant")
    desk.propose(signers=[keys[_LOG_OPERATOR]])
    for party in _PARTIES:
        signers = [keys[party]]
        desk.file(SIGNATURE_PREDICATE, SignatureBody(), party=party, signers=signers)
        desk.file(
            DEPOSIT_PREDICATE, DepositBody(deadline_seen=terms.entry.deadline), party=party, signers=signers
        )
        site = Site(site=_site(party), operator=party, note="one process on one core")
        desk.file(SITE_PREDICATE, site, party=party, signers=signers)
        lot = Chips(
            lot=_lot(party), site=_site(party), chip_type=_CORE, count=1, serials_root=None, serials_count=0
        )
        desk.file(CHIPS_PREDICATE, lot, party=party, signers=signers)
        meter = Meter(
            meter=_meter(party),
            site=_site(party),
            channel=Channel.BUSY,
            covers=(ChipRange(lot=_lot(party), first=0, until=1),),
            rated_milliwatt=0,
            idle_milliwatt=0,
            random_error_ppm=10_000,
            systematic_error_ppm=0,
            calibration=Name("kernel"),
        )
        desk.file(METER_PREDICATE, meter, party=party, signers=signers)
    deposited_at = open_checkpoint(publish(), policy).upper_median()
    start = deposited_at.plus(terms.entry.lead_ms)
    return Window(start=start, end=start.plus(terms.accounting.period_ms))


def _measure(
    processes: Mapping[Name, "_Process"], window: Window, say: Say, tick: Tick
) -> tuple[Mapping[Name, MeterReadings], Mapping[Name, int]]:
    """Meter the processes over the window; return the readings, and the steps that each says it did."""
    ahead = window.start.ms - machine_clock().ms
    if ahead < _INTERVAL_MS:
        raise OperationalError("machine too busy: the period began before its meters did", hint="try again")
    say(f"metering three processes for {(ahead + window.duration_ms) // 1000} seconds")
    recordings = record_busy(
        [process.running.pid for process in processes.values()],
        interval_ms=_INTERVAL_MS,
        duration_ms=window.end.ms - machine_clock().ms + _SPARE_MS,
        progress=tick,
    )
    ended = [party for party, process in processes.items() if process.running.poll() is not None]
    if ended:
        raise OperationalError(f"the process of {ended[0]} ended early")
    readings = {
        party: replace(recording.readings, meter=_meter(party))
        for party, recording in zip(processes, recordings, strict=True)
    }
    for party, mode in _PARTIES.items():
        series = readings[party].series
        busy_ms = int(series.v[-1] - series.v[0])
        if mode == "work" and busy_ms < _BUSY_MS_MIN:
            raise OperationalError(
                f"machine too busy: the process of {party} got {busy_ms} ms of CPU time, want {_BUSY_MS_MIN}",
                hint="try again when less is running",
            )
    return readings, {party: _steps_in(process.output, window) for party, process in processes.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Process:
    running: "subprocess.Popen[bytes]"
    output: Path


@contextmanager
def _processes() -> Iterator[dict[Name, _Process]]:
    """Start one process a party, wait until all are ready, and in the end stop exactly these."""
    started: dict[Name, _Process] = {}
    with tempfile.TemporaryDirectory() as folder:
        try:
            for party, mode in _PARTIES.items():
                path = Path(folder) / party
                with path.open("wb") as output:
                    running = subprocess.Popen(_command(mode), env=_environment(), stdout=output)
                started[party] = _Process(running=running, output=path)
            until = time.monotonic() + _READY_SECONDS_MAX
            while any(process.output.stat().st_size == 0 for process in started.values()):
                if time.monotonic() > until:
                    raise OperationalError("machine too busy: the processes did not start", hint="try again")
                time.sleep(0.05)
            yield started
        finally:
            for process in started.values():
                process.running.terminate()
                process.running.wait()


def _steps_in(path: Path, window: Window) -> int:
    """Count the steps that a process finished inside the window, by its own account."""
    inside = [
        int(words[1])
        for words in (line.split() for line in path.read_text("ascii").splitlines())
        if len(words) == 2 and window.start.ms <= int(words[0]) < window.end.ms
    ]
    return inside[-1] - inside[0] if inside else 0


def _file_evidence(
    desk: Desk,
    keys: Mapping[Name, SigningKey],
    readings: Mapping[Name, MeterReadings],
    steps: Mapping[Name, int],
    window: Window,
) -> None:
    for party in _PARTIES:
        signers = [keys[party]]
        file_measurements(
            desk, MeterImport(meters=(readings[party],)), site=_site(party), party=party, signers=signers
        )
        if party == Name("alder"):
            flop = steps[party] * _worker.FLOP_PER_STEP
            job = Job(
                job=Name("alder-products"),
                site=_site(party),
                operator=party,
                tenant=party,
                kind=JobKind.OTHER,
                purpose=Purpose.RESEARCH,
                lineage=Name("products"),
                chips=(ChipRange(lot=_lot(party), first=0, until=1),),
                window=window,
                operations=Quantity(low=flop, high=flop, unit=Unit.FLOP),
                formula=Formula.STATED,
                counting_rule=CountingRule.FORMAT_USED,
                number_format="fp32",
                stated=("operations",),
            )
            desk.file(JOB_PREDICATE, job, party=party, signers=signers)
        chain = chain_of(desk.entries(), party)
        close = PeriodClose(
            period=window, count=chain.sequence + 1, head=chain.previous, inventory=((_lot(party), 1),)
        )
        desk.file(PERIOD_CLOSE_PREDICATE, close, party=party, signers=signers)


def _command(mode: str) -> list[str]:
    # Run as a file: it needs nothing of this package, and starts the faster for it.
    return [sys.executable, _worker.__file__, mode]


def _environment() -> dict[str, str]:
    """Return this process's environment with linear algebra held to one thread: a site is one core."""
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **one}


def _site(party: Name) -> Name:
    return Name(f"{party}-site")


def _lot(party: Name) -> Name:
    return Name(f"{party}-cores")


def _meter(party: Name) -> Name:
    return Name(f"{party}-cpu-time")
