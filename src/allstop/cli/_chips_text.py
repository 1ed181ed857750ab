"""Chips on the command line: `LOT`, the whole lot, or `LOT:FIRST-UNTIL`, counted from 0, the end excluded."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli._options import as_usage, option_parser
from allstop.errors import UsageError
from allstop.ids import Name, parse_name

if TYPE_CHECKING:
    from allstop.app import Desk
    from allstop.finding import ChipRange

__all__ = ["ChipsOption", "CountPerMeterOption", "LotOption", "check_site", "find_chips"]

_RANGE = re.compile(r"([^:]+)(?::(0|[1-9][0-9]{0,9})-(0|[1-9][0-9]{0,9}))?\Z", re.ASCII)

ChipsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--chips",
        metavar="LOT[:FIRST-UNTIL]",
        help="Chips of a lot, such as alder-h100:0-8 for the first eight; may be given again.",
    ),
]
LotOption = Annotated[
    Name,
    typer.Option(
        "--lot", metavar="NAME", parser=option_parser(parse_name), help="Lot, as it was registered."
    ),
]
CountPerMeterOption = Annotated[
    int,
    typer.Option("--chips-per-meter", metavar="N", min=1, help="How many chips each meter covers."),
]


def find_chips(desk: "Desk", texts: Sequence[str]) -> "tuple[ChipRange, ...]":
    """Return the ranges that the texts name, each inside a lot that was registered.

    Raises:
        UsageError: a text is not in the form, or names chips that are not there.
    """
    return tuple(_find_range(desk, text) for text in texts)


def _find_range(desk: "Desk", text: str) -> "ChipRange":
    from allstop.app import find_lot
    from allstop.finding import ChipRange

    match = _RANGE.match(text)
    if match is None:
        raise UsageError(f"found {text[:64]!r} for --chips, want LOT or LOT:FIRST-UNTIL such as lot-1:0-8")
    name, low, high = match.groups()
    lot = find_lot(desk, as_usage(lambda: parse_name(name)))
    first, until = (0, lot.count) if low is None else (int(low), int(high))
    if not first < until <= lot.count:
        raise UsageError(f"{text} is no range of lot {lot.lot}, which has chips 0 to {lot.count - 1}")
    return ChipRange(lot=lot.lot, first=first, until=until)


def check_site(desk: "Desk", site: Name) -> None:
    """Check that a site was declared: a name typed wrongly could not be taken back.

    Raises:
        UsageError: no such site was declared.
    """
    from allstop.app import list_filed
    from allstop.registry import SITE_PREDICATE

    sites = sorted({value.site for _, value in list_filed(desk, SITE_PREDICATE)})
    if site not in sites:
        hint = f"sites are: {', '.join(sites)}" if sites else "declare one with: allstop site declare"
        raise UsageError(f"site {site} was not declared", hint=hint)
