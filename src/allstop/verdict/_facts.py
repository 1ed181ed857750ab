"""Facts: what a judgement rests on, gathered once: state, agreement, reference table, readings held.

Reading a blob can end in three ways, and none of them is an exception: held, not held, or unreadable.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from allstop.agreement import Agreement, Obligation, ObligationKind, PartyKind, Relation
from allstop.errors import AllstopError, NotFoundError
from allstop.finding import Custody
from allstop.halting import ClosedSite
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.registry import Chips, ChipTable, ChipType, Meter, Site
from allstop.standing import Standing
from allstop.telemetry import MEASUREMENT_PREDICATE, Measurement, Series, SeriesClaim, SeriesReader
from allstop.times import INSTANT_MS_MAX, Instant, Window
from allstop.workload import Job

__all__ = ["Facts", "HeldSeries", "SeriesKey", "gather_facts"]


END_OF_TIME = Instant(INSTANT_MS_MAX)

_CONTROL = (Relation.OWNS, Relation.OPERATES, Relation.RESPONSIBLE_FOR)
"""Edges along which one party can make another say what it wants; a tenant that rents is not one."""

UNKNOWN_TYPE = Name("unknown")
"""Type of chips that no register names: unless the table has it, the worst of all."""


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

    `in_force_from` is when the agreement began to bind, None if it has not: lateness counts only for periods
    that begin after it, so not in a retrospective. `standing` is where the agreement stands.
    """

    agreement: Agreement
    table: ChipTable
    state: State
    series: tuple[HeldSeries, ...]
    in_force_from: Instant | None
    standing: Standing | None = None
    is_retrospective: bool = True

    @cached_property
    def adopted(self) -> Mapping[Name, tuple[Instant, ...]]:
        """When motions were adopted, by name."""
        found: dict[Name, tuple[Instant, ...]] = {}
        for name, at in () if self.standing is None else self.standing.adopted:
            found[name] = (*found.get(name, ()), at)
        return found

    @cached_property
    def phases(self) -> tuple[tuple[Name, Window], ...]:
        """Each phase that came about and when it ran, oldest first; the last runs on."""
        spans = () if self.standing is None else self.standing.spans
        return tuple(
            (span.phase, Window(start=span.start, end=span.until or END_OF_TIME))
            for span in spans
            if span.start < (span.until or END_OF_TIME)
        )

    @cached_property
    def clauses(self) -> tuple[Obligation, ...]:
        """Every clause of every text that has been in force, the newest text first."""
        texts = () if self.standing is None else self.standing.convening.texts
        found = [clause for text in reversed(texts) for clause in text.agreement.obligations]
        return tuple(dict.fromkeys(found or self.agreement.obligations))

    def held_span(self, party: Name, clause: str) -> Window | None:
        """Return when a clause binds a party: from its own entry until it has left or the agreement has ended, for
        good where it survives.

        In a retrospective nobody is bound and everybody is judged. None: it never bound the party.
        """
        always = Window(start=Instant(0), end=END_OF_TIME)
        if self.standing is None or self.is_retrospective or self.in_force_from is None:
            return always
        stands = self.standing.binding.party(party)
        if stands is None or stands.bound_from is None or clause in stands.reservations:
            return None
        leaving = self.agreement.leaving
        survives = leaving is not None and clause in leaving.survives
        end = None if survives else self.standing.bound_until(party)
        if end is not None and end <= stands.bound_from:
            return None
        return Window(start=stands.bound_from, end=end or END_OF_TIME)

    @property
    def drain_ms(self) -> int:
        """How long machines may drain after a *halt* begins to apply."""
        return 0 if self.agreement.halt is None else self.agreement.halt.drain_ms

    def spans_of(self, obligation: Obligation) -> tuple[Window, ...]:
        """Return when a clause applies: in the phases that it names, or from entry into force on."""
        if not obligation.phases:
            start = self.in_force_from
            return () if start is None or start >= END_OF_TIME else (Window(start=start, end=END_OF_TIME),)
        return tuple(window for phase, window in self.phases if phase in obligation.phases)

    def is_timely(self, window: Window) -> bool:
        """Tell whether lateness counts for a period."""
        return self.in_force_from is not None and self.in_force_from <= window.start

    @cached_property
    def job_allowed_ms(self) -> int | None:
        """The longest time that a *declare* clause allows after a period, None if none says."""
        return self._allowed_ms(lambda clause: clause.kind is ObligationKind.DECLARE)

    @cached_property
    def series_allowed_ms(self) -> int | None:
        """The longest time after a period that a clause allows for measurements, None if none says."""
        return self._allowed_ms(lambda clause: MEASUREMENT_PREDICATE.name in clause.evidence)

    def _allowed_ms(self, picks: Callable[[Obligation], bool]) -> int | None:
        chosen = [clause.timeliness_ms for clause in self.clauses if picks(clause)]
        if not chosen or None in chosen:
            return None
        return max(allowed for allowed in chosen if allowed is not None)

    def is_late(self, filed: Filed[Job] | Filed[Measurement], window: Window) -> bool:
        """Tell whether a declaration, or readings of an operator's own meters, came too late for a period.

        Period by period: whoever could choose a window that ends today could otherwise declare the whole
        year after the fact.
        """
        if isinstance(filed.value, Job):
            allowed = self.job_allowed_ms
        else:
            allowed = self.series_allowed_ms if self.is_own(filed.party, filed.value.site) else None
        return (
            allowed is not None
            and self.is_timely(window)
            and filed.value.window.overlap_ms(window) > 0
            and filed.not_after.ms > window.end.ms + allowed
        )

    @cached_property
    def operators(self) -> Mapping[Name, Name]:
        """Operator of each site."""
        return {filed.value.site: filed.value.operator for filed in self.sites}

    @cached_property
    def sites(self) -> tuple[Filed[Site], ...]:
        """Each site that anything names, by name: its first declaration, or what first names it.

        Whoever files about a site that nobody declared answers for it; that it is not declared is missing
        evidence (`undeclared_sites`), not a reason to leave its chips out of the accounts.
        """
        first: dict[Name, Filed[Site]] = {}
        for filed in self.state.sites:
            first.setdefault(filed.value.site, filed)
        closed = self.state.of(ClosedSite)
        for named in (self.state.chips, self.state.jobs, self.state.meters, self.state.measurements, closed):
            for other in named:
                first.setdefault(other.value.site, _implied_site(other))
        return tuple(first[name] for name in sorted(first))

    def undeclared_sites(self, party: Name) -> tuple[Name, ...]:
        """Return the sites for which a party answers although nobody declared them."""
        declared = {filed.value.site for filed in self.state.sites}
        return tuple(
            site for site, operator in self.operators.items() if operator == party and site not in declared
        )

    @cached_property
    def meters(self) -> Mapping[tuple[Name, Name], Filed[Meter]]:
        """First registration of each meter, by filer and name."""
        return _first_meters(self.state)

    @cached_property
    def _meters_by_site(self) -> Mapping[Name, tuple[Filed[Meter], ...]]:
        found: dict[Name, list[Filed[Meter]]] = {}
        for filed in self.meters.values():
            found.setdefault(filed.value.site, []).append(filed)
        return {site: tuple(meters) for site, meters in found.items()}

    def meters_at(self, site: Name) -> tuple[Filed[Meter], ...]:
        """Return the meters that anybody has registered at a site."""
        return self._meters_by_site.get(site, ())

    @cached_property
    def _series_by_meter(self) -> Mapping[int, tuple[HeldSeries, ...]]:
        found: dict[int, list[HeldSeries]] = {}
        for held in self.series:
            if held.meter is not None:
                found.setdefault(held.meter.entry, []).append(held)
        return {entry: tuple(series) for entry, series in found.items()}

    def series_of(self, meter: Filed[Meter]) -> tuple[HeldSeries, ...]:
        """Return the series that the meter's filer claims of it, in log order."""
        return self._series_by_meter.get(meter.entry, ())

    @cached_property
    def _types(self) -> Mapping[tuple[Name, Name], Name]:
        found: dict[tuple[Name, Name], Name] = {}
        for filed in self.state.chips:
            key = (filed.value.site, filed.value.lot)
            found[key] = self.join_types(found.get(key, filed.value.chip_type), filed.value.chip_type)
        return found

    def chip_type_of(self, site: Name, lot: Name) -> ChipType:
        """Return the type of a lot, the worst of those it was registered under; of an unknown lot the worst of all."""
        return self.chip_type(self._types.get((site, lot), UNKNOWN_TYPE))

    @cached_property
    def _chip_types(self) -> Mapping[Name, ChipType]:
        return {chip.id: chip for chip in self.table.chips}

    def chip_type(self, chip_type: Name) -> ChipType:
        """Return a type of the reference table.

        For an unknown one the worst that the table allows; for several joined by `join_types` the worst
        of them.
        """
        known = self._chip_types.get(chip_type)
        if known is not None:
            return known
        parts = [self._chip_types.get(Name(part)) for part in chip_type.split("+")]
        return _worst_of([part for part in parts if part is not None and len(parts) > 1] or self.table.chips)

    def join_types(self, one: Name, other: Name) -> Name:
        """Return the type of a lot that was filed under two.

        Who registers a lot again under another type must gain nothing by any figure of either: it counts as
        fast, as frugal and as hard to see as the worst of them. No filed name has a plus sign.
        """
        if UNKNOWN_TYPE in (one, other):
            return UNKNOWN_TYPE
        return Name("+".join(sorted({*one.split("+"), *other.split("+")})))

    @cached_property
    def _domains(self) -> Mapping[Name, Name]:
        domain = {party.id: party.id for party in self.agreement.parties}
        for edge in self.agreement.edges:
            if edge.relation in _CONTROL:
                one, other = sorted((domain[edge.source], domain[edge.target]))
                domain = {party: one if head == other else head for party, head in domain.items()}
        return domain

    def domain_of(self, party: Name) -> Name:
        """Return the trust domain of a party: all that own, operate or answer for one another are one."""
        return self._domains.get(party, party)

    def is_own(self, party: Name, site: Name) -> bool:
        """Tell whether a party is in the trust domain of the site's operator."""
        operator = self.operators.get(site)
        return operator is not None and self.domain_of(party) == self.domain_of(operator)

    @cached_property
    def _kinds(self) -> Mapping[Name, PartyKind]:
        return {party.id: party.kind for party in self.agreement.parties}

    def custody_of(self, filer: Name, site: Name) -> Custody:
        """Return in whose hands readings by `filer` about `site` were; nobody may claim better."""
        if self.is_own(filer, site):
            return Custody.SELF_REPORTED
        is_verifier = self._kinds.get(filer) is PartyKind.VERIFIER
        return Custody.VERIFIER_OWNED if is_verifier else Custody.COUNTERPARTY


