"""Areas: from facts to the balance of each site in each period (spec/balance.md sections 1 and 5).

The number of chips is the largest that anything on the log names: fewer on the register never helps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from allstop.accountancy import (
    AreaBalance,
    Cell,
    CellInput,
    JobUse,
    MeterView,
    Steps,
    account_cell,
    balance_of,
    cells_of,
    normal_quantile_micro,
    steps_of,
)
from allstop.finding import Channel, ChipRange, Custody
from allstop.ids import Name
from allstop.ledger import Filed
from allstop.registry import Meter, TransferKind
from allstop.telemetry import Series
from allstop.times import HOUR_MS, Window
from allstop.verdict._facts import Facts, SeriesKey
from allstop.workload import Job

__all__ = ["Areas", "LotSize", "lot_sizes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LotSize:
    """A lot with the number of chips that counts, and the number that its operator registered."""

    chip_type: Name
    registered: int
    count: int


@dataclass(slots=True)
class Areas:
    """Balances of all sites, made when first asked for and kept.

    `distrusted` and `refused` are what the integrity rules took out. `splits` is over how many bounds
    the agreed false-alarm probability is divided.
    """

    facts: Facts
    distrusted: frozenset[SeriesKey]
    refused: frozenset[int]
    splits: int
    _balances: dict[tuple[Name, Window, int, Custody], AreaBalance] = field(default_factory=dict)
    _steps: dict[tuple[Name, Name], Steps | None] = field(default_factory=dict)

    def balance(
        self, site: Name, window: Window, *, liars: int, custody: Custody = Custody.SELF_REPORTED
    ) -> AreaBalance:
        """Return the balance of a site, with bounds from meters of at least this custody."""
        key = (site, window, liars, custody)
        if key not in self._balances:
            self._balances[key] = self._close(site, window, liars, custody)
        return self._balances[key]

    def jobs(self, site: Name) -> tuple[Filed[Job], ...]:
        """Declarations for a site that count, first of each name, in log order."""
        first: dict[Name, Filed[Job]] = {}
        for filed in self.facts.state.jobs:
            if filed.value.site == site and filed.entry not in self.refused:
                first.setdefault(filed.value.job, filed)
        return tuple(first.values())

    def _close(self, site: Name, window: Window, liars: int, custody: Custody) -> AreaBalance:
        sizes = lot_sizes(self.facts, site, window, self.jobs(site))
        jobs = [filed.value for filed in self.jobs(site) if filed.value.window.overlap_ms(window)]
        meters = {
            _view_name(filed): filed for filed in self.facts.meters.values() if filed.value.site == site
        }
        cells = cells_of(
            lots={lot: (size.chip_type, size.count) for lot, size in sizes.items()},
            covers={name: filed.value.covers for name, filed in meters.items()},
            uses={job.job: job.chips for job in jobs},
        )
        views = {name: self._view(filed, sizes, custody) for name, filed in meters.items()}
        z_micro = normal_quantile_micro(
            alpha_ppm=min(self.facts.agreement.verification.false_alarm_ppm, 499_999), splits=self.splits
        )
        accounts = []
        for cell in cells:
            given = self._input(cell, views, jobs)
            account = account_cell(given, window=window, liars=liars, z_micro=z_micro)
            accounts.append((account, given.peak_flop_per_second))
        return balance_of(
            site=site,
            window=window,
            liars=liars,
            cells=accounts,
            declared_flop={job.job: _share_of(job.operations.low, job.window, window) for job in jobs},
        )

    def _input(self, cell: Cell, views: Mapping[Name, MeterView], jobs: Sequence[Job]) -> CellInput:
        chip = self.facts.chip_type(cell.chip_type)
        return CellInput(
            cell=cell,
            peak_flop_per_second=chip.peak_flop_per_second,
            attojoule_per_flop=chip.joule_per_flop_min_attojoule,
            views=tuple(views[name] for name in cell.meters),
            jobs=tuple(JobUse(job=job.job, window=job.window) for job in jobs if job.job in cell.jobs),
        )

    def _view(self, filed: Filed[Meter], sizes: Mapping[Name, LotSize], custody: Custody) -> MeterView:
        meter = filed.value
        chips = floor = idle = unit = 0
        for lot, count in _covered(meter.covers, sizes):
            chip = self.facts.chip_type(sizes[lot].chip_type)
            chips += count
            floor += count * chip.floor_milliwatt
            idle += count * chip.idle_milliwatt
            unit += count * chip.unit_milliwatt
        if meter.channel is Channel.POWER:
            # A meter that is rated lower makes each watt accuse more; one rated higher clears nothing.
            unit = min(unit, meter.rated_milliwatt)
        return MeterView(
            meter=meter.meter,
            domain=filed.party,
            own=filed.party == self.facts.operators.get(meter.site),
            channel=meter.channel,
            covers=meter.covers,
            chips=max(chips, 1),
            floor_milliwatt=floor,
            idle_milliwatt=idle,
            unit_milliwatt=max(unit, idle + 1),
            random_ppm=meter.random_error_ppm,
            systematic_ppm=meter.systematic_error_ppm,
            steps=self._steps_of(filed),
            bounds=self.facts.custody_of(filed.party, meter.site) >= custody,
        )

    def _steps_of(self, filed: Filed[Meter]) -> Steps | None:
        key = (filed.party, filed.value.meter)
        if key not in self._steps:
            trusted = [
                held.series
                for held in self.facts.series
                if held.meter is not None
                and held.meter.entry == filed.entry
                and held.key not in self.distrusted
                and held.series is not None
                and len(held.series.t) > 0
            ]
            gap = min(self.facts.agreement.verification.gap_ms_max, HOUR_MS)
            self._steps[key] = (
                steps_of(_join(trusted), channel=filed.value.channel, gap_ms_max=gap) if trusted else None
            )
        return self._steps[key]


def lot_sizes(facts: Facts, site: Name, window: Window, jobs: Iterable[Filed[Job]]) -> Mapping[Name, LotSize]:
    """Return each lot of a site with the largest number of chips that any evidence names.

    Registered counts only ever grow. Chips that left count until their transfer or destruction is
    signed by the other side too, and then from the next window on. What a supplier says it delivered
    beyond the register stands as a lot of its own.
    """
    registered: dict[Name, tuple[Name, int]] = {}
    for filed in facts.state.chips:
        chips = filed.value
        if chips.site == site:
            kind, count = registered.get(chips.lot, (chips.chip_type, 0))
            registered[chips.lot] = (kind, max(count, chips.count))
    left, supplied = _transfers(facts, site, window)
    named: dict[Name, int] = {}
    ranges = [piece for filed in jobs for piece in filed.value.chips]
    ranges += [
        piece
        for filed in facts.meters.values()
        if _may_count(facts, filed, site)
        for piece in filed.value.covers
    ]
    for piece in ranges:
        named[piece.lot] = max(named.get(piece.lot, 0), piece.until)
    sizes = {}
    for lot in sorted(registered.keys() | named.keys()):
        kind, count = registered.get(lot, (Name("unknown"), 0))
        sizes[lot] = LotSize(
            chip_type=kind, registered=count, count=max(count - left.get(lot, 0), named.get(lot, 0))
        )
    by_type: dict[Name, int] = {}
    for size in sizes.values():
        by_type[size.chip_type] = by_type.get(size.chip_type, 0) + size.count
    for kind, count in sorted(supplied.items()):
        missing = count - by_type.get(kind, 0)
        if missing > 0:
            sizes[Name(f"supplied-{kind}")] = LotSize(chip_type=kind, registered=0, count=missing)
    return {lot: size for lot, size in sizes.items() if size.count > 0}


def _may_count(facts: Facts, filed: Filed[Meter], site: Name) -> bool:
    """Tell whether a meter's chips count as seen at a site: its operator's own, or a verifier's.

    A rival that registers a meter over chips that do not exist must not inflate a site's capacity.
    """
    custody = facts.custody_of(filed.party, site)
    return filed.value.site == site and custody is not Custody.COUNTERPARTY


def _transfers(facts: Facts, site: Name, window: Window) -> tuple[dict[Name, int], dict[Name, int]]:
    """Return chips that left, by lot, and chips that others say they delivered, by type."""
    left: dict[Name, int] = {}
    supplied: dict[Name, int] = {}
    operator = facts.operators.get(site)
    for filed in facts.state.transfers:
        move = filed.value
        if move.from_site == site and filed.not_after <= window.start and operator in filed.signers:
            if move.kind is TransferKind.DESTRUCTION:
                witness = any(facts.custody_of(who, site) is Custody.VERIFIER_OWNED for who in filed.signers)
            else:
                taker = None if move.to_site is None else facts.operators.get(move.to_site)
                witness = taker is not None and taker != operator and taker in filed.signers
            if witness:
                left[move.lot] = left.get(move.lot, 0) + move.count
        if move.to_site == site and filed.party != operator:
            supplied[move.chip_type] = supplied.get(move.chip_type, 0) + move.count
    return left, supplied


def _covered(covers: Sequence[ChipRange], sizes: Mapping[Name, LotSize]) -> list[tuple[Name, int]]:
    return [(piece.lot, piece.count) for piece in covers if piece.lot in sizes]


def _view_name(filed: Filed[Meter]) -> Name:
    return Name(f"{filed.party}/{filed.value.meter}")


def _join(parts: Sequence[Series]) -> Series:
    """Join series of one meter, which do not overlap, in order of time."""
    ordered = sorted(parts, key=lambda series: int(series.t[0]))
    return Series(
        t=np.concatenate([series.t for series in ordered]),
        v=np.concatenate([series.v for series in ordered]),
        epoch=np.concatenate([series.epoch for series in ordered]),
    )


def _share_of(flop: int, job: Window, window: Window) -> int:
    """Return the part of a job's operations that falls into a window, by time, rounded down."""
    return flop * job.overlap_ms(window) // job.duration_ms
