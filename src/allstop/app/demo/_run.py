"""The run of the demo: from an empty folder to an audited case, in about a minute."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from allstop.agreement import ObligationKind
from allstop.app import audit_directory, machine_clock
from allstop.app.demo._cast import (
    INSPECTORATE,
    OPERATORS,
    Cast,
    Kind,
    cast_of,
    find_unexpected,
)
from allstop.app.demo._ceremony import bring_into_force, call_halt
from allstop.app.demo._evidence import Evidence, ItemCost
from allstop.app.demo._measuring import Stage, measure_item_cost
from allstop.app.demo._office import Office, open_office
from allstop.app.demo._plan import evidence_of
from allstop.app.demo._proceedings import Proceedings
from allstop.app.demo._processes import AGAIN, Fleet, Say, Tick, fleet, measure_peak, now_ms
from allstop.errors import OperationalError
from allstop.ids import Digest, Name, digest_of
from allstop.service import Audit
from allstop.times import Instant, Window
from allstop.transcript import Init, Recipe, RecipeKind
from allstop.witness import format_policy, open_checkpoint

__all__ = ["RECIPE", "DemoResult", "audit_demo", "run_demo"]

RECIPE = Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.GIVEN, rows=128, width=512, layers=8, outputs=16)
"""What the sites serve: half a GFLOP a request, five to ten ms on one core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """The audit, where the case is, and each verdict that is not what the cast should have led to."""

    audit: Audit
    case: Path
    policy: Path
    agreement: Digest
    cast: Cast
    unexpected: tuple[str, ...]


def run_demo(
    folder: Path,
    *,
    seed: int | None = None,
    honest: bool = False,
    cheats: Mapping[Name, Kind] | None = None,
    period_ms: int | None = None,
    say: Say = lambda text: None,
    tick: Tick = lambda done, total: None,
) -> DemoResult:
    """Stage a pause on this machine in an empty folder, measure it, and audit the case.

    Takes about a minute. `seed` fixes requests and models; what is measured is measured. `cheats` changes
    what parties do, `honest` begins from a cast in which nobody cheats. `say` is told each step, `tick(done,
    total)` the progress of metering.

    Raises:
        OperationalError: the machine is too busy to be measured, or a process ended early.
    """
    cast = cast_of(honest=honest, cheats=cheats)
    chance = random.SystemRandom() if seed is None else random.Random(seed)
    seeds = {party: chance.randbytes(32) for party in (*OPERATORS, INSPECTORATE)}
    (folder / "machines").mkdir()
    say("measuring what one core of this machine can do")
    peak = measure_peak(say)
    say("starting five sites, each one process on one core")
    with fleet(folder / "machines", recipe=RECIPE, seeds=seeds) as machines:
        machines.wait_ready()
        say("the inspectorate measures what a request costs")
        before = measure_item_cost(machines, name="before", say=say)
        # The dates of sealed deposits count from here, so nothing that may take long comes between.
        with open_office(
            folder, clock=machine_clock, peak_flop_per_second=peak, period_ms=period_ms
        ) as office:
            proceedings = Proceedings(
                office=office, recipe=RECIPE, seeds=seeds, say=say, wait_until=_wait_until
            )
            evidence = _perform(office, machines, cast, proceedings, before, chance, say, tick)
            machines.close()
            proceedings.conclude(evidence)
            say("auditing the case")
            return audit_demo(folder, office, cast)


def audit_demo(folder: Path, office: Office, cast: Cast) -> DemoResult:
    """Write the case, audit it, and compare each verdict with what the cast should have led to."""
    policy = format_policy(office.policy)
    office.desk.write_case(folder / "case", policy=policy)
    audit = audit_directory(folder / "case", policy=policy, agreement=office.desk.agreement)
    return DemoResult(
        audit=audit,
        case=folder / "case",
        policy=folder / "policy",
        agreement=office.desk.agreement,
        cast=cast,
        unexpected=find_unexpected(cast, audit.verdict),
    )


def _perform(
    office: Office,
    machines: Fleet,
    cast: Cast,
    proceedings: Proceedings,
    before: ItemCost,
    chance: random.Random,
    say: Say,
    tick: Tick,
) -> Evidence:
    """Bring the agreement into force, measure the periods, and return what came of them."""
    say("signing and sealing deposits; when they are opened, the agreement binds all at one instant")
    windows, note = bring_into_force(office, wait_until=_wait_until)
    seconds = (windows[-1].end.ms - now_ms()) // 1000
    say(f"work is declared and metered for two periods, {seconds} seconds; then a vote lets it halt")
    clauses = office.desk.terms.obligations
    tolerance_ms = min(one.tolerance for one in clauses if one.kind is ObligationKind.DECLARE)
    stage = Stage(
        machines=machines,
        cast=cast,
        recipe=RECIPE,
        windows=windows,
        tolerance_ms=tolerance_ms,
        chance=chance,
        tick=tick,
    )
    halts: list[Instant] = []
    work, readings = stage.perform(
        beacon=digest_of(note),
        next_beacon=lambda window: _next_period(office, window, windows[-1], halts),
        observe=proceedings.file_work,
    )
    return evidence_of(
        cast,
        windows,
        work=work,
        readings=readings,
        item_cost=before.joined(measure_item_cost(machines, name="after", say=say)),
        halt_at=halts[0] if halts else None,
    )


def _next_period(
    office: Office, window: Window, last: Window, halts: list[Instant]
) -> tuple[Digest, Instant | None]:
    """Publish; return the digest of a note that is older than the period that will begin from it.

    Before the last period all vote to stand still in it, from the instant that is returned and kept in `halts`.
    """
    halt_at = None
    if window == last:
        halt_at, note = call_halt(office)
        halts.append(halt_at)
    else:
        note = office.publish()
    if open_checkpoint(office.desk.note() or b"", office.policy).upper_median() > window.start:
        raise OperationalError("machine too busy: the period began before its beacon", hint=AGAIN)
    return digest_of(note), halt_at


def _wait_until(instant: Instant) -> None:
    time.sleep(max(0, instant.ms - now_ms()) / 1000)
