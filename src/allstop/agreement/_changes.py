"""Amending an agreement: the changes between two texts, what they make of a text, and what may be amended.

Implements spec/convening.md, sections 5 and 7. Words for changes are in `_change_words`.
"""

from collections.abc import Sequence

from allstop.agreement._agreement import Agreement, agreement_value, format_agreement, parse_agreement
from allstop.canon import format_json, parse_canonical_json
from allstop.changes import Change, apply_changes, changes_between
from allstop.errors import MalformedError

__all__ = ["AMENDABLE", "agreement_changes", "amended", "verify_amendable"]

AMENDABLE = ("convening", "obligations")
"""Parts that the table may amend while the agreement is in force.

Not the parties and their keys, the log, or the figures by which a verdict is reached: who changes those makes another
agreement, which needs new deposits. Nor phases, duties and times to answer, whose clocks run already: a change would
reach back to what was due before it.
"""


def agreement_changes(old: Agreement, new: Agreement) -> tuple[Change, ...]:
    """Return the changes that lead from one agreement or template to another.

    Raises:
        MalformedError: there are more than CHANGES_MAX.
    """
    return changes_between(agreement_value(old), agreement_value(new))


def amended(agreement: Agreement, changes: Sequence[Change]) -> Agreement:
    """Return the agreement that these changes make of this one.

    Raises:
        MalformedError: they do not fit the text, or what they make is no agreement.
    """
    value = parse_canonical_json(format_agreement(agreement))
    return parse_agreement(format_json(apply_changes(value, changes)))


def verify_amendable(changes: Sequence[Change]) -> None:
    """Check that only parts are changed that may be amended in force.

    Raises:
        MalformedError: another part is; the place is named.
    """
    for change in changes:
        if change.path[0] not in AMENDABLE:
            raise MalformedError(
                f"{change.place}: cannot be amended in force, only {', '.join(AMENDABLE)} can"
            )
