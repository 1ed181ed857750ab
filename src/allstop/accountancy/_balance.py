"""The balance of an area over a window, and the room to hide (DESIGN section 6, spec/balance.md 5 to 7).

Sums are integer sums over cells, so order and machine do not matter. A declared or plausible job lowers
no bound; only what was replayed is credited. What the bound would be *if every declaration were true* is a
second figure, labelled so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allstop.accountancy._account import CellAccount, ChipTime, Contradiction, JobAccount
from allstop.accountancy._credit import PPB, JobCredit, credited
from allstop.ids import Name
from allstop.times import DAY_MS, Window
from allstop.units import PPM

__all__ = ["AreaBalance", "balance_of", "room_in_window", "time_needed_ms"]

_DAYS_MAX = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaBalance:
    """One area's account over one window, at `liars` trust domains that may lie.

    `capacity_flop` is `N p t`. `by_job` holds one account per declared job and one, with `job` None,
    for chip-time that nobody declared. `room_flop` is what could have been hidden, whatever was declared;
    `room_if_true_flop` what would be left if every declaration were true. `replayable_flop` (R1) is what
    of the room can only be in jobs whose whole time was replayed, `caught_flop` (K) the smallest run there that the
    replays would have caught, None where nothing was replayed.
    """

    site: Name
    window: Window
    liars: int
    chip_ms: int
    capacity_flop: int
    capacity_flop_per_second: int
    by_class: tuple[tuple[ChipTime, int], ...]
    by_job: tuple[JobAccount, ...]
    room_flop: int
    room_if_true_flop: int
    replayable_flop: int
    caught_flop: int | None
    contradictions: tuple[Contradiction, ...]

    @property
    def hidden_flop(self) -> int:
        """`H = R0 + min(R1, K)`: what could remain hidden with the replays that were made."""
        if self.caught_flop is None:
            return self.room_flop
        return self.room_flop - max(0, self.replayable_flop - self.caught_flop)

    @property
    def unobserved_chip_ms(self) -> int:
        """Chip-time that no more than `liars` trust domains saw."""
        return sum(account.unobserved_chip_ms for account in self.by_job)

    @property
    def undeclared(self) -> JobAccount:
        """The account of chip-time under no declaration."""
        return next((account for account in self.by_job if account.job is None), JobAccount.empty(None))

    @property
    def observed_share_ppm(self) -> int:
        """Share of chip-time that was seen, rounded down; 0 where there is no chip-time."""
        return (self.chip_ms - self.unobserved_chip_ms) * PPM // self.chip_ms if self.chip_ms else 0


def balance_of(
    *,
    site: Name,
    window: Window,
    liars: int,
    cells: Sequence[tuple[CellAccount, int]],
    wholes: Sequence[CellAccount],
    declared_flop: Mapping[Name, int],
    credits: Mapping[Name, JobCredit],
) -> AreaBalance:
    """Add up the cells of an area.

    `cells` pairs each account with one chip's peak FLOP/s; `wholes` are the accounts of the same chips cut
    by meters alone, as if nothing were declared. The room to hide is taken from these, less what was replayed:
    how finely jobs are declared must not move the bound. `declared_flop` gives, per job, the least operations
    that it claims for this window; `credits` what replay shows of it.
    """
    by_class: dict[ChipTime, int] = dict.fromkeys(ChipTime, 0)
    jobs: dict[Name | None, JobAccount] = {}
    capacity: dict[Name | None, int] = {}
    for account, peak in cells:
        for kind, chip_ms in account.by_class:
            by_class[kind] += chip_ms
        for part in account.by_job:
            jobs[part.job] = jobs.get(part.job, JobAccount.empty(part.job)).plus(part)
            capacity[part.job] = capacity.get(part.job, 0) + -(-peak * part.chip_ms // 1000)
    ordered = tuple(
        credited(jobs[job], None if job is None else credits.get(job))
        for job in sorted(jobs, key=lambda job: (job is None, job or ""))
    )
    # What was replayed was no hidden run; each job's credit is at most its own bound.
    whole = sum(part.flop_high for account in wholes for part in account.by_job)
    room = max(0, whole - sum(part.credited_flop for part in ordered))
    replayed = [(part, credits[part.job]) for part in ordered if part.job is not None and part.job in credits]
    caught = [(part, share) for part, credit in replayed if (share := _caught_ppb(part, credit)) is not None]
    inside = {part.job for part, _ in caught}
    left = dict.fromkeys((True, False), 0)
    for part in ordered:
        left[part.job in inside] += part.flop_high - part.credited_flop
    return AreaBalance(
        site=site,
        window=window,
        liars=liars,
        chip_ms=sum(account.chip_ms for account, _ in cells),
        capacity_flop=sum(-(-peak * account.chip_ms // 1000) for account, peak in cells),
        capacity_flop_per_second=sum(peak * account.cell.count for account, peak in cells),
        by_class=tuple(by_class.items()),
        by_job=ordered,
        room_flop=room,
        # Positive parts job by job: a surplus in one job never pays for a deficit in another.
        room_if_true_flop=min(
            room,
            sum(
                max(0, part.flop_high - (declared_flop.get(part.job, 0) if part.job else 0))
                for part in ordered
            ),
        ),
        # Meters may bound chips together that are bounded worse apart: what could be elsewhere counts there.
        replayable_flop=max(0, min(left[True], room - left[False])),
        caught_flop=sum(-(-share * capacity[part.job] // PPB) for part, share in caught) if caught else None,
        contradictions=tuple(pair for account in wholes for pair in account.contradictions),
    )


def _caught_ppb(part: JobAccount, credit: JobCredit) -> int | None:
    """Return the share of a job's capacity above which a hidden run was caught, None where it is not established.

    The replayed items must explain the time that the chips worked, up to the agreed timing error.
    """
    if part.excess_high_chip_ms * PPM > credit.timing_error_ppm * part.chip_ms:
        return None
    return credit.caught_ppb


def room_in_window(rooms: Sequence[tuple[Window, int]], *, window_ms: int) -> int:
    """Return the largest sum of `rooms` over a sliding window of `window_ms`.

    `rooms` are consecutive periods, earliest first, each with the sum over all areas. Every period
    that the sliding window touches counts whole, since a run may fall where the room is; a period
    longer than the window counts whole too.
    """
    best = first = total = 0
    for window, flop in rooms:
        total += flop
        # A window that ends inside this period still touches all periods that end after it begins.
        while rooms[first][0].end.ms <= window.start.ms - window_ms:
            total -= rooms[first][1]
            first += 1
        best = max(best, total)
    return best


def time_needed_ms(*, flop: int, flop_per_second: int) -> int | None:
    """Return how long a capacity needs for so many operations, rounded down; None beyond 1e9 days."""
    if flop_per_second <= 0 or flop * 1000 // flop_per_second > _DAYS_MAX * DAY_MS:
        return None
    return flop * 1000 // flop_per_second
