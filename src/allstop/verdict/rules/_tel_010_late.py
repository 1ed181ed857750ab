"""Rule TEL-010: readings of an operator's own meters that were filed after their time."""

from allstop.verdict._facts import Facts
from allstop.verdict._hits import Accounts, Hit, hit_on_series

__all__ = ["find_late_readings"]


def find_late_readings(facts: Facts, accounts: Accounts) -> tuple[Hit, ...]:
    """TEL-010: readings were filed later than every clause allows.

    What it detects:
        A measurement by the operator of a site, or by a party that it controls, that witnesses prove to have
        been filed after the end of a period plus the longest timeliness of the clauses that ask for
        measurements.
    Why it matters:
        Who may wait can look at what others found before saying what its own meters show. In those
        periods the readings clear nothing.
    Known problems:
        Not judged in a retrospective, where every statement is late. The time of filing is the upper
        bound that witnesses prove, so a slow log can make a punctual party late.

    Example:
        March's readings are filed in June, with seven days allowed.
    How to resolve:
        Explain the delay within the time to answer; the time stays unobserved.
    Basis:
        The timeliness of the agreement's clauses; DESIGN section 3, time.
    """
    hits = []
    for held in facts.series:
        late = [window for window in accounts.windows if facts.is_late(held.filed, window)]
        if late:
            hits.append(hit_on_series("TEL-010", held, f"was filed after its time for {len(late)} periods"))
    return tuple(hits)
