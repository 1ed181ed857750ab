"""Lengths of time as they are typed."""

import pytest

from allstop.cli._options import parse_duration
from allstop.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P1D", 86_400_000),
        ("PT36H", 129_600_000),
        ("P1DT1H1M1S", 90_061_000),
        ("PT3412.165S", 3_412_165),
        ("PT56M52.1S", 3_412_100),
    ],
)
def test_a_length_of_time_is_exact_to_the_millisecond(text: str, expected: int) -> None:
    """Published runs do not last whole seconds, and accounts over them should last as long."""
    assert expected == parse_duration(text)


@pytest.mark.parametrize("text", ["", "P", "PT", "1D", "P1M", "PT0S", "PT1.S", "PT1.2345S", "PT1.5M", "pt1s"])
def test_anything_else_is_refused(text: str) -> None:
    """Months have no length, and decimals stand with seconds alone."""
    with pytest.raises(UsageError, match="length of time"):
        parse_duration(text)
