"""Charts: lengths are the figures, nothing is drawn where nothing is known, and marks can be read."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from allstop.report import Document
from allstop.report._charts import SEGMENTS, Drawing, draw_bar, draw_room, draw_timeline
from allstop.report._document import Amount, Bin, Part, Room
from allstop.times import DAY_MS, HOUR_MS, Instant, Window
from allstop.units import PPM, Unit
from report_documents import document_from
from verdict_world import honest

PATH = re.compile(r'<path d="M(-?[0-9.]+),-?[0-9.]+h([0-9.]+)v[^"]*" fill="([^"]+)"')
TEXT = re.compile(r"<text[^>]*>([^<]*)</text>")


def amount(value: int | None, unit: Unit = Unit.CHIP_MS) -> Amount:
    """Return an amount whose words are its value."""
    return Amount(value=value, unit=unit, words=str(value))


def part(kind: str, chip_ms: int) -> Part:
    """Return one segment of a bar."""
    return Part(kind=kind, words=kind, chip_time=amount(chip_ms), share=amount(0, Unit.PPM))


def stretches(svg: str) -> list[tuple[float, float, str]]:
    """Return start, length and paint of each bar, in the order drawn."""
    return [(float(start), float(length), paint) for start, length, paint in PATH.findall(svg)]


def both(drawing: Drawing | None) -> Drawing:
    """Return a drawing that is there."""
    assert drawing is not None
    return drawing


@pytest.fixture(scope="module")
def document() -> Document:
    """Return the report of an honest hour."""
    return document_from(honest().judge())


def test_lengths_of_a_bar_are_the_chip_times() -> None:
    """Each segment is as long as its share of the whole, side by side, in the order given; none of nothing."""
    parts = [part("verified", 50), part("declared", 0), part("unaccounted", 30), part("unobserved", 20)]
    drawing = both(draw_bar(parts))
    for svg, width in ((drawing.wide, 558), (drawing.narrow, 338)):
        found = stretches(svg)
        assert ["url(#p-verified)", "url(#p-unaccounted)", "url(#p-unobserved)"] == [p for _, _, p in found]
        assert [0.5, 0.3, 0.2] == pytest.approx([length / width for _, length, _ in found], abs=1e-3)
        assert all(a + b == pytest.approx(c, abs=0.02) for (a, b, _), (c, _, _) in pairwise(found))


def test_no_chip_time_is_no_bar() -> None:
    """A site without chip-time must not look like one that was idle."""
    assert draw_bar([]) is None
    assert draw_bar([part("idle", 0)]) is None


def room(document: Document, share: int | None, liar: int | None, allowed: int = 500_000) -> Room:
    """Return a room to hide of these shares, in ppm of one forbidden run."""
    return replace(
        document.room,
        share=amount(share, Unit.PPM),
        share_liar=amount(liar, Unit.PPM),
        allowed=amount(allowed, Unit.FLOP),
        significant_quantity=amount(PPM, Unit.FLOP),
    )


@pytest.mark.parametrize(
    ("share", "liar", "end"),
    [(5600, 8400, PPM), (0, PPM, PPM), (250_000, 10_000_000, 10_000_000), (10**12, 10**12, 10**12)],
)
def test_room_is_drawn_on_a_scale_of_forbidden_runs(
    document: Document, share: int, liar: int, end: int
) -> None:
    """Both shares are as long as they are of the scale, which ends at one run or at the larger share."""
    for svg, width in zip(vars_of(both(draw_room(room(document, share, liar)))), (784, 324), strict=True):
        by_paint = {paint: (start, length) for start, length, paint in stretches(svg)}
        assert by_paint["var(--track)"] == pytest.approx((0, width))
        assert by_paint.get("var(--room)", (0, 0))[1] / width == pytest.approx(share / end, abs=1e-3)
        start, length = by_paint.get("url(#p-room-liar)", (width * share / end, 0))
        assert (start / width, length / width) == pytest.approx((share / end, (liar - share) / end), abs=1e-3)
        assert f"at most {share}" in TEXT.findall(svg)


def vars_of(drawing: Drawing) -> tuple[str, str]:
    """Return both drawings."""
    return drawing.wide, drawing.narrow


def test_a_room_without_bound_is_not_drawn(document: Document) -> None:
    """No bar at all, rather than an empty one that looks like no room."""
    assert draw_room(room(document, None, None)) is None


def bins(start: int, step: int, parts: list[tuple[tuple[str, int], ...]]) -> list[Bin]:
    """Return bins one after another."""
    return [
        Bin(window=Window(start=Instant(start + i * step), end=Instant(start + (i + 1) * step)), parts=one)
        for i, one in enumerate(parts)
    ]


def test_a_timeline_stacks_shares_in_the_order_of_the_bar() -> None:
    """Half verified below, half idle above: the areas meet at half of the height, and fill it."""
    drawing = both(draw_timeline(bins(0, 1000, [(("idle", 500), ("verified", 500))] * 4)))
    for svg in vars_of(drawing):
        (verified,) = re.findall(r'd="([^"]*)" fill="url\(#p-verified\)"', svg)
        (idle,) = re.findall(r'd="([^"]*)" fill="url\(#p-idle\)"', svg)
        heights = [{float(y) for y in re.findall(r",(-?[0-9.]+)", path)} for path in (verified, idle)]
        assert [{146, 73}, {73, 0}] == heights


def test_a_timeline_has_a_hole_where_no_period_was_judged() -> None:
    """Two runs of bins with a day between them are two areas, not one that bridges the day."""
    parts: list[tuple[tuple[str, int], ...]] = [(("idle", 1000),)] * 2
    svg = both(draw_timeline(bins(0, 1000, parts) + bins(DAY_MS, 1000, parts))).wide
    assert 2 == svg.count('fill="url(#p-idle)"')


def test_bins_without_chip_time_are_not_drawn() -> None:
    """Nothing to draw is no drawing."""
    assert draw_timeline([]) is None
    assert draw_timeline(bins(0, 1000, [(("idle", 0),), ()])) is None


@pytest.mark.parametrize(
    ("length", "form"),
    [
        (3_000, r"\d\d:\d\d:\d\d"),
        (20_000, r"\d\d:\d\d:\d\d"),
        (HOUR_MS, r"\d\d:\d\d"),
        (DAY_MS, r"\d\d:\d\d"),
        (60 * DAY_MS, r"\d\d \w{3} \d\d"),
        (40 * 365 * DAY_MS, r"\d\d \w{3} \d\d"),
    ],
)
def test_time_is_marked_so_that_it_can_be_read(length: int, form: str) -> None:
    """From seconds to decades there are some marks and not too many, on a phone fewer."""
    drawing = both(draw_timeline(bins(1_795_475_556_000, length, [(("unobserved", 1),)])))
    for svg, most in zip(vars_of(drawing), (7, 4), strict=True):
        marks = [text for text in TEXT.findall(svg) if "%" not in text]
        assert 1 <= len(marks) <= most
        assert all(re.fullmatch(form, mark) for mark in marks)
        assert ["0 %", "50 %", "100 %"] == [text for text in TEXT.findall(svg) if "%" in text]


def test_every_kind_has_a_pattern_of_its_own(document: Document) -> None:
    """All kinds at once are drawn, each with its own paint."""
    drawing = both(draw_bar([part(kind, 1) for kind in SEGMENTS]))
    assert [f"url(#p-{kind})" for kind in SEGMENTS] == [paint for _, _, paint in stretches(drawing.wide)]
