"""Every clock that a template uses, on four dates: an ordinary one, before a leap day, before each change of clocks.

The due instants are written out, so that a reader with a wall calendar can check them. A template with a clock that is
not in the table fails here until somebody has worked its dates out.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import islice

import pytest

from agreement_examples import template
from allstop.agreement import Duty
from allstop.canon import format_instant, parse_instant
from allstop.clocks import Length, LengthUnit, due, occurrences
from allstop.config import name_agreements
from clock_calendars import VIENNA, ref_end_of_day, ref_shift

TRIGGERS = ("2027-05-03T09:00:00Z", "2028-02-28T09:00:00Z", "2027-03-26T09:00:00Z", "2027-10-29T09:00:00Z")
"""A Monday in May; the Monday before 29 February 2028; the Fridays before the clocks change in Vienna.

Business days skip weekends and, in Vienna as it is here, 29 March 2027.
"""

DUE = {
    (5, "business-days"): [
        "2027-05-10T21:59:59.999Z",
        "2028-03-06T22:59:59.999Z",
        "2027-04-05T21:59:59.999Z",
        "2027-11-05T22:59:59.999Z",
    ],
    (10, "business-days"): [
        "2027-05-17T21:59:59.999Z",
        "2028-03-13T22:59:59.999Z",
        "2027-04-12T21:59:59.999Z",
        "2027-11-12T22:59:59.999Z",
    ],
    (5, "days"): [
        "2027-05-08T21:59:59.999Z",
        "2028-03-04T22:59:59.999Z",
        "2027-03-31T21:59:59.999Z",
        "2027-11-03T22:59:59.999Z",
    ],
    (14, "days"): [
        "2027-05-17T21:59:59.999Z",
        "2028-03-13T22:59:59.999Z",
        "2027-04-09T21:59:59.999Z",
        "2027-11-12T22:59:59.999Z",
    ],
    (30, "days"): [
        "2027-06-02T21:59:59.999Z",
        "2028-03-29T21:59:59.999Z",
        "2027-04-25T21:59:59.999Z",
        "2027-11-28T22:59:59.999Z",
    ],
    (60, "days"): [
        "2027-07-02T21:59:59.999Z",
        "2028-04-28T21:59:59.999Z",
        "2027-05-25T21:59:59.999Z",
        "2027-12-28T22:59:59.999Z",
    ],
    (90, "days"): [
        "2027-08-01T21:59:59.999Z",
        "2028-05-28T21:59:59.999Z",
        "2027-06-24T21:59:59.999Z",
        "2028-01-27T22:59:59.999Z",
    ],
    (120, "days"): [
        "2027-08-31T21:59:59.999Z",
        "2028-06-27T21:59:59.999Z",
        "2027-07-24T21:59:59.999Z",
        "2028-02-26T22:59:59.999Z",
    ],
    (180, "days"): [
        "2027-10-30T21:59:59.999Z",
        "2028-08-26T21:59:59.999Z",
        "2027-09-22T21:59:59.999Z",
        "2028-04-26T21:59:59.999Z",
    ],
    (210, "days"): [
        "2027-11-29T22:59:59.999Z",
        "2028-09-25T21:59:59.999Z",
        "2027-10-22T21:59:59.999Z",
        "2028-05-26T21:59:59.999Z",
    ],
    (24, "hours"): [
        "2027-05-04T09:00:00Z",
        "2028-02-29T09:00:00Z",
        "2027-03-27T09:00:00Z",
        "2027-10-30T09:00:00Z",
    ],
    (36, "hours"): [
        "2027-05-04T21:00:00Z",
        "2028-02-29T21:00:00Z",
        "2027-03-27T21:00:00Z",
        "2027-10-30T21:00:00Z",
    ],
    (72, "hours"): [
        "2027-05-06T09:00:00Z",
        "2028-03-02T09:00:00Z",
        "2027-03-29T09:00:00Z",
        "2027-11-01T09:00:00Z",
    ],
    (1, "months"): [
        "2027-06-03T21:59:59.999Z",
        "2028-03-28T21:59:59.999Z",
        "2027-04-26T21:59:59.999Z",
        "2027-11-29T22:59:59.999Z",
    ],
    (6, "months"): [
        "2027-11-03T22:59:59.999Z",
        "2028-08-28T21:59:59.999Z",
        "2027-09-26T21:59:59.999Z",
        "2028-04-29T21:59:59.999Z",
    ],
    (12, "months"): [
        "2028-05-03T21:59:59.999Z",
        "2029-02-28T22:59:59.999Z",
        "2028-03-26T21:59:59.999Z",
        "2028-10-29T22:59:59.999Z",
    ],
    (2, "weeks"): [
        "2027-05-17T21:59:59.999Z",
        "2028-03-13T22:59:59.999Z",
        "2027-04-09T21:59:59.999Z",
        "2027-11-12T22:59:59.999Z",
    ],
    (3, "years"): [
        "2030-05-03T21:59:59.999Z",
        "2031-02-28T22:59:59.999Z",
        "2030-03-26T22:59:59.999Z",
        "2030-10-29T22:59:59.999Z",
    ],
    (4, "years"): [
        "2031-05-03T21:59:59.999Z",
        "2032-02-28T22:59:59.999Z",
        "2031-03-26T22:59:59.999Z",
        "2031-10-29T22:59:59.999Z",
    ],
}


def lengths_in(value: object) -> Iterator[Length]:
    """Yield every length in a value, however deep."""
    if isinstance(value, Length):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from lengths_in(getattr(value, one.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from lengths_in(item)


def recurring() -> list[tuple[str, Duty]]:
    """Return every duty of a template that recurs."""
    found = []
    for name in name_agreements():
        terms = template(name).duties
        found += [(name, duty) for duty in (terms.duties if terms else ()) if duty.every is not None]
    return found


@pytest.mark.parametrize("name", name_agreements())
def test_every_clock_of_a_template_is_in_the_table(name: str) -> None:
    """No length of a template is without its dates."""
    assert not {(one.amount, one.unit.value) for one in lengths_in(template(name))} - set(DUE)


@pytest.mark.parametrize(("amount", "unit"), sorted(DUE))
def test_every_clock_of_a_template_is_due_when_the_table_says(amount: int, unit: str) -> None:
    """On an ordinary date, over a leap day, into summer time and out of it."""
    span = Length(amount=amount, unit=LengthUnit(unit))
    assert DUE[amount, unit] == [
        format_instant(due(parse_instant(trigger), span, VIENNA)) for trigger in TRIGGERS
    ]


@pytest.mark.parametrize(("name", "duty"), recurring(), ids=lambda one: getattr(one, "name", one))
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_recurring_clocks_of_templates_agree_with_counting(name: str, duty: Duty, trigger: str) -> None:
    """Eight occurrences: each starts so many times the length after the first, and is due by counting days."""
    every, within, first = duty.every, duty.starts[0].within, parse_instant(trigger)
    assert every is not None
    assert not every.unit.is_exact
    day = VIENNA.local_day(first)
    for index, (start, end) in enumerate(
        islice(occurrences(first, within=within, every=every, calendar=VIENNA), 8)
    ):
        begun = ref_shift(day, Length(amount=every.amount * index, unit=every.unit), VIENNA)
        assert begun == VIENNA.local_day(start)
        if not within.unit.is_exact:
            assert ref_end_of_day(ref_shift(begun, within, VIENNA), VIENNA) == end.ms, f"{name} {index}"
