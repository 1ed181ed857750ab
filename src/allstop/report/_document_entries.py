"""Log entries as a report names them: so that whoever doubts a line can look at what it rests on."""

from collections.abc import Sequence

from allstop.report._document import Entry
from allstop.verdict import CaseVerdict

__all__ = ["REFERENCES_MAX", "Entries"]

REFERENCES_MAX = 16
"""Most log entries that one line of a report names; how many more there are is said."""


class Entries:
    """Looks up log entries by index."""

    def __init__(self, verdict: CaseVerdict) -> None:
        self._entries = {entry.index: entry for entry in verdict.case.entries}

    def entry(self, index: int) -> Entry:
        """Return one entry of the log, which must have it."""
        found = self._entries[index]
        return Entry(
            index=index,
            predicate=found.statement.predicate,
            party=found.statement.header.party,
            digest=found.digest,
            proven_by=found.not_after,
        )

    def first(self, indices: Sequence[int]) -> tuple[tuple[Entry, ...], int]:
        """Return the first few entries, and how many more there are."""
        shown = tuple(self.entry(index) for index in indices[:REFERENCES_MAX])
        return shown, len(indices) - len(shown)
