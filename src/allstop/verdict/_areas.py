"""Areas: from facts to the balance of each site in each period (spec/balance.md sections 1 and 5).

The number of chips is the largest that anything on the log names: fewer on the register never helps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from allstop.accountancy import (
    AreaBalance,
    Cell,
    CellAccount,
    CellInput,
    ChipPower,
    JobCredit,
    JobUse,
    MeterView,
    Steps,
    account_cell,
    balance_of,
    caught_share_ppb,
    cells_of,
    normal_quantile_micro,
    steps_of,
)
from allstop.finding import Channel, ChipRange, Custody
from allstop.halting import ClosedSite
from allstop.ids import Name
from allstop.ledger import Filed
from allstop.registry import Chips, Meter, Transfer, TransferKind
from allstop.times import Window
from allstop.units import PPM
from allstop.verdict._facts import UNKNOWN_TYPE, Facts, SeriesKey
from allstop.verdict._replays import Replayed, by_job, passed_within
from allstop.workload import Job

__all__ = ["Areas", "LotSize", "lot_sizes"]

NS_PER_MS = 1_000_000


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
    the agreed false-alarm probability is divided. `replays` are the transcripts that count, by site and job.
    """

    facts: Facts
    distrusted: frozenset[SeriesKey]
    refused: frozenset[int]
    splits: int
    replays: Mapping[tuple[Name, Name], tuple[Replayed, ...]] = field(default_factory=dict)
    _balances: dict[tuple[Name, Window, int, Custody], AreaBalance] = field(default_factory=dict)
    _steps: dict[tuple[int, frozenset[SeriesKey]], tuple[Steps | None, tuple[Window, ...]]] = field(
        default_factory=dict
    )
    _jobs: dict[Name, tuple[Filed[Job], ...]] = field(default_factory=dict)

    def with_replays(self, replays: Sequence[Replayed]) -> "Areas":
        """Return areas that credit what these transcripts show."""
        return Areas(
            facts=self.facts,
            distrusted=self.distrusted,
            refused=self.refused,
            splits=self.splits,
            replays=by_job(replays),
        )

    def balance(
        self,
        site: Name,
        window: Window,
        *,
        liars: int,
        custody: Custody = Custody.SELF_REPORTED,
        of: Window | None = None,
    ) -> AreaBalance:
        """Return the balance of a site, with bounds from meters of at least this custody.

        `of` is the period that `window` is a part of: what came too late for it counts in no part of it.
        """
        key = (site, window, liars, custody)
        if key not in self._balances:
            self._balances[key] = self._close(site, window, liars, custody, of or window)
        return self._balances[key]

    def jobs(self, site: Name) -> tuple[Filed[Job], ...]:
        """Declarations for a site that count, first of each name, in log order."""
        if site not in self._jobs:
            first: dict[Name, Filed[Job]] = {}
            for filed in self.facts.state.jobs:
                if filed.value.site == site and filed.entry not in self.refused:
                    first.setdefault(filed.value.job, filed)
            self._jobs[site] = tuple(first.values())
        return self._jobs[site]

    def part(
        self, site: Name, window: Window, *, of: Window, custody: Custody = Custody.SELF_REPORTED
    ) -> AreaBalance:
        """Return the balance of a part of the period `of`, without room and replay: for pictures."""
        liars = self.facts.agreement.verification.liars
        return self._close(site, window, liars, custody, of, is_picture=True)

    def credit(self, filed: Filed[Job], window: Window) -> JobCredit | None:
        """Return what replay shows of a job in a period, None where it has no transcripts."""
        terms, replays = (
            self.facts.agreement.replay,
            self.replays.get((filed.value.site, filed.value.job), ()),
        )
        if terms is None or not replays:
            return None
        passed = passed_within(replays, window)
        low = sum(one.proven_items * one.item_ns[0] for one in passed if one.item_ns is not None)
        share = None
        if len(passed) == len([one for one in replays if one.window.overlap_ms(window)]) and _covers(
            passed, filed.value.window, window
        ):
            share = caught_share_ppb(
                sample=min(one.sample for one in passed),
                miss_ppm=PPM - self.facts.agreement.verification.detection_probability_ppm,
                timing_error_ppm=terms.timing_error_ppm,
            )
        return JobCredit(
            flop=sum(one.proven_flop for one in passed),
            explained_low_chip_ms=low // NS_PER_MS,
            explained_high_chip_ms=_explained_high_ms(filed.value, replays, window),
            caught_ppb=share,
            timing_error_ppm=terms.timing_error_ppm,
        )

    def _close(
        self,
        site: Name,
        window: Window,
        liars: int,
        custody: Custody,
        period: Window,
        *,
        is_picture: bool = False,
    ) -> AreaBalance:
        sizes = lot_sizes(self.facts, site, window, self.jobs(site))
        counted = [
            filed
            for filed in self.jobs(site)
            if filed.value.window.overlap_ms(window) and not self.facts.is_late(filed, period)
        ]
        jobs = [filed.value for filed in counted]
        found = {} if is_picture else {filed.value.job: self.credit(filed, window) for filed in counted}
        credits = {job: credit for job, credit in found.items() if credit is not None}
        meters = {_view_name(filed): filed for filed in self.facts.meters_at(site)}
        lots = {lot: (size.chip_type, size.count) for lot, size in sizes.items()}
        covers = {name: filed.value.covers for name, filed in meters.items()}
        views = {name: self._view(filed, sizes, period, custody) for name, filed in meters.items()}
        z_micro = normal_quantile_micro(
            alpha_ppm=min(self.facts.agreement.verification.false_alarm_ppm, 499_999), splits=self.splits
        )

        place = {job.job: position for position, job in enumerate(jobs)}

        made: dict[Cell, CellAccount] = {}

        def account(cell: Cell) -> CellAccount:
            # Chips that no job uses are the same cell whether or not jobs cut.
            if cell not in made:
                used = [jobs[position] for position in sorted(place[name] for name in cell.jobs)]
                given = self._input(cell, views, used)
                made[cell] = account_cell(given, window=window, liars=liars, z_micro=z_micro)
            return made[cell]

        cells = cells_of(lots=lots, covers=covers, uses={job.job: job.chips for job in jobs})
        wholes = () if is_picture else cells_of(lots=lots, covers=covers, uses={})
        return balance_of(
            site=site,
            window=window,
            liars=liars,
            cells=[
                (account(cell), self.facts.chip_type(cell.chip_type).peak_flop_per_second) for cell in cells
            ],
            wholes=[account(cell) for cell in wholes],
            declared_flop={job.job: _share_of(job.operations.low, job.window, window) for job in jobs},
            credits=credits,
        )

    def _input(self, cell: Cell, views: Mapping[Name, MeterView], jobs: Sequence[Job]) -> CellInput:
        chip = self.facts.chip_type(cell.chip_type)
        return CellInput(
            cell=cell,
            chip=ChipPower(
                peak_flop_per_second=chip.peak_flop_per_second,
                attojoule_per_flop=chip.joule_per_flop_min_attojoule,
                floor_milliwatt=chip.floor_milliwatt,
            ),
            views=tuple(views[name] for name in cell.meters),
            jobs=tuple(JobUse(job=job.job, window=job.window) for job in jobs),
        )

    def _view(
        self, filed: Filed[Meter], sizes: Mapping[Name, LotSize], window: Window, custody: Custody
    ) -> MeterView:
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
        steps, missing = self._read(filed, window)
        return MeterView(
            meter=meter.meter,
            domain=self.facts.domain_of(filed.party),
            own=self.facts.is_own(filed.party, meter.site),
            channel=meter.channel,
            covers=meter.covers,
            chips=max(chips, 1),
            floor_milliwatt=floor,
            idle_milliwatt=idle,
            unit_milliwatt=max(unit, idle + 1),
            random_ppm=meter.random_error_ppm,
            systematic_ppm=meter.systematic_error_ppm,
            steps=steps,
            missing=missing,
            bounds=self.facts.custody_of(filed.party, meter.site) >= custody,
        )

    def _read(self, filed: Filed[Meter], window: Window) -> tuple[Steps | None, tuple[Window, ...]]:
        """Return what a meter shows, and when it has readings that are not held or not believed."""
        series = self.facts.series_of(filed)
        late = frozenset(held.key for held in series if self.facts.is_late(held.filed, window))
        key = (filed.entry, late)
        if key not in self._steps:
            trusted, missing = [], []
            for held in series:
                if held.series is not None and held.key not in self.distrusted and held.key not in late:
                    trusted.append(held.series)
                elif held.claim.first < held.claim.last:
                    missing.append(Window(start=held.claim.first, end=held.claim.last))
            gap = self.facts.agreement.verification.gap_ms_max
            steps = steps_of(trusted, channel=filed.value.channel, gap_ms_max=gap) if trusted else None
            self._steps[key] = (steps, tuple(missing))
        return self._steps[key]


