"""`allstop phase`: which phase runs, since when and why, and what would end it."""

from pathlib import Path
from typing import Annotated

import typer

from allstop.cli._case_reading import read_facts_folder
from allstop.cli._options import (
    AgreementDigestOption,
    AtOption,
    JSONOption,
    PolicyOption,
    examples,
    make_noun,
)
from allstop.cli._output import emit
from allstop.cli._phase_text import phase_lines, phase_value, void_lines, void_value

__all__ = ["app"]

app = make_noun("phase", "See which phase of the agreement runs: before the trigger, paused, easing, ended.")


@app.callback()
def _phase() -> None:
    """See which phase of the agreement runs: before the trigger, paused, easing, ended."""


@app.command(
    epilog=examples(
        "allstop phase show case --policy policy --agreement 5f2c...",
        "allstop phase show case --at 2027-06-01T00:00:00Z --json",
    )
)
def show(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="Folder of the case.")],
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    at: AtOption = None,
    as_json: JSONOption = False,
) -> None:
    """Say which phase runs, since when and why, what would end it, and what is still missing for that.

    The case is verified first. Only what witnesses prove counts. A change is decided once an instant after it
    is proven, so that nothing that comes later undoes it.
    """
    from allstop.standing import standing_of

    facts = read_facts_folder(case, policy=policy, agreement=agreement, at=at)
    standing = standing_of(facts.agreement, facts.state, identity=facts.case.agreement_digest)
    status, void = standing.phases, standing.phase_events.void
    moment = facts.state.at
    value = phase_value(status, at=moment)
    emit(
        {**value, "void": void_value(void)} if isinstance(value, dict) else value,
        [*phase_lines(status, at=moment), *void_lines(void)],
        as_json=as_json,
    )
