"""Values of the registry that a codec could never produce are refused at construction too."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from allstop.finding import Channel, ChipRange
from allstop.ids import Digest, Name
from allstop.registry import Chips, Meter, Site, Transfer, TransferKind

SITE = Site(site=Name("hall-1"), operator=Name("alder"), note="")
LOT = Chips(
    lot=Name("lot"), site=Name("hall-1"), chip_type=Name("h100"), count=8, serials_root=None, serials_count=0
)
MOVE = Transfer(
    lot=Name("lot"),
    kind=TransferKind.TRANSFER,
    from_site=Name("hall-1"),
    to_site=Name("hall-2"),
    chip_type=Name("h100"),
    count=8,
)
METER = Meter(
    meter=Name("m"),
    site=Name("hall-1"),
    channel=Channel.POWER,
    covers=(ChipRange(lot=Name("lot"), first=0, until=8), ChipRange(lot=Name("lot"), first=8, until=9)),
    rated_milliwatt=2,
    idle_milliwatt=1,
    random_error_ppm=0,
    systematic_error_ppm=1_000_000,
    calibration=Name("c"),
)
WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: replace(SITE, note="x" * 1025), "1025 characters"),
    (lambda: replace(LOT, count=0), "0 chips"),
    (lambda: replace(LOT, count=10**9 + 1), "want 1 to"),
    (lambda: replace(LOT, serials_count=9, serials_root=Digest("0" * 64)), "9 serials"),
    (lambda: replace(LOT, serials_count=1), "exactly if"),
    (lambda: replace(MOVE, count=0), "0 chips"),
    (lambda: replace(MOVE, from_site=None), "needs a site of origin"),
    (lambda: replace(MOVE, kind=TransferKind.DESTRUCTION), "cannot have a site of arrival"),
    (lambda: replace(MOVE, kind=TransferKind.SUPPLY), "cannot have a site of origin"),
    (lambda: replace(MOVE, to_site=None), "needs a site of arrival"),
    (lambda: replace(MOVE, to_site=Name("hall-1")), "same site hall-1"),
    (lambda: replace(METER, covers=METER.covers * 2), "named twice"),
    (lambda: replace(METER, idle_milliwatt=2), "0 <= idle < rated"),
    (lambda: replace(METER, rated_milliwatt=10**14 + 1), "0 <= idle < rated"),
    (lambda: replace(METER, channel=Channel.TENSOR), "does not measure power"),
    (lambda: replace(METER, random_error_ppm=1_000_001), "1000001 ppm"),
    (lambda: replace(METER, systematic_error_ppm=-1), "-1 ppm"),
]


@pytest.mark.parametrize(("make", "message"), WRONG)
def test_a_value_outside_its_limits_is_refused(make: Callable[[], object], message: str) -> None:
    """Each limit has a message that says what was found and what was wanted."""
    with pytest.raises(ValueError, match=message):
        make()


def test_a_meter_counts_the_chips_that_it_covers() -> None:
    """Two ranges of one lot add up; a meter of a switch covers none."""
    assert METER.chip_count == 9
    assert replace(METER, covers=()).chip_count == 0