def lot_sizes(facts: Facts, site: Name, window: Window, jobs: Iterable[Filed[Job]]) -> Mapping[Name, LotSize]:
    """Return each lot of a site with the largest number of chips that any evidence names.

    Registered counts only ever grow, and a lot registered under two types counts as the worst of
    both. Chips
    that left count until their transfer or destruction is signed by the other side too, and then from the
    next window on; chips that came count where they went. What a supplier says it delivered beyond the
    register stands as a lot of its own, and so does what a closed site says it holds (spec/halting.md section 6).
    """
    stated, left = _stated(facts, site, window)
    registered = _registered(facts, site)
    named = _named(facts, site, jobs)
    sizes: dict[Name, LotSize] = {}
    gross: dict[Name, int] = {}
    for lot in sorted(stated.keys() | named.keys()):
        kind, count = stated.get(lot, (UNKNOWN_TYPE, 0))
        gross[kind] = gross.get(kind, 0) + max(count, named.get(lot, 0))
        sizes[lot] = LotSize(
            chip_type=kind,
            registered=registered.get(lot, 0),
            count=max(count - left.get(lot, 0), named.get(lot, 0)),
        )
    supplied, closed = _supplied(facts, site), _closed(facts, site)
    for kind in sorted({*supplied, *closed}):
        missing = max(supplied.get(kind, 0), closed.get(kind, 0)) - gross.get(kind, 0)
        if missing > 0:
            source = "supplied" if kind in supplied else "closed"
            sizes[_spare_name(f"{source}-{kind}", sizes)] = LotSize(
                chip_type=kind, registered=0, count=missing
            )
    return {lot: size for lot, size in sizes.items() if size.count > 0}


