"""Rules are read from the docstrings of the functions that decide them."""

from collections.abc import Callable

import pytest

from allstop.finding import RULE_HEADINGS, format_rule, order_rules, read_rule


def find_copy() -> None:
    """TEL-003: a series repeats another.

    What it detects:
        Two series whose readings
        are the same.
    Why it matters:
        One of them was not measured.
    Known problems:
        Blind to noise: added on purpose.
    Example: meter-4 repeats meter-3
    How to resolve: file the real readings
    Basis:
        spec/telemetry.md section 4
    """


def find_gap() -> None:
    """TEL-001: a gap.

    What it detects: nothing
    Why it matters: nothing
    Known problems: none
    Example: none
    How to resolve: none
    Basis: none
    """


def lacks_basis() -> None:
    """TEL-001: a gap.

    What it detects: nothing
    """


def lacks_title() -> None:
    """Find a gap."""


def test_a_rule_has_code_title_and_six_texts() -> None:
    """Lines are joined; a colon inside a text is not a heading."""
    rule = read_rule(find_copy)
    assert (rule.code, rule.title) == ("TEL-003", "a series repeats another")
    assert tuple(heading for heading, _ in rule.sections) == RULE_HEADINGS
    texts = dict(rule.sections)
    assert texts["What it detects"] == "Two series whose readings are the same."
    assert texts["Known problems"] == "Blind to noise: added on purpose."
    assert texts["Example"] == "meter-4 repeats meter-3"


def test_a_rule_prints_as_a_page() -> None:
    """The page has the title and each heading once."""
    page = format_rule(read_rule(find_copy))
    assert page.startswith("# TEL-003: a series repeats another\n\n## What it detects\n\nTwo series")
    assert page.count("\n## ") == len(RULE_HEADINGS)


@pytest.mark.parametrize("function", [lacks_basis, lacks_title, lambda: None])
def test_a_rule_without_its_headings_is_refused(function: Callable[[], None]) -> None:
    """A missing heading or title is an error, so that no rule goes undocumented."""
    with pytest.raises(ValueError, match=r"rule "):
        read_rule(function)


def test_rules_are_ordered_by_code_and_a_code_is_used_once() -> None:
    """Two rules with one code would make `explain` ambiguous."""
    copy, gap = read_rule(find_copy), read_rule(find_gap)
    assert (gap, copy) == order_rules([copy, gap])
    with pytest.raises(ValueError, match="two rules have the code TEL-003"):
        order_rules([copy, gap, copy])