def gather_facts(
    *,
    agreement: Agreement,
    table: ChipTable,
    state: State,
    reader: SeriesReader,
    held: Collection[Digest],
    in_force_from: Instant | None,
    standing: Standing | None = None,
    is_retrospective: bool = True,
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
    return Facts(
        agreement=agreement,
        table=table,
        state=state,
        series=tuple(found),
        in_force_from=in_force_from,
        standing=standing,
        is_retrospective=is_retrospective,
    )


def _implied_site(
    filed: Filed[Chips] | Filed[Job] | Filed[Meter] | Filed[Measurement] | Filed[ClosedSite],
) -> Filed[Site]:
    return Filed(
        value=Site(site=filed.value.site, operator=filed.party, note=""),
        entry=filed.entry,
        digest=filed.digest,
        party=filed.party,
        sequence=filed.sequence,
        signers=filed.signers,
        not_before=filed.not_before,
        not_after=filed.not_after,
    )


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


def _worst_of(chips: Sequence[ChipType]) -> ChipType:
    """Return a chip that is as fast, as frugal and as hard to see as any of these."""
    fastest = max(chips, key=lambda chip: (chip.peak_flop_per_second, chip.id))
    return replace(
        fastest,
        floor_milliwatt=min(chip.floor_milliwatt for chip in chips),
        idle_milliwatt=min(chip.idle_milliwatt for chip in chips),
        unit_milliwatt=max(chip.unit_milliwatt for chip in chips),
        joule_per_flop_min_attojoule=min(chip.joule_per_flop_min_attojoule for chip in chips),
    )
