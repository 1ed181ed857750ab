"""Checks of what people write into these statements. No rule reads the words; people do."""

import re
from collections.abc import Sequence

__all__ = ["CLAUSES_MAX", "TEXT_CHARS_MAX", "check_clauses", "check_words"]

TEXT_CHARS_MAX = 1024
"""Longest text of a statement about becoming bound or leaving."""

CLAUSES_MAX = 256
"""Most clauses that one statement may name."""

_CLAUSE = re.compile(r"[0-9A-Z]{1,6}(?:\.[0-9a-zA-Z]{1,6}){0,5}\Z", re.ASCII)


def check_words(text: str, what: str) -> None:
    """Check that a text says something, is not too long, and hides nothing.

    Raises:
        ValueError: it is not like that.
    """
    if not text:
        raise ValueError(f"{what} is empty")
    if len(text) > TEXT_CHARS_MAX:
        raise ValueError(f"{what} has {len(text)} characters, want at most {TEXT_CHARS_MAX}")
    if text != text.strip() or not all(c.isprintable() or c == "\n" for c in text):
        raise ValueError(f"{what} has space at an end or a character that cannot be printed")


def check_clauses(clauses: Sequence[str]) -> None:
    """Check that each is the number of a clause, named once. Whether there is such a clause, the agreement tells.

    Raises:
        ValueError: one is not, or there are too many.
    """
    if len(clauses) > CLAUSES_MAX:
        raise ValueError(f"there are {len(clauses)} clauses, want at most {CLAUSES_MAX}")
    for clause in clauses:
        if _CLAUSE.match(clause) is None:
            raise ValueError(f"clause is {clause[:24]!r}, want a number such as '4.1'")
    if len(set(clauses)) != len(clauses):
        raise ValueError("a clause is named twice")
