"""`allstop claims`: every claim that allstop makes, what shows it, and what it does not show."""

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import JSON
from allstop.cli._options import JSONOption, examples, option_parser
from allstop.cli._output import emit, format_table
from allstop.errors import UsageError
from allstop.ids import Name, parse_name

if TYPE_CHECKING:
    from allstop.config import Chapter, Claim, Place

__all__ = ["register"]

_WIDTH = 90


def register(app: typer.Typer) -> None:
    """Add the command to the tree."""
    app.command(
        "claims",
        epilog=examples(
            "allstop claims", "allstop claims withholding-never-helps", "allstop claims --limits"
        ),
    )(_claims)


def _claims(
    name: Annotated[
        Name | None,
        typer.Argument(
            metavar="[ID]",
            parser=option_parser(parse_name),
            autocompletion=lambda incomplete: _complete(incomplete),
            help="Id of one claim; without it, all are listed.",
        ),
    ] = None,
    limits: Annotated[
        bool, typer.Option("--limits", help="Beside each claim, what it does not show.")
    ] = False,
    as_json: JSONOption = False,
) -> None:
    """Print what allstop claims, the tests or benchmarks that show it, and the limit of each claim.

    A test of the project fails when a claim names no test, when the words that make it are gone, or when a
    number in the README has no source.
    """
    from allstop.config import find_claim, load_claims

    chapters = load_claims()
    if name is None:
        emit(_chapters_as_json(chapters), _list(chapters, with_limits=limits), as_json=as_json)
        return
    if limits:
        raise UsageError("found an id and --limits", hint=f"all of it: allstop claims {name}")
    claim = find_claim(chapters, name)
    emit(_as_json(claim), _show(claim), as_json=as_json)


def _complete(incomplete: str) -> list[str]:
    from allstop.config import load_claims

    ids = (claim.id for chapter in load_claims() for claim in chapter.claims)
    return [one for one in ids if one.startswith(incomplete)]


def _list(chapters: "tuple[Chapter, ...]", *, with_limits: bool) -> Iterator[str]:
    count = sum(len(chapter.claims) for chapter in chapters)
    for chapter in chapters:
        yield f"{chapter.title}"
        for claim in chapter.claims:
            yield f"  {claim.id}"
            yield from _wrap(claim.claim)
            if with_limits:
                yield from _wrap(f"But: {claim.limit}")
        yield ""
    yield f"{count} claims; what shows one: allstop claims ID"


def _show(claim: "Claim") -> Iterator[str]:
    yield claim.id
    yield from _wrap(claim.claim)
    yield "But"
    yield from _wrap(f"{claim.limit} ({claim.see.page})")
    yield "Shown by"
    yield from (f"    {node}" for node in claim.tests)
    yield from (f"    {one.page}: {one.words}" for one in claim.bench)
    yield "Said in"
    yield from ("    " + line for line in format_table([(one.page, _quote(one)) for one in claim.made]))
    if claim.figures:
        yield "Figures"
        rows = [(_quote(one.made), f"{one.source.page}: {one.source.words}") for one in claim.figures]
        yield from ("    " + line for line in format_table(rows))


def _quote(place: "Place") -> str:
    return f'"{place.words}"'


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="    ")


def _chapters_as_json(chapters: "tuple[Chapter, ...]") -> JSON:
    return [
        {
            "title": chapter.title,
            "claims": [_as_json(claim) for claim in chapter.claims],
            "unclaimed": [{**_place(one.place), "reason": one.reason} for one in chapter.unclaimed],
        }
        for chapter in chapters
    ]


def _as_json(claim: "Claim") -> JSON:
    return {
        "id": claim.id,
        "claim": claim.claim,
        "made": [_place(one) for one in claim.made],
        "tests": list(claim.tests),
        "bench": [_place(one) for one in claim.bench],
        "figures": [{"made": _place(one.made), "source": _place(one.source)} for one in claim.figures],
        "limit": claim.limit,
        "see": _place(claim.see),
    }


def _place(place: "Place") -> dict[str, JSON]:
    return {"page": place.page, "words": place.words}
