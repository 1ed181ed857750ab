"""The rule behind a finding, read from the docstring of its function.

Each rule is one function whose docstring has fixed headings (`allstop explain CODE` prints them), so
that the words a reader sees stand beside the code that decides.
"""

import inspect
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["RULE_HEADINGS", "Rule", "format_rule", "order_rules", "read_rule"]

RULE_HEADINGS = (
    "What it detects",
    "Why it matters",
    "Known problems",
    "Example",
    "How to resolve",
    "Basis",
)
"""Headings that the docstring of a rule has, in this order."""

_TITLE = re.compile(r"([A-Z]{3}-[0-9]{3}): (\S.*)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a rule says of itself: `TEL-003`, a title, and one text for each of `RULE_HEADINGS`."""

    code: str
    title: str
    sections: tuple[tuple[str, str], ...]


def read_rule(function: Callable[..., object]) -> Rule:
    """Read a rule from the docstring of the function that decides it.

    Raises:
        ValueError: the docstring lacks the title line or one of the headings, or has them out of order.
    """
    text = inspect.getdoc(function) or ""
    lines = text.split("\n")
    title = _TITLE.match(lines[0])
    if title is None:
        raise ValueError(f"rule docstring starts with {lines[0][:40]!r}, want 'ABC-001: title'")
    sections: list[tuple[str, list[str]]] = []
    for line in lines[1:]:
        heading, colon, rest = line.partition(":")
        if colon and heading in RULE_HEADINGS:
            sections.append((heading, [rest.strip()]))
        elif sections:
            sections[-1][1].append(line.strip())
    found = tuple(heading for heading, _ in sections)
    if found != RULE_HEADINGS:
        raise ValueError(f"rule {title[1]} has headings {found}, want {RULE_HEADINGS}")
    texts = tuple((heading, " ".join(" ".join(words).split())) for heading, words in sections)
    return Rule(code=title[1], title=title[2].rstrip("."), sections=texts)


def order_rules(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules by code.

    Raises:
        ValueError: two rules share a code.
    """
    ordered = tuple(sorted(rules, key=lambda rule: rule.code))
    for before, after in itertools.pairwise(ordered):
        if before.code == after.code:
            raise ValueError(f"two rules have the code {before.code}")
    return ordered


def format_rule(rule: Rule) -> str:
    """Return the rule as the Markdown page `docs/findings/<CODE>.md`."""
    parts = [f"# {rule.code}: {rule.title}\n"]
    parts.extend(f"## {heading}\n\n{text}\n" for heading, text in rule.sections)
    return "\n".join(parts)
