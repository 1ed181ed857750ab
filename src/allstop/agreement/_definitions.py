"""What the words of an agreement mean: counting rule, terms, bands of thresholds, clocks, references.

Implements spec/agreement.md, section "Definitions". Bands are looked at for gaps in `_bands`.
"""

from dataclasses import dataclass

from allstop.agreement._checks import build, check_duration, check_text, check_unique
from allstop.canon import JSON, Fields, format_decimal
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.units import QUANTITY_MAX

__all__ = [
    "Band",
    "Clock",
    "Definitions",
    "Reference",
    "Term",
    "format_definitions",
    "format_reference",
    "parse_definitions",
    "parse_reference",
]

DEFINITION_COUNT_MAX = 256
"""Most terms, most bands and most clocks of one agreement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A table that the agreement pins by digest; the chip table has the name `chips`."""

    name: Name
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A defined word. A text uses it in braces: "a {training-run} above ..."."""

    name: Name
    text: str

    def __post_init__(self) -> None:
        check_text(self.text, "text of the term")


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One class of a quantity, from `low` to `high`; None is "no bound on this side".

    Example: quantity `cluster-h100e`, name `covered`, low 16 (open), high None: more than 16 H100e.
    The bands of a quantity are meant to leave no gap and not to overlap; `lint` says where they do.
    Range: `low < high`, or `low == high` with both ends closed.
    """

    quantity: Name
    name: Name
    low: int | None
    low_closed: bool
    high: int | None
    high_closed: bool

    def __post_init__(self) -> None:
        for bound, is_closed in ((self.low, self.low_closed), (self.high, self.high_closed)):
            if bound is None and is_closed:
                raise MalformedError("a side without a bound is closed, want open")
            if bound is not None and not 0 <= bound <= QUANTITY_MAX:
                raise MalformedError(f"bound of the band is {bound}, want 0 to {QUANTITY_MAX}")
        if self.high is not None:
            # Amounts are never negative, so no lower bound is one of 0, closed: "below 0" holds nothing.
            low, low_closed = (0, True) if self.low is None else (self.low, self.low_closed)
            is_point = low == self.high and low_closed and self.high_closed
            if not (low < self.high or is_point):
                raise MalformedError(f"band from {low} to {self.high} holds nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A named length of time and where it comes from. Example: `register`, 120 days, "Article V.5"."""

    name: Name
    ms: int
    basis: str

    def __post_init__(self) -> None:
        check_duration(self.ms, "clock", low=1)
        check_text(self.basis, "basis of the clock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """The words of one agreement. `h100e_flop_per_second` is what one H100-equivalent counts as.

    Example: counting_rule "operations in the format used, or FP16-equivalent, whichever is higher",
    h100e_flop_per_second 990000000000000.
    """

    counting_rule: str
    h100e_flop_per_second: int
    terms: tuple[Term, ...]
    bands: tuple[Band, ...]
    clocks: tuple[Clock, ...]

    def __post_init__(self) -> None:
        check_text(self.counting_rule, "counting rule")
        if not 1 <= self.h100e_flop_per_second <= 10**18:
            raise MalformedError(f"one H100e is {self.h100e_flop_per_second} FLOP/s, want 1 to {10**18}")
        check_unique((term.name for term in self.terms), "term")
        check_unique((f"{band.quantity}/{band.name}" for band in self.bands), "band")
        check_unique((clock.name for clock in self.clocks), "clock")


def parse_reference(fields: Fields) -> Reference:
    """Parse the wire form of a reference.

    Raises:
        MalformedError: it is not in that form.
    """
    reference = build(fields.where, Reference, name=fields.name("name"), digest=fields.digest("digest"))
    fields.done()
    return reference


def format_reference(reference: Reference) -> JSON:
    """Return the wire form of a reference."""
    return {"name": reference.name, "digest": reference.digest}


def parse_definitions(fields: Fields) -> Definitions:
    """Parse the wire form of the definitions.

    Raises:
        MalformedError: they are not in that form.
    """
    count_max = DEFINITION_COUNT_MAX
    definitions = build(
        fields.where,
        Definitions,
        counting_rule=fields.text("countingRule", 4096),
        h100e_flop_per_second=fields.decimal("h100eFlopPerSecond"),
        terms=tuple(_parse_term(f) for f in fields.objects("terms", count_max)),
        bands=tuple(_parse_band(f) for f in fields.objects("bands", count_max)),
        clocks=tuple(_parse_clock(f) for f in fields.objects("clocks", count_max)),
    )
    fields.done()
    return definitions


def format_definitions(definitions: Definitions) -> JSON:
    """Return the wire form of the definitions."""
    return {
        "countingRule": definitions.counting_rule,
        "h100eFlopPerSecond": format_decimal(definitions.h100e_flop_per_second),
        "terms": [{"name": term.name, "text": term.text} for term in definitions.terms],
        "bands": [_format_band(band) for band in definitions.bands],
        "clocks": [{"name": c.name, "ms": c.ms, "basis": c.basis} for c in definitions.clocks],
    }


def _parse_term(fields: Fields) -> Term:
    term = build(fields.where, Term, name=fields.name("name"), text=fields.text("text", 4096))
    fields.done()
    return term


def _parse_clock(fields: Fields) -> Clock:
    clock = build(
        fields.where,
        Clock,
        name=fields.name("name"),
        ms=fields.integer("ms"),
        basis=fields.text("basis", 4096),
    )
    fields.done()
    return clock


def _parse_band(fields: Fields) -> Band:
    band = build(
        fields.where,
        Band,
        quantity=fields.name("quantity"),
        name=fields.name("name"),
        low=_parse_bound(fields, "low"),
        low_closed=fields.boolean("lowClosed"),
        high=_parse_bound(fields, "high"),
        high_closed=fields.boolean("highClosed"),
    )
    fields.done()
    return band


def _format_band(band: Band) -> JSON:
    return {
        "quantity": band.quantity,
        "name": band.name,
        "low": None if band.low is None else format_decimal(band.low),
        "lowClosed": band.low_closed,
        "high": None if band.high is None else format_decimal(band.high),
        "highClosed": band.high_closed,
    }


def _parse_bound(fields: Fields, key: str) -> int | None:
    return None if fields.raw(key) is None else fields.decimal(key)
