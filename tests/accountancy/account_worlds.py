"""Small random worlds for accounts: one cell, a few meters of a few trust domains, gaps, jobs that overlap."""

import itertools
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from allstop.accountancy import Cell, CellInput, ChipPower, JobUse, MeterView, steps_of
from allstop.finding import Channel, ChipRange
from allstop.ids import Name
from allstop.telemetry import Series
from allstop.times import Instant, Window

BASE = 1_000
LENGTH = 24
WINDOW = Window(start=Instant(BASE), end=Instant(BASE + LENGTH))
GAP = 3
CHIPS = 3
"""Chips under each meter; cells have as many or fewer."""

FLOOR, IDLE, UNIT = 2, 5, 20
CHIP = ChipPower(peak_flop_per_second=7_000, attojoule_per_flop=10**15 * 9 // 7_000, floor_milliwatt=FLOOR)
Z = 2_500_000

values = {
    Channel.POWER: st.integers(0, CHIPS * UNIT + 10),
    Channel.TENSOR: st.integers(0, 10**6),
    Channel.BREAKER: st.integers(0, 1),
    Channel.ENERGY: st.integers(0, 1),
    Channel.BUSY: st.integers(0, CHIPS),
}


def series(times: list[int], readings: list[int], epochs: list[int] | None = None) -> Series:
    """Return a series with times counted from the start of the window."""
    return Series(
        t=np.array(times, dtype=np.int64) + BASE,
        v=np.array(readings, dtype=np.int64),
        epoch=np.array([0] * len(times) if epochs is None else epochs, dtype=np.int32),
    )


def view(
    name: str,
    domain: str,
    channel: Channel,
    parts: list[Series],
    *,
    gap: int = GAP,
    chips: int = CHIPS,
    **changes: object,
) -> MeterView:
    """Return a meter of `chips` chips with these series; domain `a` is the operator's own."""
    plain = MeterView(
        meter=Name(name),
        domain=Name(domain),
        own=domain == "a",
        channel=channel,
        covers=(ChipRange(lot=Name("lot"), first=0, until=chips),),
        chips=chips,
        floor_milliwatt=chips * FLOOR,
        idle_milliwatt=chips * IDLE,
        unit_milliwatt=chips * UNIT,
        random_ppm=0,
        systematic_ppm=0,
        steps=steps_of(parts, channel=channel, gap_ms_max=gap) if parts else None,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # names and types are the caller's business


def cell_input(views: list[MeterView], jobs: list[JobUse] | None = None, *, count: int = CHIPS) -> CellInput:
    """Return a cell that all these meters see and all these jobs use."""
    used = tuple(jobs or ())
    return CellInput(
        cell=Cell(
            chip_type=Name("chip"),
            count=count,
            meters=tuple(sorted(one.meter for one in views)),
            jobs=tuple(sorted({use.job for use in used})),
        ),
        chip=CHIP,
        views=tuple(views),
        jobs=used,
    )


def job(name: str, first: int, last: int) -> JobUse:
    """Return a job's claim on the cell, in milliseconds from the start of the window."""
    return JobUse(job=Name(name), window=Window(start=Instant(BASE + first), end=Instant(BASE + last)))


@st.composite
def part_lists(draw: st.DrawFn, channel: Channel) -> list[Series]:
    """Draw one to three series of a meter that follow one another, with gaps and changes of epoch."""
    times = sorted(draw(st.sets(st.integers(-4, LENGTH + 4), min_size=2, max_size=14)))
    readings = [draw(values[channel]) for _ in times]
    if channel.is_counter:
        spans = [0, *(b - a for a, b in itertools.pairwise(times))]
        readings = np.cumsum([v * s for v, s in zip(readings, spans, strict=True)]).tolist()
    epochs = np.cumsum([draw(st.sampled_from([0, 0, 0, 0, 1])) for _ in times]).tolist()
    cuts = [0, *sorted(draw(st.sets(st.integers(1, len(times)), max_size=2))), len(times)]
    rows = list(zip(times, readings, epochs, strict=True))
    pieces = [rows[a:b] for a, b in itertools.pairwise(cuts) if a < b]
    return [series(*(list(column) for column in zip(*piece, strict=True))) for piece in pieces]


@st.composite
def views(draw: st.DrawFn, name: str, gap: int = GAP) -> MeterView:
    """Draw one meter."""
    channel = draw(st.sampled_from(Channel))
    domain = draw(st.sampled_from("aabc"))
    missing = [
        Window(start=Instant(BASE + first), end=Instant(BASE + first + length))
        for first, length in draw(st.lists(st.tuples(st.integers(0, LENGTH), st.integers(1, 6)), max_size=1))
    ]
    return view(
        name,
        domain,
        channel,
        draw(part_lists(channel)) if draw(st.integers(0, 9)) else [],
        gap=gap,
        missing=tuple(missing),
        random_ppm=draw(st.sampled_from([0, 0, 10_000, 300_000])),
        systematic_ppm=draw(st.sampled_from([0, 0, 20_000])),
        bounds=draw(st.sampled_from([True, True, True, False])),
    )


@st.composite
def worlds(draw: st.DrawFn) -> CellInput:
    """Draw a cell with up to four meters and three jobs."""
    meters = [draw(views(f"m{number}")) for number in range(draw(st.integers(0, 4)))]
    jobs = []
    for number in range(draw(st.integers(0, 3))):
        first, last = sorted(draw(st.sets(st.integers(-2, LENGTH + 2), min_size=2, max_size=2)))
        jobs.append(job(f"job-{number}", first, last))
    return cell_input(meters, jobs, count=draw(st.integers(1, CHIPS)))
