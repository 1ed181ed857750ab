"""How accounts are kept and judged: periods, significant quantity, probabilities, assumptions, response.

Implements spec/agreement.md, section "Verification". All shares are integers in parts per million.
"""

from dataclasses import dataclass

from allstop.agreement._checks import build, check_duration, check_ppm, check_text
from allstop.canon import JSON, Fields, format_decimal, format_instant
from allstop.clocks import PERIOD_COUNT_MAX, Periods
from allstop.errors import MalformedError
from allstop.finding import Grade
from allstop.ids import Name
from allstop.times import Instant
from allstop.units import PPM, QUANTITY_MAX

__all__ = [
    "Accounting",
    "Assumption",
    "Response",
    "Verification",
    "format_accounting",
    "format_assumption",
    "format_response",
    "format_verification",
    "parse_accounting",
    "parse_assumption",
    "parse_response",
    "parse_verification",
]

BUFFER_PPM_MAX = 10 * PPM
LIAR_COUNT_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """Periods for which accounts are closed. `start` None means entry into force.

    A start in the past makes the accounts a retrospective. `periods` None means without agreed end.
    """

    start: Instant | None
    period_ms: int
    periods: int | None

    def __post_init__(self) -> None:
        check_duration(self.period_ms, "accounting period", low=1)
        if self.periods is not None and not 1 <= self.periods <= PERIOD_COUNT_MAX:
            raise MalformedError(f"number of periods is {self.periods}, want 1 to {PERIOD_COUNT_MAX}")

    def schedule(self, *, in_force_from: Instant | None) -> Periods | None:
        """Return the periods, or None while they hang on an entry into force that has not come about."""
        start = self.start if self.start is not None else in_force_from
        return None if start is None else Periods(start=start, length_ms=self.period_ms, count=self.periods)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What the parties agreed would matter, and how sure they want to be.

    `significant_quantity_flop` is the amount that would matter (1e24), `buffer_ppm` the share of it that
    may stay unexplained (500000: a half, so that small violations in two subgoals do not add up to one),
    `window_ms` the sliding window over which room to hide is summed, `liars` how many trust domains may
    lie, `gap_ms_max` the longest pause between readings that still counts as observed.
    """

    significant_quantity_flop: int
    buffer_ppm: int
    window_ms: int
    detection_probability_ppm: int
    false_alarm_ppm: int
    liars: int
    gap_ms_max: int
    observed_share_min_ppm: int
    total_tolerance_ppm: int
    mfu_low_ppm: int
    mfu_high_ppm: int

    def __post_init__(self) -> None:
        if not 1 <= self.significant_quantity_flop <= QUANTITY_MAX:
            raise MalformedError(
                f"significant quantity is {self.significant_quantity_flop} FLOP, want at least 1"
            )
        check_ppm(self.buffer_ppm, "buffer", low=1, high=BUFFER_PPM_MAX)
        check_duration(self.window_ms, "window", low=1)
        check_ppm(self.detection_probability_ppm, "detection probability", low=1, high=PPM - 1)
        check_ppm(self.false_alarm_ppm, "false-alarm probability", low=1, high=PPM - 1)
        if not 0 <= self.liars <= LIAR_COUNT_MAX:
            raise MalformedError(f"number of liars is {self.liars}, want 0 to {LIAR_COUNT_MAX}")
        check_duration(self.gap_ms_max, "longest gap", low=1)
        check_ppm(self.observed_share_min_ppm, "least observed share")
        check_ppm(self.total_tolerance_ppm, "tolerance of totals")
        check_ppm(self.mfu_low_ppm, "lower utilisation", low=1)
        check_ppm(self.mfu_high_ppm, "upper utilisation", low=self.mfu_low_ppm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A figure that no measurement in the case supports, with its source and grade.

    Example: name `joule-per-flop`, value "1.16e-12", unit "J/FLOP", source "MLPerf v4.0 power logs", grade D.
    """

    name: Name
    value: str
    unit: str
    source: str
    grade: Grade

    def __post_init__(self) -> None:
        check_text(self.value, "value of the assumption", chars_max=128)
        check_text(self.unit, "unit of the assumption", chars_max=32)
        check_text(self.source, "source of the assumption")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How long a party has to answer a finding, and then to cure it."""

    answer_ms: int
    cure_ms: int

    def __post_init__(self) -> None:
        check_duration(self.answer_ms, "answer period")
        check_duration(self.cure_ms, "cure period")


def parse_accounting(fields: Fields) -> Accounting:
    """Parse the wire form of the accounting periods.

    Raises:
        MalformedError: it is not in that form.
    """
    accounting = build(
        fields.where,
        Accounting,
        start=None if fields.raw("start") is None else fields.instant("start"),
        period_ms=fields.integer("periodMs"),
        periods=None if fields.raw("periods") is None else fields.integer("periods"),
    )
    fields.done()
    return accounting


def format_accounting(accounting: Accounting) -> JSON:
    """Return the wire form of the accounting periods."""
    return {
        "start": None if accounting.start is None else format_instant(accounting.start),
        "periodMs": accounting.period_ms,
        "periods": accounting.periods,
    }


def parse_verification(fields: Fields) -> Verification:
    """Parse the wire form of the verification figures.

    Raises:
        MalformedError: it is not in that form.
    """
    verification = build(
        fields.where,
        Verification,
        significant_quantity_flop=fields.decimal("significantQuantityFlop"),
        buffer_ppm=fields.integer("bufferPpm"),
        window_ms=fields.integer("windowMs"),
        detection_probability_ppm=fields.integer("detectionProbabilityPpm"),
        false_alarm_ppm=fields.integer("falseAlarmPpm"),
        liars=fields.integer("liars"),
        gap_ms_max=fields.integer("gapMsMax"),
        observed_share_min_ppm=fields.integer("observedShareMinPpm"),
        total_tolerance_ppm=fields.integer("totalTolerancePpm"),
        mfu_low_ppm=fields.integer("mfuLowPpm"),
        mfu_high_ppm=fields.integer("mfuHighPpm"),
    )
    fields.done()
    return verification


def format_verification(verification: Verification) -> JSON:
    """Return the wire form of the verification figures."""
    return {
        "significantQuantityFlop": format_decimal(verification.significant_quantity_flop),
        "bufferPpm": verification.buffer_ppm,
        "windowMs": verification.window_ms,
        "detectionProbabilityPpm": verification.detection_probability_ppm,
        "falseAlarmPpm": verification.false_alarm_ppm,
        "liars": verification.liars,
        "gapMsMax": verification.gap_ms_max,
        "observedShareMinPpm": verification.observed_share_min_ppm,
        "totalTolerancePpm": verification.total_tolerance_ppm,
        "mfuLowPpm": verification.mfu_low_ppm,
        "mfuHighPpm": verification.mfu_high_ppm,
    }


def parse_assumption(fields: Fields) -> Assumption:
    """Parse the wire form of an assumption.

    Raises:
        MalformedError: it is not in that form.
    """
    assumption = build(
        fields.where,
        Assumption,
        name=fields.name("name"),
        value=fields.text("value"),
        unit=fields.text("unit"),
        source=fields.text("source", 4096),
        grade=fields.choice("grade", Grade),
    )
    fields.done()
    return assumption


def format_assumption(assumption: Assumption) -> JSON:
    """Return the wire form of an assumption."""
    return {
        "name": assumption.name,
        "value": assumption.value,
        "unit": assumption.unit,
        "source": assumption.source,
        "grade": assumption.grade.value,
    }


def parse_response(fields: Fields) -> Response:
    """Parse the wire form of the response periods.

    Raises:
        MalformedError: it is not in that form.
    """
    response = build(
        fields.where, Response, answer_ms=fields.integer("answerMs"), cure_ms=fields.integer("cureMs")
    )
    fields.done()
    return response


def format_response(response: Response) -> JSON:
    """Return the wire form of the response periods."""
    return {"answerMs": response.answer_ms, "cureMs": response.cure_ms}
