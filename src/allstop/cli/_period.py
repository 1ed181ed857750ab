"""`allstop period`: closing accounting periods."""

from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import format_window, parse_instant
from allstop.cli._filing import open_filing, report_filed
from allstop.cli._options import (
    CosignOption,
    JSONOption,
    KeyOption,
    LogOption,
    PartyOption,
    as_usage,
    examples,
    make_noun,
    option_parser,
    parse_count,
    parse_pair,
    parse_span,
)
from allstop.errors import UsageError
from allstop.ids import Name, parse_name
from allstop.times import Instant, Window

if TYPE_CHECKING:
    from allstop.agreement import Agreement

__all__ = ["app"]

app = make_noun("period", "Close accounting periods.")


@app.command(
    epilog=examples(
        "allstop period close --party alder --key alder.key --period 0",
        "allstop period close --party alder --key alder.key --from 2024-05-17T00:00:00Z --until 2024-05-18T00:00:00Z",
    )
)
def close(
    party: PartyOption,
    key: KeyOption,
    number: Annotated[
        int | None,
        typer.Option(
            "--period",
            metavar="N",
            min=0,
            help="Accounting period of the agreement, counted from 0; may be left out if it has one only.",
        ),
    ] = None,
    start: Annotated[
        Instant | None,
        typer.Option(
            "--from",
            metavar="INSTANT",
            parser=option_parser(parse_instant),
            help="Start of the period, where it hangs on entry into force.",
        ),
    ] = None,
    end: Annotated[
        Instant | None,
        typer.Option("--until", metavar="INSTANT", parser=option_parser(parse_instant), help="Its end."),
    ] = None,
    inventory: Annotated[
        list[str] | None,
        typer.Option(
            "--inventory",
            metavar="LOT=COUNT",
            help="Chips held at the end; without it, what the party has registered less what it filed as gone.",
        ),
    ] = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File how many statements the party has made and which chips it holds, as the last of a period.

    Without it the period is UNDETERMINED: whoever could leave out a last statement unseen would.
    """
    from allstop.app import close_period, inventory_of

    with open_filing(log, party, key, cosign) as filing:
        window = _window(filing.desk.terms, number, start, end)
        held = inventory_of(filing.desk, party) if inventory is None else dict(map(_parse_holding, inventory))
        chain = as_usage(
            lambda: close_period(
                filing.desk, period=window, inventory=held, party=party, signers=filing.signers
            )
        )
        report_filed("period-close", filing, chain, as_json=as_json, extra={"period": format_window(window)})


def _parse_holding(text: str) -> tuple[Name, int]:
    lot, count = parse_pair(text, form="LOT=COUNT for --inventory")
    return as_usage(lambda: (parse_name(lot), parse_count(count)))


def _window(terms: "Agreement", number: int | None, start: Instant | None, end: Instant | None) -> Window:
    """Return the period that is meant: one of the agreement's, or the one typed out."""
    if start is not None and end is not None and number is None:
        return parse_span(start, end)
    if start is not None or end is not None:
        raise UsageError("want either --period, or --from and --until together")
    schedule = terms.accounting.schedule(in_force_from=None)
    if schedule is None:
        raise UsageError(
            "the accounts begin with entry into force, so the period has no number yet",
            hint="give --from and --until",
        )
    if number is None and schedule.count_max != 1:
        raise UsageError(
            f"the agreement has {schedule.count_max} periods", hint="say which one with --period"
        )
    return as_usage(lambda: schedule.window(number or 0))
