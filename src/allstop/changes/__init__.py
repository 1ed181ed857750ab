"""Structured changes: how one JSON document becomes another, addressed by the ids of its items.

Knows no format; that a changed document is still an agreement is for `agreement` to say.
"""

from allstop.changes._changes import (
    CHANGES_MAX,
    Change,
    Op,
    apply_changes,
    changes_between,
    format_change,
    item_id,
    parse_change,
    parse_changes,
)

__all__ = [
    "CHANGES_MAX",
    "Change",
    "Op",
    "apply_changes",
    "changes_between",
    "format_change",
    "item_id",
    "parse_change",
    "parse_changes",
]
