"""Levels: how far each declared job is established, from both signatures, meters and replay.

Implements spec/verdict.md. Whether a level is enough is for the clause to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from allstop.accountancy import Expected, JobAccount, expected_chip_ms, expected_hardware_flop
from allstop.finding import Custody, Level
from allstop.ids import Name
from allstop.times import Window
from allstop.units import PPM
from allstop.verdict._areas import Areas
from allstop.verdict._facts import Facts
from allstop.verdict._replays import ReplayState
from allstop.workload import Job

__all__ = ["JobLevel", "level_jobs"]

_HFU_OVER_MFU_PPM = 1_333_000
"""Largest ratio of hardware to model operations among the cases of Baker et al., Table 13."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLevel:
    """How far one declared job is established. `level` is None where only one side signed it.

    `account` adds up its chip-time over all judged periods; `share_ppm` is the part of it that a meter saw.
    The two expectations are Baker's options A and B, for comparison; no verdict rests on them.
    """

    job: Name
    site: Name
    entry: int
    level: Level | None
    declared_low: int
    declared_high: int
    account: JobAccount
    share_ppm: int
    expected_chip_ms: Expected
    expected_hardware_flop: Expected


def level_jobs(
    facts: Facts, areas: Areas, windows: Sequence[Window], *, custody: Custody = Custody.SELF_REPORTED
) -> tuple[JobLevel, ...]:
    """Say of each declared job whether it is declared, plausible or verified.

    A job is plausible if its operations fit under the channel bounds of its own chip-time, of which
    meters of at least this custody saw at least the agreed share; it is verified if moreover transcripts
    claim all its operations, and what was drawn of every one of them re-executes.
    """
    least = facts.agreement.verification.observed_share_min_ppm
    liars = facts.agreement.verification.liars
    levels = []
    for site in (filed.value.site for filed in facts.sites):
        parts: dict[Name | None, JobAccount] = {}
        for window in windows:
            for part in areas.balance(site, window, liars=liars, custody=custody).by_job:
                parts[part.job] = parts.get(part.job, JobAccount.empty(part.job)).plus(part)
        for filed in areas.jobs(site):
            job = filed.value
            account = parts.get(job.job, JobAccount.empty(job.job))
            seen = (account.chip_ms - account.unobserved_chip_ms) * PPM
            share = seen // account.chip_ms if account.chip_ms else 0
            level: Level | None = Level.DECLARED
            if job.tenant not in filed.signers:
                level = None
            elif account.chip_ms and job.operations.low <= account.flop_high and share >= least:
                level = Level.VERIFIED if _is_replayed(areas, job) else Level.PLAUSIBLE
            levels.append(
                JobLevel(
                    job=job.job,
                    site=site,
                    entry=filed.entry,
                    level=level,
                    declared_low=job.operations.low,
                    declared_high=job.operations.high,
                    account=account,
                    share_ppm=share,
                    expected_chip_ms=expected_chip_ms(
                        job.operations.low,
                        peak_flop_per_second=max(
                            facts.chip_type_of(site, piece.lot).peak_flop_per_second for piece in job.chips
                        ),
                        mfu_low_ppm=facts.agreement.verification.mfu_low_ppm,
                        mfu_high_ppm=facts.agreement.verification.mfu_high_ppm,
                    ),
                    expected_hardware_flop=expected_hardware_flop(
                        job.operations.low, hfu_over_mfu_high_ppm=_HFU_OVER_MFU_PPM
                    ),
                )
            )
    return tuple(levels)


def _is_replayed(areas: Areas, job: Job) -> bool:
    replays = areas.replays.get((job.site, job.job), ())
    return (
        bool(replays)
        and all(one.state is ReplayState.PASSED for one in replays)
        and sum(one.claimed_flop for one in replays) >= job.operations.high
    )
