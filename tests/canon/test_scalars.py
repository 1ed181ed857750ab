"""Decimals, base64, instants, quantities and windows: one value, one spelling."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.canon import (
    DECIMAL_DIGITS_MAX,
    JSON,
    format_base64,
    format_decimal,
    format_instant,
    format_quantity,
    format_window,
    parse_base64,
    parse_base64_any,
    parse_decimal,
    parse_instant,
    parse_quantity,
)
from allstop.errors import MalformedError
from allstop.times import INSTANT_MS_MAX, Instant, Window
from allstop.units import QUANTITY_MAX, Quantity, Unit


@given(st.integers(0, QUANTITY_MAX))
def test_decimals_round_trip(value: int) -> None:
    """Up to forty digits, which is the largest quantity."""
    assert value == parse_decimal(format_decimal(value))


def test_the_largest_quantity_is_the_largest_decimal() -> None:
    """The limits of `units` and `canon` are one limit."""
    assert 10**DECIMAL_DIGITS_MAX - 1 == QUANTITY_MAX
    assert parse_decimal("9" * DECIMAL_DIGITS_MAX) == QUANTITY_MAX


@pytest.mark.parametrize(
    "text",
    ["", "-0", "+1", "-1", "00", "01", " 1", "1 ", "1\n", "1_000", "1.0", "1e3", "0x1", "٤٢", "１", "²", "9" * 41],
)  # fmt: skip
def test_other_spellings_of_a_decimal_are_refused(text: str) -> None:
    """Python's `int` takes most of them."""
    with pytest.raises(MalformedError, match="malformed decimal"):
        parse_decimal(text)


@pytest.mark.parametrize("value", [-1, QUANTITY_MAX + 1])
def test_a_number_without_a_decimal_is_not_written(value: int) -> None:
    """What `parse_decimal` would refuse is never produced."""
    with pytest.raises(MalformedError, match="decimal is not between"):
        format_decimal(value)


@given(st.binary(max_size=40))
def test_base64_round_trips_and_agrees_with_the_standard_library(data: bytes) -> None:
    """Both alphabets give the bytes back; the text is the usual one."""
    text = format_base64(data)
    assert base64.b64encode(data).decode() == text
    assert data == parse_base64(text)
    assert data == parse_base64_any(text)
    assert data == parse_base64_any(base64.urlsafe_b64encode(data).decode())


@given(st.binary(min_size=1, max_size=9), st.data())
def test_only_one_base64_text_parses_to_a_value(data: bytes, draw: st.DataObject) -> None:
    """Bend one character: refused, or other bytes."""
    text = format_base64(data)
    place = draw.draw(st.integers(0, len(text)))
    character = draw.draw(st.sampled_from("AQgw+/-_=ab \n\r\t%é"))
    cut = draw.draw(st.integers(0, 1))
    bent = text[:place] + character + text[place + cut :]
    try:
        other = parse_base64(bent)
    except MalformedError:
        return
    assert bent == format_base64(other)


@pytest.mark.parametrize(
    "text",
    [
        "QR==",
        "QUJ=",
        "QQ",
        "QQ=",
        "QQ===",
        "QQ==\n",
        "Q Q==",
        "QQ==QQ==",
        "=",
        "====",
        "A",
        "QQ=Q",
        "é",
        "QQ==é",
    ],
)
def test_other_spellings_of_base64_are_refused(text: str) -> None:
    """Set trailing bits (`QR==` is `QQ==` elsewhere), missing or extra padding, spaces (finding-F3)."""
    for parse in (parse_base64, parse_base64_any):
        with pytest.raises(MalformedError, match="malformed base64"):
            parse(text)


@pytest.mark.parametrize("text", ["-_-_", "__8="])
def test_the_url_safe_alphabet_is_read_only_where_it_is_asked_for(text: str) -> None:
    """Our own formats have one alphabet; DSSE envelopes of others may have either (dsse-D5)."""
    assert base64.urlsafe_b64decode(text) == parse_base64_any(text)
    with pytest.raises(MalformedError):
        parse_base64(text)


