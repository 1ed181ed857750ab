"""Options that several commands share, and the parsers of what people type."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from allstop.canon import format_instant, parse_decimal, parse_instant
from allstop.cli._output import describe
from allstop.errors import AllstopError, MalformedError, UsageError
from allstop.ids import Digest, Name, parse_digest, parse_name
from allstop.times import Instant, Window
from allstop.units import Quantity, Unit

__all__ = [
    "AgreementDigestOption",
    "AtOption",
    "CosignOption",
    "JSONOption",
    "KeyOption",
    "LogOption",
    "NameArgument",
    "PartyOption",
    "PolicyOption",
    "SiteOption",
    "as_usage",
    "examples",
    "make_noun",
    "option_parser",
    "parse_count",
    "parse_duration",
    "parse_milliwatt",
    "parse_pair",
    "parse_quantity_text",
    "parse_span",
]

T = TypeVar("T")

_LENGTH = re.compile(
    r"P(?=[0-9T])(?:([1-9][0-9]{0,5})D)?(?:T(?=[0-9])(?:([1-9][0-9]{0,5})H)?(?:([1-9][0-9]{0,6})M)?(?:([1-9][0-9]{0,8})(?:\.([0-9]{1,3}))?S)?)?\Z",
    re.ASCII,
)
_WATTS = re.compile(r"(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,3}))?\Z")
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,39})(?:\.([0-9]{1,39}))?(?:e([0-9]{1,2}))?\Z")


def examples(*commands: str) -> str:
    """Return the end of a command's help: what to type. A line that goes on is broken with a backslash."""
    lines = "\n".join("  $ " + command.replace("\n", " \\\n  ") for command in commands)
    return f"\b\nExamples:\n{lines}"


def make_noun(name: str, text: str) -> typer.Typer:
    """Return the group of commands of one noun."""
    return typer.Typer(name=name, help=text, no_args_is_help=True, rich_markup_mode=None)


def as_usage(make: Callable[[], T]) -> T:
    """Return what `make` returns; what it refuses was typed by the user, so it is an error of usage.

    Raises:
        UsageError: a value was refused.
    """
    try:
        return make()
    except MalformedError as exc:
        raise UsageError(exc.message, hint=exc.hint) from exc
    except ValueError as exc:
        raise UsageError(str(exc)) from exc


def option_parser(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Make a parser of ours one for an option: what it refuses names the option."""

    def convert(text: str) -> T:
        try:
            return parse(text)
        except (AllstopError, ValueError) as exc:
            raise typer.BadParameter(describe(exc)) from exc

    return convert


def parse_pair(text: str, *, form: str) -> tuple[str, str]:
    """Parse `LEFT=RIGHT`.

    Raises:
        UsageError: it is not in that form.
    """
    left, equals, right = text.partition("=")
    if not (left and equals and right):
        raise UsageError(f"found {text[:64]!r}, want {form}")
    return left, right


def parse_count(text: str) -> int:
    """Parse a number without sign, with `_` nowhere and at most forty digits."""
    return parse_decimal(text)


def parse_milliwatt(text: str) -> int:
    """Parse watts with up to three decimals into milliwatts.

    Raises:
        UsageError: it is not such a number.
    """
    match = _WATTS.match(text)
    if match is None:
        raise UsageError(f"found {text[:24]!r}, want watts such as 10200 or 712.5")
    return int(match[1]) * 1000 + int((match[2] or "").ljust(3, "0"))


def _parse_amount(text: str) -> int:
    match = _AMOUNT.match(text)
    whole, fraction, exponent = match.groups("") if match else ("", "", "")
    places = int(exponent or "0") - len(fraction)
    if match is None or places < 0:
        raise UsageError(f"found {text[:48]!r}, want a whole number such as 1268357529600 or 1.27e21")
    amount: int = int(whole + fraction) * 10**places
    return amount


def parse_quantity_text(text: str, unit: Unit) -> Quantity:
    """Parse `AMOUNT` or `LOW..HIGH`; an amount is whole and may be written `1.27e21`.

    Raises:
        UsageError: it is not in that form, or low is above high.
    """
    low, dots, high = text.partition("..")
    bounds = (_parse_amount(low), _parse_amount(high if dots else low))
    return as_usage(lambda: Quantity(low=bounds[0], high=bounds[1], unit=unit))


def parse_duration(text: str) -> int:
    """Parse days, hours, minutes and seconds such as `P1D`, `PT90M` or `PT3412.165S` into milliseconds.

    Raises:
        UsageError: it is not in that form, or nothing.
    """
    match = _LENGTH.match(text)
    if match is None:
        raise UsageError(f"found {text[:24]!r}, want a length of time such as P1D, PT36H or PT90M")
    days, hours, minutes, seconds = (int(part or "0") for part in match.groups()[:4])
    total = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + int((match[5] or "").ljust(3, "0"))
    if total == 0:
        raise UsageError("length of time is nothing, want at least one second")
    return total


def parse_span(start: Instant, end: Instant) -> Window:
    """Return the window from `start` until `end`.

    Raises:
        UsageError: it ends before it starts.
    """
    if not start < end:
        raise UsageError(
            f"window is {format_instant(start)} until {format_instant(end)}, want it the other way"
        )
    return Window(start=start, end=end)


NameArgument = Annotated[Name, typer.Argument(metavar="NAME", parser=option_parser(parse_name))]

JSONOption = Annotated[bool, typer.Option("--json", help="Print the result as canonical JSON.")]

LogOption = Annotated[
    Path | None,
    typer.Option(
        "--log",
        metavar="DIR",
        help="Folder made by `allstop log init`; without it ALLSTOP_LOG, else ./log-desk.",
    ),
]

PartyOption = Annotated[
    Name,
    typer.Option(
        "--party", metavar="NAME", parser=option_parser(parse_name), help="Party that makes the statement."
    ),
]

KeyOption = Annotated[
    list[Path],
    typer.Option(
        "--key",
        metavar="FILE",
        help="Private key of the party; give it again until the party's threshold is met.",
    ),
]

CosignOption = Annotated[
    list[str] | None,
    typer.Option(
        "--cosign",
        metavar="PARTY=FILE",
        help="Private key with which another party signs the same statement; may be given again.",
    ),
]

SiteOption = Annotated[
    Name,
    typer.Option(
        "--site", metavar="NAME", parser=option_parser(parse_name), help="Site, as it was declared."
    ),
]

PolicyOption = Annotated[
    Path | None,
    typer.Option(
        "--policy", metavar="FILE", help="Policy to trust, from outside the case: log, witnesses, quorum."
    ),
]

AgreementDigestOption = Annotated[
    Digest | None,
    typer.Option(
        "--agreement",
        metavar="DIGEST",
        parser=option_parser(parse_digest),
        help="Digest of the agreement to trust, from outside the case.",
    ),
]

AtOption = Annotated[
    Instant | None,
    typer.Option(
        "--at",
        metavar="INSTANT",
        parser=option_parser(parse_instant),
        help="Reference time such as 2026-11-23T09:30:00Z; without it the newest that the case proves.",
    ),
]