def _spare_name(wanted: str, taken: Iterable[Name]) -> Name:
    """Return a name that nobody registered, so that no lot of the register hides one of ours."""
    name = Name(wanted)
    while name in taken:
        name = Name(f"{name}-")
    return name


def _registered(facts: Facts, site: Name) -> dict[Name, int]:
    """Return the largest count under which each lot was registered."""
    found: dict[Name, int] = {}
    for filed in facts.state.chips:
        if filed.value.site == site:
            found[filed.value.lot] = max(found.get(filed.value.lot, 0), filed.value.count)
    return found


def _named(facts: Facts, site: Name, jobs: Iterable[Filed[Job]]) -> dict[Name, int]:
    """Return how many chips of each lot the operator's jobs and meters name, or a verifier's meters.

    A rival that registers a meter over chips that do not exist must not inflate a site's capacity.
    """
    pieces = [piece for filed in jobs for piece in filed.value.chips]
    for meter in facts.meters_at(site):
        if facts.custody_of(meter.party, site) is not Custody.COUNTERPARTY:
            pieces += meter.value.covers
    named: dict[Name, int] = {}
    for piece in pieces:
        named[piece.lot] = max(named.get(piece.lot, 0), piece.until)
    return named


def _stated(facts: Facts, site: Name, window: Window) -> tuple[dict[Name, tuple[Name, int]], dict[Name, int]]:
    """Return type and number of each lot's chips, registered or come, and how many had left before the window.

    Chips that come add to those that were there: with a lot of the same name to vanish into, none would. A
    lot that is registered after they came may count them among its own. Chips that come back never left.
    """
    moves = [filed for filed in facts.state.transfers if filed.value.kind is not TransferKind.SUPPLY]
    came = [filed for filed in moves if filed.value.to_site == site and _is_from_an_end(facts, filed)]
    here = [filed for filed in facts.state.chips if filed.value.site == site]
    arrived: list[Filed[Chips] | Filed[Transfer]] = [*here, *came]
    kinds: dict[Name, Name] = {}
    for filed in arrived:
        lot, kind = filed.value.lot, filed.value.chip_type
        # A rival that sends a chip of another type must not change what the meters here are held to.
        if lot not in kinds or facts.operators.get(site) in filed.signers:
            kinds[lot] = facts.join_types(kinds.get(lot, kind), kind)
    # Under another type than the lot's, fast chips would leave and slow ones arrive.
    gone = [
        move
        for move in moves
        if move.value.from_site == site
        and kinds.get(move.value.lot) == move.value.chip_type
        and _is_attested(facts, move, site)
    ]
    counts = dict.fromkeys(kinds, 0)
    away, left = dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0)
    for filed in sorted((*arrived, *gone), key=lambda filed: filed.entry):
        lot, count = filed.value.lot, filed.value.count
        if isinstance(filed.value, Chips):
            counts[lot] = max(counts[lot], count)
        elif filed.value.from_site == site:
            away[lot] += count
            left[lot] += count if filed.not_after <= window.start else 0
        else:
            back = min(count, away[lot])
            counts[lot] += count - back
            away[lot], left[lot] = away[lot] - back, max(0, left[lot] - back)
    return {lot: (kind, counts[lot]) for lot, kind in kinds.items()}, left


