"""Facts: what a judgement rests on, gathered once: state, agreement, reference table, readings held.

Reading a blob can end in three ways, and none of them is an exception: held, not held, or unreadable.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from allstop.agreement import Agreement
from allstop.errors import AllstopError, NotFoundError
from allstop.finding import Custody
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.registry import ChipTable, ChipType, Meter, Site
from allstop.telemetry import Measurement, Series, SeriesClaim, SeriesReader

__all__ = ["Facts", "HeldSeries", "SeriesKey", "gather_facts"]


@dataclass(frozen=True, slots=True, order=True)
class SeriesKey:
    """Which readings: the log entry of the measurement, and the position of the series in it."""

    entry: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSeries:
    """One claimed series and what was found of it.

    `meter` is the filer's own registration of the meter, None where it never registered one. `series`
    is None where the blob is not held (`problem` None) or cannot be read (`problem` says why).
    """

    key: SeriesKey
    filed: Filed[Measurement]
    claim: SeriesClaim
    meter: Filed[Meter] | None
    series: Series | None
    problem: str | None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything a rule may look at. `series` is in log order, then by position.

    `is_timely` says that lateness counts: it does not in a retrospective.
    """

    agreement: Agreement
    table: ChipTable
    state: State
    series: tuple[HeldSeries, ...]
    is_timely: bool

    @cached_property
    def operators(self) -> Mapping[Name, Name]:
        """Operator of each declared site."""
        return {filed.value.site: filed.value.operator for filed in reversed(self.state.sites)}

    @cached_property
    def sites(self) -> tuple[Filed[Site], ...]:
        """First declaration of each site, by name."""
        first: dict[Name, Filed[Site]] = {}
        for filed in self.state.sites:
            first.setdefault(filed.value.site, filed)
        return tuple(first[name] for name in sorted(first))

    @cached_property
    def meters(self) -> Mapping[tuple[Name, Name], Filed[Meter]]:
        """First registration of each meter, by filer and name."""
        return _first_meters(self.state)

    def chip_type_of(self, site: Name, lot: Name) -> ChipType:
        """Return the type of a lot as first registered; for an unknown one the fastest of the table."""
        filed = next(
            (one for one in self.state.chips if (one.value.site, one.value.lot) == (site, lot)), None
        )
        return self.chip_type(filed.value.chip_type if filed is not None else Name("unknown"))

    def chip_type(self, chip_type: Name) -> ChipType:
        """Return a type of the reference table; for an unknown one the fastest, its worst case."""
        known = self.table.find_type(chip_type)
        if known is not None:
            return known
        return max(self.table.chips, key=lambda chip: (chip.peak_flop_per_second, chip.id))

    def custody_of(self, filer: Name, site: Name) -> Custody:
        """Return in whose hands readings by `filer` about `site` were; nobody may claim better."""
        if filer == self.operators.get(site):
            return Custody.SELF_REPORTED
        kind = next((party.kind.value for party in self.agreement.parties if party.id == filer), None)
        return Custody.VERIFIER_OWNED if kind == "verifier" else Custody.COUNTERPARTY


def gather_facts(
    *,
    agreement: Agreement,
    table: ChipTable,
    state: State,
    reader: SeriesReader,
    held: Collection[Digest],
    is_timely: bool,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> Facts:
    """Read every series that the log claims and the case holds; `held` are the blobs it holds.

    `tick(done, total)` is told after each series, so that a door can show progress.
    """
    meters = _first_meters(state)
    claims = [
        (filed, position, claim)
        for filed in state.measurements
        for position, claim in enumerate(filed.value.series)
    ]
    found = []
    for done, (filed, position, claim) in enumerate(claims, start=1):
        series, problem = _read(reader, claim, held)
        found.append(
            HeldSeries(
                key=SeriesKey(filed.entry, position),
                filed=filed,
                claim=claim,
                meter=meters.get((filed.party, claim.meter)),
                series=series,
                problem=problem,
            )
        )
        tick(done, len(claims))
    return Facts(agreement=agreement, table=table, state=state, series=tuple(found), is_timely=is_timely)


def _read(
    reader: SeriesReader, claim: SeriesClaim, held: Collection[Digest]
) -> tuple[Series | None, str | None]:
    try:
        return reader.read(claim.blob, row=claim.row, count_max=claim.count), None
    except NotFoundError as exc:
        # A blob that is held and lacks the series is a false claim; one that is not held is nobody's.
        return None, exc.message if claim.blob in held else None
    except AllstopError as exc:
        return None, exc.message


def _first_meters(state: State) -> Mapping[tuple[Name, Name], Filed[Meter]]:
    first: dict[tuple[Name, Name], Filed[Meter]] = {}
    for filed in state.meters:
        first.setdefault((filed.party, filed.value.meter), filed)
    return first
