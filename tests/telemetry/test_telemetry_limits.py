"""Measurements and closes that a codec could never produce are refused at construction too."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from allstop.ids import Digest, Name
from allstop.telemetry import (
    INVENTORY_MAX,
    READINGS_MAX,
    ROW_MAX,
    SERIES_MAX,
    Measurement,
    PeriodClose,
    SeriesClaim,
)
from allstop.times import Instant, Window

DAY = Window(start=Instant(0), end=Instant(86_400_000))
CLAIM = SeriesClaim(
    meter=Name("m"), blob=Digest("b" * 64), row=0, count=2, first=Instant(1), last=Instant(2), total=3
)
FILED = Measurement(site=Name("hall-1"), window=DAY, series=(CLAIM,))
CLOSE = PeriodClose(period=DAY, count=2, head=Digest("a" * 64), inventory=((Name("lot"), 8),))
WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: replace(CLAIM, row=-1), "row -1"),
    (lambda: replace(CLAIM, row=ROW_MAX + 1), "want 0 to"),
    (lambda: replace(CLAIM, count=0), "0 readings"),
    (lambda: replace(CLAIM, count=READINGS_MAX + 1), "want 1 to"),
    (lambda: replace(CLAIM, first=Instant(3)), "ends before it starts"),
    (lambda: replace(CLAIM, total=-(10**40)), "forty digits"),
    (lambda: replace(FILED, series=()), "0 series"),
    (
        lambda: replace(FILED, series=tuple(replace(CLAIM, row=i) for i in range(SERIES_MAX + 1))),
        "129 series",
    ),
    (lambda: replace(FILED, series=(CLAIM, CLAIM)), "one series twice"),
    (lambda: replace(FILED, stated_total_millijoule=-1), "stated total"),
    (lambda: replace(FILED, stated_total_millijoule=10**40), "stated total"),
    (lambda: replace(CLOSE, count=0), "at least itself"),
    (lambda: replace(CLOSE, count=1), "exactly if"),
    (lambda: replace(CLOSE, head=None), "exactly if"),
    (lambda: replace(CLOSE, inventory=CLOSE.inventory * 2), "ascending lots"),
    (lambda: replace(CLOSE, inventory=((Name("lot"), -1),)), "-1 chips"),
    (
        lambda: replace(CLOSE, inventory=tuple((Name(f"{i:04d}"), 1) for i in range(INVENTORY_MAX + 1))),
        "1001 lots",
    ),
]


@pytest.mark.parametrize(("make", "message"), WRONG)
def test_a_value_outside_its_limits_is_refused(make: Callable[[], object], message: str) -> None:
    """Each limit has a message that says what was found and what was wanted."""
    with pytest.raises(ValueError, match=message):
        make()


def test_a_measurement_names_each_of_its_blobs_once() -> None:
    """The blobs that must be subjects of the statement, in ascending order."""
    other = replace(CLAIM, blob=Digest("a" * 64))
    filed = replace(FILED, series=(CLAIM, other, replace(CLAIM, row=1)))
    assert filed.blobs == ("a" * 64, "b" * 64)
