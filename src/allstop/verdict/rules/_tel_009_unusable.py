"""Rule TEL-009: readings that are held and cannot be used."""

from allstop.verdict._facts import Facts
from allstop.verdict._hits import Hit, hit_on_series

__all__ = ["find_unusable"]


def find_unusable(facts: Facts) -> tuple[Hit, ...]:
    """TEL-009: a series cannot be read, or its meter was never registered.

    What it detects:
        A blob with the right digest that is not in the agreed form, too large, or lacks the series; and
        a series of a meter that its filer has not registered, or has registered at another site.
    Why it matters:
        Without the registration nobody knows which chips the readings speak of; without the agreed form
        nobody can re-derive what they say. The time stays unobserved.
    Known problems:
        None known. A blob that is not held is no finding: only the log can say that it was withheld.

    Example:
        Birch files a Parquet file with a column of text.
    How to resolve:
        File the readings in the form of spec/telemetry.md, for a registered meter.
    Basis:
        spec/telemetry.md; threat-K1.
    """
    hits = []
    for held in facts.series:
        if held.problem is not None:
            hits.append(hit_on_series("TEL-009", held, f"the readings cannot be used: {held.problem}"))
        elif held.meter is None:
            hits.append(hit_on_series("TEL-009", held, f"{held.filed.party} has not registered this meter"))
        elif held.meter.value.site != held.filed.value.site:
            about = f"the meter is registered at {held.meter.value.site}, not at the site of this measurement"
            hits.append(hit_on_series("TEL-009", held, about))
    return tuple(hits)
