"""`allstop site`: the places that an agreement accounts for."""

from typing import Annotated

import typer

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
)
from allstop.ids import Name, parse_name

__all__ = ["app"]

app = make_noun("site", "Declare sites, and plan how to drain them.")


@app.command(epilog=examples("allstop site declare hall-1 --party alder --key alder.key --note 'first hall'"))
def declare(
    name: Annotated[
        Name, typer.Argument(metavar="NAME", parser=option_parser(parse_name), help="Name of the site.")
    ],
    party: PartyOption,
    key: KeyOption,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="For people; no rule reads it.")] = "",
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Declare a site that the party operates. Its chips, meters and jobs hang on this name."""
    from allstop.registry import SITE_PREDICATE, Site

    value = as_usage(lambda: Site(site=name, operator=party, note=note))
    with open_filing(log, party, key, cosign) as filing:
        report_filed("site", filing, filing.file(SITE_PREDICATE, value), as_json=as_json)
