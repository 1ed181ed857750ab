"""Rule TEL-008: a measurement says of its readings what they do not say."""

from allstop.finding import Channel
from allstop.ledger import Filed
from allstop.telemetry import Measurement, claim_series
from allstop.units import PPM
from allstop.verdict._facts import Facts, HeldSeries
from allstop.verdict._hits import Hit, hit_on_series

__all__ = ["find_wrong_totals"]


def find_wrong_totals(facts: Facts) -> tuple[Hit, ...]:
    """TEL-008: totals do not match their parts.

    What it detects:
        A series whose count, first or last time, or total differs from what the statement says of it;
        and a stated total of energy that differs from the sum of all its series by more than agreed.
    Why it matters:
        The statement is what readers without the readings see. If it is wrong, they were misled.
    Known problems:
        If blobs of a measurement are not held, its stated total cannot be checked and is not.

    Example:
        A statement over 64 nodes states 408.93 kWh; the readings add up to 350 kWh.
    How to resolve:
        File the measurement again with the totals that the readings have.
    Basis:
        DESIGN section 6, integrity before content; the agreement's tolerance of totals.
    """
    hits = []
    by_entry: dict[int, list[HeldSeries]] = {}
    for held in facts.series:
        by_entry.setdefault(held.key.entry, []).append(held)
        about = _wrong_claim(held)
        if about is not None:
            hits.append(hit_on_series("TEL-008", held, about))
    for filed in facts.state.measurements:
        about = _wrong_sum(facts, filed, by_entry[filed.entry])
        if about is not None:
            hits += [hit_on_series("TEL-008", held, about) for held in by_entry[filed.entry]]
    return tuple(hits)


def _wrong_claim(held: HeldSeries) -> str | None:
    if held.series is None or held.meter is None:
        return None
    claim = held.claim
    true = claim_series(
        meter=claim.meter,
        channel=held.meter.value.channel,
        blob=claim.blob,
        row=claim.row,
        series=held.series,
        stated_from=claim.stated_from,
        stated_until=claim.stated_until,
    )
    for name in ("count", "first", "last", "total"):
        if getattr(true, name) != getattr(claim, name):
            return f"the statement gives another {name} than its readings have"
    return None


def _wrong_sum(facts: Facts, filed: Filed[Measurement], parts: list[HeldSeries]) -> str | None:
    stated = filed.value.stated_total_millijoule
    if stated is None or any(held.series is None or held.meter is None for held in parts):
        return None
    total = sum(
        held.claim.total
        for held in parts
        if held.meter is not None and held.meter.value.channel in (Channel.POWER, Channel.ENERGY)
    )
    if abs(total - stated) * PPM > stated * facts.agreement.verification.total_tolerance_ppm:
        return f"the series add up to {total} mJ, the stated total is {stated} mJ"
    return None
