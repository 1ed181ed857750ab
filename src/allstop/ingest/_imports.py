"""What an import gives: readings of meters and the figures of a job, as plain values.

Nothing is dropped, repaired or judged here. What a source does not say is listed as *stated*.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allstop.finding import Channel, ChipRange, CountingRule
from allstop.ids import Digest, Name
from allstop.telemetry import Series
from allstop.times import Instant, Window
from allstop.units import Quantity
from allstop.workload import Formula, Job, JobKind, Purpose

__all__ = ["JobImport", "MeterImport", "MeterReadings", "series_of"]


def series_of(times: Sequence[int], values: Sequence[int], epochs: Sequence[int] | None = None) -> Series:
    """Return the readings in the order given; the epoch is 0 throughout unless said otherwise."""
    return Series(
        t=np.array(times, dtype=np.int64),
        v=np.array(values, dtype=np.int64),
        epoch=np.zeros(len(times), dtype=np.int32) if epochs is None else np.array(epochs, dtype=np.int32),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeterReadings:
    """What one source says about one meter: `node-1`, power, 1,702 readings from `node_1.txt`.

    `started_at` and `stopped_at` are the source's own account of its period, if it gives one; readings
    may lie outside. `covers_chips` is false for what measures no chips, such as a switch.
    """

    meter: Name
    channel: Channel
    series: Series
    source: str
    source_digest: Digest
    started_at: Instant | None = None
    stopped_at: Instant | None = None
    covers_chips: bool = True

    @property
    def window(self) -> Window | None:
        """The source's own period, its last millisecond included; None if it gives none."""
        if self.started_at is None or self.stopped_at is None:
            return None
        return Window(start=self.started_at, end=self.stopped_at.plus(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterImport:
    """All meters of one import, the total that the source states, and notes for the person who imports."""

    meters: tuple[MeterReadings, ...]
    stated_total_millijoule: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobImport:
    """The figures of one job as its source gives them.

    `stated` names the figures that the source lacks and that come from an option or a table instead;
    `chips_count` is the number of accelerators that the source speaks of, if it does.
    """

    benchmark: str
    kind: JobKind
    window: Window
    parameters: Quantity
    tokens: Quantity
    operations: Quantity
    formula: Formula
    counting_rule: CountingRule
    number_format: str
    stated: tuple[str, ...]
    chips_count: int | None
    source: str
    source_digest: Digest
    notes: tuple[str, ...] = ()

    def complete(
        self,
        *,
        job: Name,
        site: Name,
        operator: Name,
        tenant: Name,
        purpose: Purpose,
        lineage: Name,
        chips: tuple[ChipRange, ...],
    ) -> Job:
        """Return the declaration, with what no benchmark log can say given by the declarer.

        Raises:
            ValueError: the figures make no job.
        """
        return Job(
            job=job,
            site=site,
            operator=operator,
            tenant=tenant,
            kind=self.kind,
            purpose=purpose,
            lineage=lineage,
            chips=chips,
            window=self.window,
            operations=self.operations,
            formula=self.formula,
            counting_rule=self.counting_rule,
            number_format=self.number_format,
            stated=self.stated,
            parameters=self.parameters,
            tokens=self.tokens,
        )
