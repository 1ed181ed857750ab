"""Checks of what people write into these statements. No rule reads the words; people do."""

from collections.abc import Sequence

__all__ = ["CLAUSES_MAX", "TEXT_CHARS_MAX", "check_clauses", "check_words"]

TEXT_CHARS_MAX = 1024
"""Longest text of a statement about becoming bound or leaving."""

CLAUSES_MAX = 256
"""Most clauses that one statement may name."""


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
    """Check that no clause is named twice. Whether there are such clauses, only the agreement tells.

    Raises:
        ValueError: one is, or there are too many.
    """
    if len(clauses) > CLAUSES_MAX:
        raise ValueError(f"there are {len(clauses)} clauses, want at most {CLAUSES_MAX}")
    if len(set(clauses)) != len(clauses):
        raise ValueError("a clause is named twice")
