"""Evidence: what was measured and what each party kept of it, apart from how it comes to be filed.

The same filing serves a run on real processes and a simulated one (`_run.py`, `_simulated.py`).
"""

from dataclasses import dataclass

from allstop.ids import Digest, Name
from allstop.ingest import MeterReadings
from allstop.times import Instant, Window
from allstop.units import Quantity, Unit

__all__ = ["Evidence", "ItemCost", "PartyEvidence", "Work", "job_name", "transcript_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCost:
    """What one item takes on one core, in ns: the least and the most that the inspectorate measured."""

    low_ns: int
    high_ns: int

    @property
    def quantity(self) -> Quantity:
        """The interval as a quantity."""
        return Quantity(low=self.low_ns, high=self.high_ns, unit=Unit.CHIP_NS)

    def joined(self, other: "ItemCost") -> "ItemCost":
        """Return the interval that holds both."""
        return ItemCost(low_ns=min(self.low_ns, other.low_ns), high_ns=max(self.high_ns, other.high_ns))

    def widened(self, *, margin_percent: int) -> "ItemCost":
        """Return the interval with a margin at both ends."""
        return ItemCost(
            low_ns=max(1, self.low_ns * (100 - margin_percent) // 100),
            high_ns=-(-self.high_ns * (100 + margin_percent) // 100),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a party declares for one period, with the results that it says its items had.

    `is_late` where it will commit to them only after the agreed time.
    """

    party: Name
    period: int
    window: Window
    beacon: Digest
    results: tuple[bytes, ...]
    is_late: bool = False

    @property
    def job(self) -> Name:
        """Name of the job."""
        return job_name(self.party, self.period)

    @property
    def transcript(self) -> Name:
        """Name of the transcript."""
        return transcript_name(self.party, self.period)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyEvidence:
    """Readings as a party files them, and whether it opens what is drawn."""

    party: Name
    meters: tuple[MeterReadings, ...]
    opens: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that is filed after the periods have ended; `work` was partly filed before.

    `halt_at` is the instant from which on everything was to stand still, None if there was none.
    """

    windows: tuple[Window, ...]
    parties: tuple[PartyEvidence, ...]
    work: tuple[Work, ...]
    item_cost: ItemCost
    halt_at: Instant | None = None


def job_name(party: Name, period: int) -> Name:
    """Return the name of a party's job in period 1, 2 and so on."""
    return Name(f"{party}-serving-{period}")


def transcript_name(party: Name, period: int) -> Name:
    """Return the name of the transcript of that job."""
    return Name(f"{party}-items-{period}")
