"""Meters: what is measured, on which chips, how well (spec/registry.md section 4).

Custody is not here: nobody may say of their own meter that it is in good hands. It follows from who has
signed the measurement.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_decimal
from allstop.errors import MalformedError
from allstop.finding import Channel, ChipRange, count_chips, format_chip_ranges, parse_chip_ranges
from allstop.ids import Name
from allstop.statement import Audience, Predicate
from allstop.units import PPM

__all__ = ["METER_PREDICATE", "RATED_MILLIWATT_MAX", "Meter", "format_meter", "parse_meter"]

RATED_MILLIWATT_MAX = 10**14
"""Largest rated power of one meter: 100 GW, above any site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One meter of one channel and the chips that it covers.

        {"meter": "node-1-power", "site": "hall-1", "channel": "power",
         "covers": [{"lot": "alder-h100", "first": 0, "until": 8}],
         "ratedMilliwatt": "10200000", "idleMilliwatt": "2720000",
         "randomErrorPpm": 10000, "systematicErrorPpm": 10000, "calibration": "bmc-2024"}

    Rated and idle power are those of everything behind the meter, `0 <= idle < rated`; both are 0 for
    channels other than power. Meters with one `calibration` share their systematic error.
    """

    meter: Name
    site: Name
    channel: Channel
    covers: tuple[ChipRange, ...]
    rated_milliwatt: int
    idle_milliwatt: int
    random_error_ppm: int
    systematic_error_ppm: int
    calibration: Name

    def __post_init__(self) -> None:
        count_chips(self.covers)
        if self.channel is Channel.POWER:
            if not 0 <= self.idle_milliwatt < self.rated_milliwatt <= RATED_MILLIWATT_MAX:
                raise ValueError(
                    f"meter {self.meter} idles at {self.idle_milliwatt} mW and is rated"
                    f" {self.rated_milliwatt} mW, want 0 <= idle < rated <= {RATED_MILLIWATT_MAX}"
                )
        elif self.rated_milliwatt or self.idle_milliwatt:
            raise ValueError(f"meter {self.meter} does not measure power but has a rated or idle power")
        for error_ppm in (self.random_error_ppm, self.systematic_error_ppm):
            if not 0 <= error_ppm <= PPM:
                raise ValueError(f"meter {self.meter} has an error of {error_ppm} ppm, want 0 to {PPM}")

    @property
    def chip_count(self) -> int:
        """Number of chips that the meter covers; 0 for a switch or a building."""
        return sum(chips.count for chips in self.covers)


def parse_meter(body: JSON) -> Meter:
    """Parse the body of a `meter` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "meter")
    try:
        meter = Meter(
            meter=fields.name("meter"),
            site=fields.name("site"),
            channel=fields.choice("channel", Channel),
            covers=parse_chip_ranges(fields, "covers"),
            rated_milliwatt=fields.decimal("ratedMilliwatt"),
            idle_milliwatt=fields.decimal("idleMilliwatt"),
            random_error_ppm=fields.integer("randomErrorPpm", high=PPM),
            systematic_error_ppm=fields.integer("systematicErrorPpm", high=PPM),
            calibration=fields.name("calibration"),
        )
    except ValueError as exc:
        raise MalformedError(f"meter: {exc}") from exc
    fields.done()
    return meter


def format_meter(meter: Meter) -> JSON:
    """Return the body of a `meter` statement."""
    return {
        "meter": meter.meter,
        "site": meter.site,
        "channel": meter.channel.value,
        "covers": format_chip_ranges(meter.covers),
        "ratedMilliwatt": format_decimal(meter.rated_milliwatt),
        "idleMilliwatt": format_decimal(meter.idle_milliwatt),
        "randomErrorPpm": meter.random_error_ppm,
        "systematicErrorPpm": meter.systematic_error_ppm,
        "calibration": meter.calibration,
    }


METER_PREDICATE = Predicate(
    name=Name("meter"),
    parse=parse_meter,
    format=format_meter,
    audience=Audience.VERIFIERS,
    secret=(
        "calibration",
        "channel",
        "covers",
        "idleMilliwatt",
        "meter",
        "randomErrorPpm",
        "ratedMilliwatt",
        "site",
        "systematicErrorPpm",
    ),
)