@pytest.mark.parametrize("text", ["-/-/", "+_+_", "-+AA", "_/8=", "-_-\u0661"])
def test_a_mix_of_alphabets_is_refused(text: str) -> None:
    """It would be a third spelling."""
    with pytest.raises(MalformedError):
        parse_base64_any(text)


@given(st.integers(0, INSTANT_MS_MAX))
def test_instants_round_trip_and_agree_with_the_calendar(ms: int) -> None:
    """Against the standard library's calendar, over all years that have a spelling."""
    text = format_instant(Instant(ms))
    assert Instant(ms) == parse_instant(text)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    assert moment == datetime.fromisoformat(text)
    assert (20 if ms % 1000 == 0 else 24) == len(text)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.001Z", 1),
        ("1970-01-01T00:00:00.100Z", 100),
        ("2024-02-29T23:59:59.999Z", 1_709_251_199_999),
        ("9999-12-31T23:59:59.999Z", INSTANT_MS_MAX),
    ],
)
def test_known_instants(text: str, ms: int) -> None:
    """The ends of the range, a leap day and small fractions."""
    assert Instant(ms) == parse_instant(text)
    assert text == format_instant(Instant(ms))


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-11-23", "2026-11-23T09:30Z", "2026-11-23 09:30:00Z", "2026-11-23T09:30:00", "2026-11-23T09:30:00z",
        "2026-11-23t09:30:00Z", "2026-11-23T09:30:00+00:00", "2026-11-23T09:30:00.000Z", "2026-11-23T09:30:00.5Z",
        "2026-11-23T09:30:00.1234Z", "2026-11-23T09:30:00,123Z", "2026-11-23T24:00:00Z", "2026-11-23T09:60:00Z",
        "2016-12-31T23:59:60Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z", "0000-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "12026-11-23T09:30:00Z",
        "2026-11-23T09:30:00Z\n", " 2026-11-23T09:30:00Z", "٢٠٢٦-11-23T09:30:00Z", "20261123T093000Z",
    ],
)  # fmt: skip
def test_other_spellings_of_an_instant_are_refused(text: str) -> None:
    """Offsets, lower case, other fractions, leap seconds, days outside the calendar, years before 1970."""
    with pytest.raises(MalformedError, match="malformed instant"):
        parse_instant(text)


@given(st.integers(0, QUANTITY_MAX), st.integers(0, QUANTITY_MAX), st.sampled_from(Unit))
def test_quantities_round_trip(one: int, other: int, unit: Unit) -> None:
    """In every unit."""
    quantity = Quantity(low=min(one, other), high=max(one, other), unit=unit)
    assert quantity == parse_quantity(format_quantity(quantity))


@pytest.mark.parametrize(
    "value",
    [
        None,
        "1",
        [],
        {},
        {"low": "1", "high": "2"},
        {"low": "2", "high": "1", "unit": "flop"},
        {"low": 1, "high": 2, "unit": "flop"},
        {"low": "1", "high": "2", "unit": "FLOP"},
        {"low": "1", "high": "2", "unit": "flop", "mid": "1"},
        {"low": "01", "high": "2", "unit": "flop"},
        {"low": "1", "high": None, "unit": "flop"},
    ],
)
def test_a_malformed_quantity_is_refused(value: JSON) -> None:
    """Missing or extra keys, crossed bounds, numbers that are no strings, unknown units."""
    with pytest.raises(MalformedError, match="quantity"):
        parse_quantity(value)


def test_a_window_is_written_with_both_ends() -> None:
    """Half-open: `until` is excluded."""
    window = Window(start=Instant(0), end=Instant(86_400_000))
    expected: JSON = {"from": "1970-01-01T00:00:00Z", "until": "1970-01-02T00:00:00Z"}
    assert expected == format_window(window)
