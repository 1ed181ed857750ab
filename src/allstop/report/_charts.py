"""Charts of the report: the room to hide, where a site's chip-time went, and when. Drawn wide and narrow.

Each is described with Altair and drawn once for screens and once for phones, since text in a scaled drawing
would be too small. Layout is fixed and not fitted to text, so that fonts of a machine change no byte. A chart
says nothing that is not also in words beside it; colours are variables of the page (`templates/report.css`).
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import altair as alt
from markupsafe import Markup

from allstop.report._document import Bin, Part, Room
from allstop.report._svg import draw_svg
from allstop.times import DAY_MS
from allstop.units import PPM

__all__ = ["SEGMENTS", "Drawing", "draw_bar", "draw_room", "draw_timeline"]

SEGMENTS = ("verified", "plausible", "declared", "unaccounted", "idle", "off", "unobserved")
"""Kinds of chip-time, in the order in which bars show them."""

_FONT = 13
_PERCENT = "format(100 * datum.value, '.0f') + ' %'"
_MINUTE, _HOUR = 60_000, 3_600_000
_STEPS = (
    *(1000 * seconds for seconds in (1, 2, 5, 10, 15, 30)),
    *(_MINUTE * minutes for minutes in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * hours for hours in (1, 2, 3, 6, 12)),
    *(DAY_MS * days for days in (1, 2, 7, 14, 28, 91, 182, 365)),
)
"""Distances between marks on an axis of time; the last is doubled until it fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One chart, drawn twice: `wide` for screens and paper, `narrow` for phones."""

    wide: Markup
    narrow: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Size of a drawing and the space around its plot, in pixels."""

    width: int
    height: int
    left: int = 1
    right: int = 1
    top: int = 1
    bottom: int = 1

    def fit(self, chart: alt.Chart | alt.LayerChart) -> Markup:
        """Draw a chart into exactly this frame."""
        sides = {"left": self.left, "right": self.right, "top": self.top, "bottom": self.bottom}
        return draw_svg(
            chart.properties(
                width=self.width - self.left - self.right,
                height=self.height - self.top - self.bottom,
                padding=sides,
                autosize={"type": "none"},
            )
            .configure(aria=False)
            .configure_view(stroke=None)
            .configure_axis(
                domainColor="var(--line-strong)",
                tickColor="var(--line-strong)",
                gridColor="var(--line)",
                labelColor="var(--ink-soft)",
                labelFontSize=_FONT,
                labelOverlap=False,
                titleFontSize=_FONT,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Label:
    """A text at a place of the scale."""

    at: int
    text: str
    align: Literal["left", "center", "right"]


def _both(wide: Markup, narrow: Markup) -> Drawing:
    return Drawing(wide=wide, narrow=narrow)


def _paint(kind: str) -> str:
    """Return the pattern of the page for a kind of chip-time."""
    return f"url(#p-{kind})" if kind in SEGMENTS else "none"


def draw_bar(parts: Sequence[Part]) -> Drawing | None:
    """Draw where a site's chip-time went, as one bar; None where there is no chip-time."""
    edges = list(itertools.accumulate((part.chip_time.value or 0 for part in parts), initial=0))
    if not edges[-1]:
        return None
    rows = [
        {"from": start, "to": end, "paint": _paint(part.kind)}
        for part, (start, end) in zip(parts, itertools.pairwise(edges), strict=True)
        if end > start
    ]
    scale = alt.Scale(domain=[0, edges[-1]], nice=False)
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect(stroke="var(--surface)", strokeWidth=1.5)
        .encode(
            x=alt.X("from:Q").scale(scale).axis(None),
            x2="to:Q",
            y=alt.value(0),
            y2=alt.value(34),
            fill=alt.Fill("paint:N").scale(None),
        )
    )
    wide = _Frame(width=560, height=36)
    return _both(wide.fit(chart), replace(wide, width=340).fit(chart))


def draw_room(room: Room) -> Drawing | None:
    """Draw the room to hide on a scale of forbidden runs; None where nothing bounds it."""
    if room.share.value is None or room.share_liar.value is None:
        return None
    allowed = (room.allowed.value or 0) * PPM // (room.significant_quantity.value or 1)
    ends = sorted((room.share.value, room.share_liar.value))
    chart = _room_chart(ends[0], ends[1], allowed, f"at most {room.share.words}")
    wide = _Frame(width=800, height=96, left=8, right=8, top=28, bottom=24)
    return _both(wide.fit(chart), replace(wide, width=340).fit(chart))


def _room_chart(first: int, second: int, allowed: int, words: str) -> alt.LayerChart:
    """Return bars up to both shares on a track of whole runs, and lines at what is allowed and at one run."""
    end = max(PPM, allowed, second)
    label = _Label(at=first, text=words, align="left" if first * 2 < end else "right")
    layers = [
        _stretch(0, end, end, fill="var(--track)", stroke="var(--line-strong)"),
        _stretch(first, second, end, fill="url(#p-room-liar)"),
        _stretch(0, first, end, fill="var(--room)"),
        _rule(PPM, end, dash=[1, 0]),
        _text(label, end, y=-10, fill="currentColor", weight="bold"),
        *(_text(mark, end, y=62, fill="var(--ink-soft)", weight="normal") for mark in _run_marks(end)),
    ]
    if allowed:
        layers.append(_rule(allowed, end, dash=[4, 3]))
    return alt.LayerChart(layer=layers)


def _along(field: str, end: int) -> alt.X:
    return alt.X(f"{field}:Q").scale(alt.Scale(domain=[0, end], nice=False)).axis(None)


def _stretch(start: int, until: int, end: int, *, fill: str, stroke: str = "none") -> alt.Chart:
    mark = alt.Chart(alt.InlineData(values=[{"from": start, "to": until}])).mark_rect(
        fill=fill, stroke=stroke
    )
    chart: alt.Chart = mark.encode(x=_along("from", end), x2="to:Q", y=alt.value(2), y2=alt.value(42))
    return chart


def _rule(at: int, end: int, *, dash: list[float]) -> alt.Chart:
    mark = alt.Chart(alt.InlineData(values=[{"at": at}]))
    mark = mark.mark_rule(stroke="currentColor", strokeWidth=2, strokeDash=dash)
    chart: alt.Chart = mark.encode(x=_along("at", end), y=alt.value(-4), y2=alt.value(44))
    return chart


def _text(label: _Label, end: int, *, y: int, fill: str, weight: Literal["bold", "normal"]) -> alt.Chart:
    # A control character in a text makes the engine abort the whole process.
    text = "".join(one for one in label.text if one.isprintable())
    mark = alt.Chart(alt.InlineData(values=[{"at": label.at, "text": text}])).mark_text(
        align=label.align, fill=fill, fontSize=_FONT, fontWeight=weight, baseline="alphabetic"
    )
    chart: alt.Chart = mark.encode(x=_along("at", end), y=alt.value(y), text=alt.Text("text:N"))
    return chart


def _run_marks(end: int) -> list[_Label]:
    """Return the words below the scale: nothing, half of one forbidden run, one, and so on."""
    zero = _Label(at=0, text="0", align="left")
    whole = end // PPM
    if whole > 1:
        last = _Label(at=whole * PPM, text=f"{whole:,} forbidden runs", align="right")
        return [zero, _Label(at=PPM, text="1", align="center"), last] if whole < 20 else [zero, last]
    one = _Label(at=PPM, text="one forbidden run", align="right")
    return [zero, _Label(at=PPM // 2, text="half of one", align="center"), one]


def draw_timeline(bins: Sequence[Bin]) -> Drawing | None:
    """Draw chip-time over time, as shares of each bin; None where no bin holds any."""
    rows = list(_steps(bins))
    if not rows:
        return None
    start, end = bins[0].window.start.ms, bins[-1].window.end.ms
    return _both(
        _Frame(width=560, height=180, left=52, right=16, top=8, bottom=26).fit(_areas(rows, start, end, 6)),
        _Frame(width=340, height=180, left=52, right=16, top=8, bottom=26).fit(_areas(rows, start, end, 3)),
    )


def _steps(bins: Sequence[Bin]) -> Iterator[dict[str, float | int | str]]:
    """Yield the corners of each kind's area: one at the start of a bin, one at the end of an unbroken run."""
    runs: list[list[Bin]] = []
    for one in bins:
        if not sum(amount for _, amount in one.parts):
            continue
        if runs and runs[-1][-1].window.end == one.window.start:
            runs[-1].append(one)
        else:
            runs.append([one])
    for number, run in enumerate(runs):
        for kind in SEGMENTS:
            spans = [_span(one, kind) for one in run]
            if not any(high > low for low, high in spans):
                continue
            times = [one.window.start.ms for one in run] + [run[-1].window.end.ms]
            for at, (low, high) in zip(times, [*spans, spans[-1]], strict=True):
                yield {"at": at, "low": low, "high": high, "paint": _paint(kind), "run": f"{number} {kind}"}


def _span(one: Bin, kind: str) -> tuple[float, float]:
    """Return where a kind begins and ends in a bin, as shares of all its chip-time."""
    amounts = dict(one.parts)
    total = sum(amounts.values())
    low = sum(amounts.get(before, 0) for before in SEGMENTS[: SEGMENTS.index(kind)])
    return low / total, (low + amounts.get(kind, 0)) / total


def _areas(rows: list[dict[str, float | int | str]], start: int, end: int, marks_max: int) -> alt.Chart:
    step = next((step for step in _STEPS if (end - start) // step <= marks_max), None)
    if step is None:
        step = _STEPS[-1] * -(-(end - start) // (marks_max * _STEPS[-1]))
    words = "%H:%M:%S" if step < _MINUTE else "%H:%M" if step < DAY_MS else "%d %b %y"
    axis = alt.Axis(
        values=list(range(-(-start // step) * step, end + 1, step)), format=words, grid=False, title=None
    )
    time = alt.X("at:T").scale(alt.Scale(type="utc", domain=[start, end], nice=False)).axis(axis)
    share = alt.Axis(values=[0, 0.5, 1], labelExpr=_PERCENT, grid=False, title=None)
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_area(interpolate="step-after")
        .encode(
            x=time,
            y=alt.Y("low:Q").scale(alt.Scale(domain=[0, 1])).axis(share).stack(None),
            y2="high:Q",
            fill=alt.Fill("paint:N").scale(None),
            detail="run:N",
        )
    )
    return chart