def _is_from_an_end(facts: Facts, filed: Filed[Transfer]) -> bool:
    """Tell whether who says that chips moved runs one of the two sites."""
    ends = (filed.value.from_site, filed.value.to_site)
    return any(site is not None and facts.operators.get(site) == filed.party for site in ends)


def _supplied(facts: Facts, site: Name) -> dict[Name, int]:
    """Return how many chips of each type others say that they supplied."""
    supplied: dict[Name, int] = {}
    for filed in facts.state.transfers:
        move = filed.value
        if move.kind is TransferKind.SUPPLY and move.to_site == site and not facts.is_own(filed.party, site):
            supplied[move.chip_type] = supplied.get(move.chip_type, 0) + move.count
    return supplied


def _closed(facts: Facts, site: Name) -> dict[Name, int]:
    """Return how many chips of each type the operator's side says that a closed site holds, at most.

    A second statement may raise a number and lowers none; a rival must not give a site chips that it has not.
    """
    found: dict[Name, int] = {}
    for filed in facts.state.of(ClosedSite):
        if filed.value.site == site and facts.is_own(filed.party, site):
            for kind, count in filed.value.capacity:
                found[kind] = max(found.get(kind, 0), count)
    return found


def _is_attested(facts: Facts, filed: Filed[Transfer], site: Name) -> bool:
    """Tell whether chips left by the word of all who must sign.

    For chips destroyed a verifier; for chips moved the operator of the other site, which some clause must
    bind, or the chips would leave the accounts altogether. Another party in the operator's own trust domain
    would be no second word; the operator itself needs none, since the chips stay in its accounts.
    """
    operator, move = facts.operators.get(site), filed.value
    if operator not in filed.signers or filed.party in facts.state.distrusted:
        return False
    if move.kind is TransferKind.DESTRUCTION:
        return any(facts.custody_of(who, site) is Custody.VERIFIER_OWNED for who in filed.signers)
    taker = None if move.to_site is None else facts.operators.get(move.to_site)
    if taker is None or taker not in filed.signers:
        return False
    if taker != operator and facts.is_own(taker, site):
        return False
    return any(taker in obligation.parties for obligation in facts.clauses)


def _covered(covers: Sequence[ChipRange], sizes: Mapping[Name, LotSize]) -> list[tuple[Name, int]]:
    return [(piece.lot, piece.count) for piece in covers if piece.lot in sizes]


def _view_name(filed: Filed[Meter]) -> Name:
    return Name(f"{filed.party}/{filed.value.meter}")


def _covers(replays: Sequence[Replayed], job: Window, period: Window) -> bool:
    """Tell whether transcripts leave none of a job's time within a period out."""
    reached, end = max(job.start, period.start), min(job.end, period.end)
    for one in sorted(replays, key=lambda one: one.window.start):
        if one.window.start > reached:
            return False
        reached = max(reached, one.window.end)
    return reached >= end


def _explained_high_ms(job: Job, replays: Sequence[Replayed], window: Window) -> int | None:
    """Return the most chip-time that all declared operations take; None where it is not established.

    Activity beyond it accuses, so everything that might explain it counts: every item of every transcript that
    touches the window, forged or not. Operations that no transcript shows might take any time.
    """
    if sum(one.claimed_flop for one in replays) < job.operations.high:
        return None
    total = 0
    for one in replays:
        if one.item_ns is None:
            return None
        total += one.filed.value.count * one.item_ns[1] if one.window.overlap_ms(window) else 0
    return -(-total // NS_PER_MS)


def _share_of(flop: int, job: Window, window: Window) -> int:
    """Return the part of a job's operations that falls into a window, by time, rounded down."""
    return flop * job.overlap_ms(window) // job.duration_ms
