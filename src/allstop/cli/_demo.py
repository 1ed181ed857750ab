"""`allstop demo`: a small case from measurements of this machine, from keys to verdict."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from allstop.cli._options import JSONOption, examples
from allstop.cli._output import progress, say
from allstop.errors import ConflictError

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "demo", epilog=examples("allstop demo", "allstop demo --keep demo-case", "allstop demo --json")
    )(demo)


def demo(
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="DIR", help="Keep keys, log and case in this new or empty folder."),
    ] = None,
    as_json: JSONOption = False,
) -> int:
    """Build a small case from what this machine measures of itself, and audit it.

    Three parties run one process each for ten seconds: Alder works and declares it, Birch idles, Cedar
    works and declares nothing. Nothing is scripted: each verdict follows from the CPU time that was
    metered. Takes about twenty seconds. Exit status 0 means that the demo ran, whatever the verdicts are.
    """
    from allstop.app import run_demo
    from allstop.cli._audit import print_result

    with tempfile.TemporaryDirectory(prefix="allstop-demo-") as temporary:
        folder = Path(temporary) if keep is None else _new_folder(keep)
        with progress("metering") as tick:
            result = run_demo(folder, say=say, tick=tick)
        print_result(result.audit, case="CASE" if keep is None else str(result.case), as_json=as_json)
    if keep is not None:
        say(f"the case is in {result.case}; audit it again with:")
        say(f"  allstop audit {result.case} --policy {result.policy} --agreement {result.agreement}")
    else:
        say("the case was thrown away; keep it with: allstop demo --keep DIR")
    return 0


def _new_folder(path: Path) -> Path:
    """Make the folder, or take it if it is there and empty."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ConflictError(f"{path} is there and not empty", hint="name a new folder")
    path.mkdir(parents=True, exist_ok=True)
    return path
