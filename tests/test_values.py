"""The floors below the encodings: errors, quantities, instants, windows, names and digests."""

import hashlib
import inspect

import pytest

from allstop import errors
from allstop.errors import AllstopError, MalformedError, SplitViewError
from allstop.ids import digest_of, parse_digest, parse_name
from allstop.times import DAY_MS, HOUR_MS, INSTANT_MS_MAX, Instant, Window
from allstop.units import QUANTITY_MAX, Quantity, Unit


def _error_classes() -> list[type[AllstopError]]:
    found = [value for value in vars(errors).values() if inspect.isclass(value)]
    return [value for value in found if issubclass(value, AllstopError)]


def test_every_error_is_exported_has_its_own_code_and_an_exit_status() -> None:
    """Scripts tell errors apart by code; a shared code would merge two of them."""
    classes = _error_classes()
    assert sorted(errors.__all__) == sorted(cls.__name__ for cls in classes)
    assert len(classes) == len({cls.code for cls in classes})
    assert {1, 2, 3} == {cls.exit_status for cls in classes}


def test_an_error_keeps_message_and_hint() -> None:
    """The command line prints both; a hint is optional."""
    error = MalformedError("found 1, want 2", hint="ask again")
    expected = ("found 1, want 2", "ask again", "found 1, want 2")
    assert expected == (error.message, error.hint, str(error))
    assert MalformedError("x").hint is None


def test_a_split_view_carries_its_proof() -> None:
    """The evidence must outlive the server that misbehaved."""
    expected = b"both notes"
    error = SplitViewError("two heads", evidence=expected)
    assert expected == error.evidence
    assert MalformedError.exit_status == error.exit_status


@pytest.mark.parametrize(
    ("low", "high"), [(-1, 0), (2, 1), (0, QUANTITY_MAX + 1), (QUANTITY_MAX + 1, QUANTITY_MAX + 1)]
)
def test_a_quantity_with_impossible_bounds_is_refused(low: int, high: int) -> None:
    """Bounds are checked once, at construction."""
    with pytest.raises(ValueError, match="want 0 <= low <= high"):
        Quantity(low=low, high=high, unit=Unit.FLOP)


def test_quantities_add_bound_by_bound_in_one_unit() -> None:
    """Adding joules to operations is an error of the program, never a number."""
    one = Quantity(low=1, high=2, unit=Unit.FLOP)
    assert Quantity(low=11, high=22, unit=Unit.FLOP) == one + Quantity(low=10, high=20, unit=Unit.FLOP)
    with pytest.raises(ValueError, match="cannot add mJ to flop"):
        one + Quantity(low=0, high=0, unit=Unit.MILLIJOULE)


@pytest.mark.parametrize("ms", [-1, INSTANT_MS_MAX + 1])
def test_an_instant_outside_rfc_3339_is_refused(ms: int) -> None:
    """Before 1970 and after 9999 there is no spelling, so there is no value."""
    with pytest.raises(ValueError, match="want 0 to"):
        Instant(ms)


def test_instants_move_and_compare_by_milliseconds() -> None:
    """Negative steps go back."""
    noon = Instant(12 * HOUR_MS)
    assert Instant(13 * HOUR_MS) == noon.plus(HOUR_MS)
    assert noon.plus(-1) < noon < noon.plus(1)


@pytest.mark.parametrize("end", [5, 4])
def test_a_window_has_a_positive_length(end: int) -> None:
    """An empty or backward window would make every bound over it meaningless."""
    with pytest.raises(ValueError, match="ends before it starts"):
        Window(start=Instant(5), end=Instant(end))


@pytest.mark.parametrize("start", range(6))
@pytest.mark.parametrize("length", range(1, 6))
def test_windows_overlap_and_hold_like_sets_of_milliseconds(start: int, length: int) -> None:
    """Against the definition: a window is the set of its milliseconds, the end excluded."""
    fixed = Window(start=Instant(2), end=Instant(5))
    other = Window(start=Instant(start), end=Instant(start + length))
    ours, theirs = set(range(2, 5)), set(range(start, start + length))
    assert len(theirs) == other.duration_ms
    assert len(ours & theirs) == fixed.overlap_ms(other) == other.overlap_ms(fixed)
    assert (theirs <= ours) == fixed.holds(other)
    assert (ours <= theirs) == other.holds(fixed)


def test_a_day_has_24_hours() -> None:
    """Leap seconds are ignored, so that arithmetic on instants is arithmetic."""
    assert DAY_MS == 24 * 60 * 60 * 1000


@pytest.mark.parametrize("text", ["a", "7", "alder", "h100-sxm-80gb", "a_b.c-d", "a" * 63, "a--b"])
def test_names_are_short_ascii_ids(text: str) -> None:
    """What is accepted is returned unchanged."""
    assert text == parse_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-a",
        "a-",
        ".a",
        "a.",
        "_a",
        "Alder",
        "a b",
        "a\n",
        "\na",
        "a/b",
        "аlder",
        "é",
        "a" * 64,
        "a\u0661",
    ],
)
def test_what_could_be_mistaken_for_another_name_is_refused(text: str) -> None:
    """Capitals, spaces, other alphabets and a trailing newline would give look-alikes."""
    with pytest.raises(MalformedError, match="malformed name"):
        parse_name(text)


def test_a_digest_is_the_sha_256_of_the_exact_bytes() -> None:
    """And its text parses back to itself."""
    digest = digest_of(b"allstop")
    assert hashlib.sha256(b"allstop").hexdigest() == digest
    assert digest == parse_digest(digest)


@pytest.mark.parametrize("text", ["", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 64 + "\n", "٤" * 64])
def test_a_digest_has_one_spelling(text: str) -> None:
    """Capital digits would let one blob have two names."""
    with pytest.raises(MalformedError, match="malformed digest"):
        parse_digest(text)
