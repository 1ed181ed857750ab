"""The tree of commands, and `main`, which turns every way of ending into an exit status.

0 done or consistent, 1 operational error, 2 usage, 3 evidence that does not verify, 4 inconsistent,
5 undetermined, 130 interrupted.
"""

import errno
import functools
import importlib
import importlib.util
import itertools
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException

from allstop import __version__
from allstop.cli import (
    _agreement,
    _agreement_diff,
    _assessment,
    _binding,
    _calendar,
    _case,
    _chip,
    _claims,
    _drain,
    _duties,
    _explain,
    _finding,
    _halt,
    _job,
    _key,
    _log,
    _meter,
    _period,
    _phase,
    _proposal,
    _recipe,
    _signal,
    _site,
    _statement,
    _transcript,
    _witness,
)
from allstop.cli._output import describe, emit, say_error
from allstop.errors import AllstopError

__all__ = ["app", "main"]

_INTERRUPTED = 130
_BROKEN_PIPE = 1

app = typer.Typer(
    name="allstop",
    help=(
        "Stop frontier AI development together, and let anyone check it: agreements as data, signed"
        " evidence in a log, compute accounts, and verdicts that anyone can re-derive."
    ),
    epilog=(
        "Exit status: 0 done or consistent, 1 operational error, 2 usage, 3 evidence that does not verify,"
        " 4 inconsistent, 5 undetermined."
    ),
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"max_content_width": 100},
)

for _commands in (
    _key,
    _agreement,
    _proposal,
    _log,
    _witness,
    _case,
    _site,
    _halt,
    _phase,
    _duties,
    _signal,
    _finding,
    _assessment,
    _chip,
    _meter,
    _job,
    _recipe,
    _transcript,
    _period,
    _statement,
):
    app.add_typer(_commands.app)
_agreement_diff.register(_agreement.app)
_binding.register(_agreement.app)
_calendar.register(_agreement.app)
_drain.register(_site.app)
_duties.register(app)
_explain.register(app)
_claims.register(app)
# Commands that stand alone, without a noun; each module has `register(app)`.
for _name in ("audit", "report", "demo"):
    if importlib.util.find_spec(f"allstop.cli._{_name}") is not None:
        importlib.import_module(f"allstop.cli._{_name}").register(app)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        emit(None, [f"allstop {__version__}"], as_json=False)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where in the program an error arose.")] = False,
) -> None:
    """Read the options that stand before the noun; `main` itself looks for --debug."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. Nothing that a reader can do makes it raise."""
    # Before NumPy is loaded: its products here are too small to share. Two threads that wait for each other made
    # an audit that re-executes three times slower; results are the same with any number.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    given = list(sys.argv[1:] if arguments is None else arguments)
    is_debug = "--debug" in itertools.takewhile(lambda argument: argument.startswith("-"), given)
    try:
        return _run(given)
    except BrokenPipeError:
        _quiet_stdout()
        return _BROKEN_PIPE
    except SystemExit as exc:  # typer's answer to a closed pipe, and to a shell that asks for completion
        _quiet_stdout()
        return exc.code if isinstance(exc.code, int) else 0
    except (KeyboardInterrupt, Abort):
        return _INTERRUPTED
    except Exception as exc:
        if is_debug:
            traceback.print_exc()
        return _explain_failure(exc)


@functools.cache
def _build() -> TyperGroup:
    """Build the tree of commands once."""
    command = typer.main.get_command(app)
    if not isinstance(command, TyperGroup):
        raise TypeError("the tree of commands has no root")
    return command


def _run(arguments: Sequence[str]) -> int:
    result = _build().main(args=arguments, prog_name="allstop", standalone_mode=False)
    sys.stdout.flush()
    return result if isinstance(result, int) else 0


def _explain_failure(exc: Exception) -> int:
    if isinstance(exc, AllstopError):
        say_error(exc.message, exc.hint)
        return exc.exit_status
    if isinstance(exc, TyperException):
        return _explain_usage(exc)
    if isinstance(exc, OSError):
        if exc.errno == errno.EPIPE:
            _quiet_stdout()
            return _BROKEN_PIPE
        where = "" if exc.filename is None else f"{exc.filename!s}: "
        say_error(f"{where}{(exc.strerror or str(exc)).lower()}")
        return 1
    if isinstance(exc, MemoryError):
        say_error("not enough memory for this input")
        return 1
    say_error(
        f"internal error {type(exc).__name__}: {describe(exc)}"[:400],
        "run it again as: allstop --debug ..., and report what it shows",
    )
    return 1


def _explain_usage(exc: TyperException) -> int:
    """Say in the form of the house what the parser of arguments did not like."""
    context = getattr(exc, "ctx", None)
    path = "allstop" if context is None else context.command_path
    if type(exc).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(str(exc) + "\n")
        return 2
    format_message = getattr(exc, "format_message", None)
    message = str(exc) if format_message is None else str(format_message())
    message = message.strip().rstrip(".")
    say_error(message[:1].lower() + message[1:], f"see: {path} --help")
    return int(getattr(exc, "exit_code", 2))


def _quiet_stdout() -> None:
    """Let the interpreter flush into nothing at exit, or it would complain about the closed pipe."""
    try:
        target = os.open(os.devnull, os.O_WRONLY)
        os.dup2(target, sys.stdout.fileno())
    except (OSError, ValueError):
        return
