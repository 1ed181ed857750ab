"""Hypothesis strategies for the values that facts are made of."""

from hypothesis import strategies as st

from allstop.finding import NUMBER_FORMATS, Channel, ChipRange, CountingRule, Grade
from allstop.ids import Digest, Name
from allstop.registry import Chips, ChipType, Meter, Site, Source, Transfer, TransferKind
from allstop.telemetry import Measurement, PeriodClose, SeriesClaim
from allstop.times import INSTANT_MS_MAX, Instant, Window
from allstop.units import QUANTITY_MAX, Quantity, Unit
from allstop.workload import Formula, Job, JobKind, Purpose, operations_of

names = st.from_regex(r"[a-z0-9]([a-z0-9._-]{0,8}[a-z0-9])?", fullmatch=True).map(Name)
digests = st.binary(min_size=32, max_size=32).map(lambda data: Digest(data.hex()))
instants = st.integers(0, INSTANT_MS_MAX).map(Instant)
windows = (
    st.tuples(instants, instants)
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: Window(start=min(pair), end=max(pair)))
)
notes = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
counts = st.integers(1, 10**9)


@st.composite
def chip_ranges(draw: st.DrawFn, min_size: int = 0) -> tuple[ChipRange, ...]:
    """Draw disjoint chip ranges of a few lots, in any order."""
    ranges = []
    for lot in draw(st.lists(names, min_size=min_size, max_size=3, unique=True)):
        cuts = sorted(draw(st.sets(st.integers(0, 10_000), min_size=2, max_size=5)))
        ranges += [
            ChipRange(lot=lot, first=a, until=b) for a, b in zip(cuts[:-1:2], cuts[1::2], strict=False)
        ]
    return tuple(draw(st.permutations(ranges)))


@st.composite
def quantities(draw: st.DrawFn, unit: Unit, high: int = QUANTITY_MAX) -> Quantity:
    """Draw a quantity of this unit."""
    bounds = sorted(draw(st.tuples(st.integers(0, high), st.integers(0, high))))
    return Quantity(low=bounds[0], high=bounds[1], unit=unit)


sites = st.builds(Site, site=names, operator=names, note=notes)


@st.composite
def chips(draw: st.DrawFn) -> Chips:
    """Draw a lot, with or without serial numbers."""
    count = draw(counts)
    serials = draw(st.integers(0, count))
    return Chips(
        lot=draw(names),
        site=draw(names),
        chip_type=draw(names),
        count=count,
        serials_root=draw(digests) if serials else None,
        serials_count=serials,
    )


@st.composite
def transfers(draw: st.DrawFn) -> Transfer:
    """Draw a transfer of any kind."""
    kind = draw(st.sampled_from(TransferKind))
    ends = draw(st.lists(names, min_size=2, max_size=2, unique=True))
    return Transfer(
        lot=draw(names),
        kind=kind,
        from_site=None if kind is TransferKind.SUPPLY else ends[0],
        to_site=None if kind is TransferKind.DESTRUCTION else ends[1],
        chip_type=draw(names),
        count=draw(counts),
    )


@st.composite
def meters(draw: st.DrawFn) -> Meter:
    """Draw a meter of any channel."""
    channel = draw(st.sampled_from(Channel))
    idle, rated = 0, 0
    if channel is Channel.POWER:
        idle, rated = sorted(draw(st.sets(st.integers(0, 10**14), min_size=2, max_size=2)))
    return Meter(
        meter=draw(names),
        site=draw(names),
        channel=channel,
        covers=draw(chip_ranges()),
        rated_milliwatt=rated,
        idle_milliwatt=idle,
        random_error_ppm=draw(st.integers(0, 10**6)),
        systematic_error_ppm=draw(st.integers(0, 10**6)),
        calibration=draw(names),
    )


@st.composite
def chip_types(draw: st.DrawFn, id: Name) -> ChipType:
    """Draw a chip type whose figures share one source."""
    peaks = draw(st.dictionaries(st.sampled_from(NUMBER_FORMATS), st.integers(1, 10**20), min_size=1))
    powers = sorted(draw(st.tuples(*[st.integers(0, 10**7)] * 2)))
    bare = ChipType(
        id=id,
        name=draw(notes),
        peaks=peaks,
        tdp_milliwatt=draw(counts),
        memory_bytes=draw(counts),
        floor_milliwatt=powers[0],
        idle_milliwatt=powers[1],
        unit_milliwatt=powers[1] + draw(counts),
        joule_per_flop_min_attojoule=draw(counts),
    )
    source = Source(figures=tuple(sorted(bare.figures)), grade=draw(st.sampled_from(Grade)), text=draw(notes))
    return ChipType(
        **{key: getattr(bare, key) for key in bare.__slots__ if key != "sources"}, sources=(source,)
    )


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    """Draw a job whose operations follow from its formula."""
    formula = draw(st.sampled_from(Formula))
    parameters = tokens = None
    if formula is Formula.STATED:
        operations = draw(quantities(Unit.FLOP))
    else:
        parameters = draw(quantities(Unit.ONE, high=10**15))
        tokens = draw(quantities(Unit.ONE, high=10**15))
        operations = operations_of(formula, parameters=parameters, tokens=tokens)
        if draw(st.booleans()):
            parameters = tokens = None
    return Job(
        job=draw(names),
        site=draw(names),
        operator=draw(names),
        tenant=draw(names),
        kind=draw(st.sampled_from(JobKind)),
        purpose=draw(st.sampled_from(Purpose)),
        lineage=draw(names),
        chips=draw(chip_ranges(min_size=1)),
        window=draw(windows),
        operations=operations,
        formula=formula,
        counting_rule=draw(st.sampled_from(CountingRule)),
        number_format=draw(st.sampled_from((*NUMBER_FORMATS, "mixed"))),
        stated=tuple(sorted(draw(st.sets(st.sampled_from(["parameters", "tokens", "window"]))))),
        parameters=parameters,
        tokens=tokens,
    )


@st.composite
def series_claims(draw: st.DrawFn, row: int) -> SeriesClaim:
    """Draw a claim on the series `row` of some blob."""
    first, last = sorted(draw(st.tuples(instants, instants)))
    return SeriesClaim(
        meter=draw(names),
        blob=draw(digests),
        row=row,
        count=draw(st.integers(1, 2**31 - 1)),
        first=first,
        last=last,
        total=draw(st.integers(-(10**40) + 1, 10**40 - 1)),
        stated_from=draw(st.none() | instants),
        stated_until=draw(st.none() | instants),
    )


@st.composite
def measurements(draw: st.DrawFn) -> Measurement:
    """Draw a measurement of one to four series."""
    return Measurement(
        site=draw(names),
        window=draw(windows),
        series=tuple(draw(series_claims(row)) for row in range(draw(st.integers(1, 4)))),
        stated_total_millijoule=draw(st.none() | st.integers(0, 10**40 - 1)),
    )


@st.composite
def period_closes(draw: st.DrawFn) -> PeriodClose:
    """Draw a close, of the first statement or of a later one."""
    count = draw(st.integers(1, 2**53 - 1))
    lots = sorted(draw(st.sets(names, max_size=4)))
    return PeriodClose(
        period=draw(windows),
        count=count,
        head=None if count == 1 else draw(digests),
        inventory=tuple((lot, draw(st.integers(0, 10**9))) for lot in lots),
    )
